"""Whether the tasks themselves are sound: a reference solution passes them, and doing nothing does not.

The runs of the controls (agents of the kinds ``oracle`` and ``noop``) must be of the very tasks that the agent was
given: the same task id, the same version, the same hash of the family's files.
"""

from __future__ import annotations

from collections.abc import Callable

from pytest_metr.protocol.checks.evidence import Evidence, Finding, counted, naming, unknown
from pytest_metr.protocol.rows import is_success
from pytest_metr.types import RunRow

_Key = tuple[str, str | None, str | None]


def oracle_passes(evidence: Evidence) -> Finding:
    """Number of tasks on which the reference solution does not pass."""
    return _control(
        evidence,
        "oracle",
        "the reference solution passes",
        bad="the reference solution does not pass",
        good=lambda row: is_success(row, evidence.protocol),
    )


def noop_fails(evidence: Evidence) -> Finding:
    """Number of tasks on which an agent that does nothing passes."""
    return _control(
        evidence,
        "noop",
        "doing nothing fails",
        bad="doing nothing passes",
        good=lambda row: not is_success(row, evidence.protocol),
    )


def _control(evidence: Evidence, kind: str, claim: str, *, bad: str, good: Callable[[RunRow], bool]) -> Finding:
    outcomes: dict[_Key, list[bool]] = {}
    # The controls are agents themselves: their own runs answer for them.
    for row in evidence.controls:
        if row.agent_kind == kind and row.has_score and row.family_hash is not None:
            outcomes.setdefault(_key(row), []).append(good(row))
    tasks = evidence.tasks
    if not tasks:
        return unknown("no task was to be run")
    if not outcomes:
        return unknown(f"there is no run of an agent of the kind {kind} beside this agent's")
    wrong = [task for task, rows in tasks.items() if not all(all(outcomes.get(_key(row), ())) for row in rows)]
    if wrong:
        told = f"{bad} {len(wrong)} of {counted(len(tasks), 'task')}{naming(wrong)}"
        return Finding(figure=len(wrong), sentence=told)
    bare = [task for task, rows in tasks.items() if not all(_key(row) in outcomes for row in rows)]
    if bare:
        same = "of the same version and files"
        told = f"{len(bare)} of {counted(len(tasks), 'task')} have no run of an agent of the kind {kind} {same}"
        return unknown(told + naming(bare))
    return Finding(figure=0, sentence=f"{claim} on each of {counted(len(tasks), 'task')}")


def _key(row: RunRow) -> _Key:
    return row.task_id, row.task_version, row.family_hash
