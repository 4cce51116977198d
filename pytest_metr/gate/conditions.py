"""What must be known of an agent before any rule can pass: coverage, tasks, runs, checks."""

from __future__ import annotations

import fnmatch
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from pytest_metr.gate import words
from pytest_metr.gate.evidence import is_counted, is_missing
from pytest_metr.gate.model import Gate
from pytest_metr.texts import printable
from pytest_metr.types import CheckResult, EvaluationProtocol, RunRow


def unmet_conditions(gate: Gate, agent: str, rows: Sequence[RunRow], protocol: EvaluationProtocol) -> list[str]:
    """Return a sentence for each condition of the gate that the runs of *agent* do not meet."""
    counted = [row for row in rows if is_counted(row, protocol)]
    missing = [row for row in rows if is_missing(row, protocol)]
    tasks = sorted({row.task_id for row in counted})
    found = (
        *_coverage(gate, len(counted), missing),
        *_number_of_tasks(gate, tasks),
        *_absent_tasks(gate, tasks),
        *_few_runs(gate, counted, missing),
    )
    return [f"{words.name(agent)}: {sentence}" for sentence in found]


def unread_families(broken: int) -> list[str]:
    """Return the sentence about families that could not be read: how many runs they lack, nobody knows."""
    if not broken:
        return []
    return [f"{words.count(broken, 'family', 'families')} could not be read, so an unknown number of runs is missing"]


def required_checks(gate: Gate, made: Iterable[CheckResult]) -> list[CheckResult]:
    """Return the results of the checks that the gate requires, in its order; one that was not made is unknown."""
    by_name = {check.name: check for check in made}
    return [
        by_name.get(name)
        or CheckResult(name=name, figure=None, bound=None, verdict="unknown", sentence="it was not made")
        for name in gate.checks
    ]


def unmet_checks(agent: str, checks: Iterable[CheckResult]) -> list[str]:
    """Return a sentence for each check that did not pass."""
    ways = {"failed": "failed", "unknown": "has no answer"}
    return [
        f"{words.name(agent)}: the check {check.name} {ways[check.verdict]}: {printable(check.sentence)}"
        for check in checks
        if check.verdict != "passed"
    ]


def _coverage(gate: Gate, counted: int, missing: Sequence[RunRow]) -> list[str]:
    planned = counted + len(missing)
    if not missing or counted >= gate.minimum_coverage * planned:
        return []
    causes = Counter(words.name(row.cause or row.status) for row in missing)
    by_cause = ", ".join(f"{cause} {number}" for cause, number in causes.most_common(5))
    have = "has" if len(missing) == 1 else "have"
    return [
        f"{len(missing)} of {words.count(planned, 'run')} {have} no score ({by_cause}): the coverage is "
        f"{words.quantity('coverage', counted / planned, beside=gate.minimum_coverage)}, and "
        f"the gate asks for {words.share(gate.minimum_coverage)}"
    ]


def _number_of_tasks(gate: Gate, tasks: Sequence[str]) -> list[str]:
    if len(tasks) >= gate.minimum_tasks:
        return []
    count = "counts" if len(tasks) == 1 else "count"
    return [f"{words.count(len(tasks), 'task')} {count}, and the gate asks for at least {gate.minimum_tasks}"]


def _absent_tasks(gate: Gate, tasks: Sequence[str]) -> list[str]:
    absent = [pattern for pattern in gate.task_patterns if not _matches_any(pattern, tasks)]
    return [f"no task that counts is {words.few(absent)}"] if absent else []


def _matches_any(pattern: str, tasks: Sequence[str]) -> bool:
    # An id may itself hold what a glob gives a meaning.
    return pattern in tasks or any(fnmatch.fnmatchcase(task, pattern) for task in tasks)


def _few_runs(gate: Gate, counted: Sequence[RunRow], missing: Sequence[RunRow]) -> list[str]:
    """Compare the scored runs of each task with the minimum, but for tasks that staging left out altogether."""
    scored: dict[str, int] = defaultdict(int)
    for row in (*counted, *missing):
        if not row.zero_by_rule:
            scored[row.task_id] += row.has_score
    few = sorted(task for task, runs in scored.items() if runs < gate.minimum_runs)
    if not few:
        return []
    have = "has" if len(few) == 1 else "have"
    return [
        f"{words.count(len(few), 'task')} {have} fewer than {words.count(gate.minimum_runs, 'run')} with a score: "
        f"{words.few([f'{task} ({scored[task]})' for task in few])}"
    ]
