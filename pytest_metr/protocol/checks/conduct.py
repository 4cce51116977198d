"""Whether the agent was given a fair chance, and took it: freezing, refusals, format errors, early ends.

Source: METR's guidelines for capability elicitation v0.1 (elicit on the dev split, then measure once on the test split;
check that the agent follows instructions, uses its tools and does not give up), the figures in this package's reading.
What was seen in the runs are counts by name, see docs/react.md; of an agent that counts nothing, nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from pytest_metr.protocol.checks.evidence import Evidence, Finding, counted, naming, run_name, unknown
from pytest_metr.types import RunRow

REFUSALS = ("refusal", "filtered")
EARLY_ENDS = ("gave_up", "submitted_at_once", "empty_submission")
#: What an agent does that does not do as it was told: what it says is no call of a tool, or it hands in nothing.
NOT_AS_TOLD = ("no_call", "gave_up", "empty_submission", "submitted_at_once")


def frozen(evidence: Evidence) -> Finding:
    """Number of runs of the test split by an agent that was not frozen before, or has changed since."""
    runs = [row for row in evidence.all_rows if row.split == "test" and row.has_score]
    if not runs:
        return unknown("no run of a task of the split test has a score")
    known = [row for row in runs if row.agent_frozen is not None]
    if len(known) < len(runs):
        return unknown(f"of {len(runs) - len(known)} of {counted(len(runs), 'test run')} it is not known")
    loose = [run_name(row) for row in runs if not row.agent_frozen]
    if not loose:
        return Finding(figure=0, sentence=f"the agent was frozen before each of {counted(len(runs), 'test run')}")
    told = f"the agent was not frozen, or has changed since, in {len(loose)} of {counted(len(runs), 'test run')}"
    return Finding(figure=len(loose), sentence=told + naming(loose))


def refused(evidence: Evidence) -> Finding:
    """Share of the runs with a score in which the model, its maker or a filter declined to answer."""
    return _share(evidence, REFUSALS, "the model, its maker or a filter declined to answer")


def gave_up_early(evidence: Evidence) -> Finding:
    """Share of the runs with a score that the agent ended without an answer, or before it had done anything."""
    return _share(evidence, EARLY_ENDS, "the agent gave up, handed in nothing, or handed in before doing anything")


def instructions_followed(evidence: Evidence) -> Finding:
    """Share of the runs with a score in which every reply was a call of a tool, and something was handed in."""
    return _of_watched(
        evidence,
        lambda rows: _finding(
            rows, [row for row in rows if not _seen(row, NOT_AS_TOLD)], "the agent did as it was told"
        ),
    )


def malformed_calls(evidence: Evidence) -> Finding:
    """Calls of tools that are not there, or with arguments that do not fit, per hundred calls."""

    def find(rows: Sequence[RunRow]) -> Finding:
        wrong = sum((row.observed or {}).get("malformed_call", 0) for row in rows)
        calls = wrong + sum(row.actions or 0 for row in rows)
        if not calls:
            return unknown("the agent called no tool")
        names = [run_name(row) for row in rows if _seen(row, ("malformed_call",))]
        told = f"{wrong} of {counted(calls, 'call')} could not be understood"
        return Finding(figure=100 * wrong / calls, sentence=told + naming(names))

    return _of_watched(evidence, find)


def _share(evidence: Evidence, names: Collection[str], what: str) -> Finding:
    return _of_watched(evidence, lambda rows: _finding(rows, [row for row in rows if _seen(row, names)], what))


def _finding(rows: Sequence[RunRow], among: Sequence[RunRow], what: str) -> Finding:
    found = f"{what} in {len(among)} of {counted(len(rows), 'run')} with a score"
    some = [run_name(row) for row in among] if len(among) < len(rows) else []
    return Finding(figure=len(among) / len(rows), sentence=found + naming(some))


def _of_watched(evidence: Evidence, find: Callable[[Sequence[RunRow]], Finding]) -> Finding:
    rows = evidence.scored
    if not rows:
        return unknown("no run has a score")
    if not evidence.watched:
        return unknown("nobody counted what the agent did")
    return find(rows)


def _seen(row: RunRow, names: Collection[str]) -> bool:
    return any((row.observed or {}).get(name) for name in names)
