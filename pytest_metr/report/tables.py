"""The numbers of a report: coverage, and one agent's scores over all, by bracket and by task."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from pytest_metr.types import EvaluationProtocol, RunRecord

#: What became of a run that gave evidence about its agent.
FINISHED = ("scored", "limit", "agent_error")


def has_score(run: RunRecord) -> bool:
    """Whether the run counts in the overall score."""
    return run.status in FINISHED and run.score is not None


def coverage(runs: Sequence[RunRecord], planned: int) -> dict[str, Any]:
    """Return how many runs ended how; nothing that was planned is missing from the sum.

    ``planned + unplanned = finished + needs_score + infra_error + not_run``.

    :param planned: how many of *runs* were planned; the others were made by somebody's own tests.
    """
    by_status: Counter[str] = Counter(run.status for run in runs)
    causes: dict[str, Counter[str]] = defaultdict(Counter)
    for run in runs:
        if run.status not in ("scored", "needs_score"):
            causes[run.status][_cause(run)] += 1
    return {
        "planned": planned,
        "unplanned": len(runs) - planned,
        "finished": sum(by_status[status] for status in FINISHED),
        "scored": by_status["scored"],
        "limit": by_status["limit"],
        "agent_error": by_status["agent_error"],
        "needs_score": by_status["needs_score"],
        "infra_error": by_status["infra_error"],
        "not_run": by_status["not_run"],
        "causes": {status: dict(sorted(causes[status].items())) for status in sorted(causes)},
    }


def _cause(run: RunRecord) -> str:
    if run.status == "limit" and run.limit_hit is not None:
        return run.limit_hit.name
    return run.failure.cause if run.failure is not None else "unknown"


def bracket_rows(runs: Sequence[RunRecord], protocol: EvaluationProtocol) -> list[dict[str, Any]]:
    """Return a row for each bracket with runs, rising, with the runs in no bracket at the end.

    These are counts; the scores of the brackets are the protocol's.
    """
    groups: dict[str | None, list[RunRecord]] = {bracket.name: [] for bracket in protocol.brackets}
    groups[None] = []
    for run in runs:
        groups[protocol.bracket_of(run.human_minutes)].append(run)
    return [_bracket_row(name, group) for name, group in groups.items() if group]


def _bracket_row(name: str | None, runs: Sequence[RunRecord]) -> dict[str, Any]:
    by_status = Counter(run.status for run in runs)
    scored = [run for run in runs if has_score(run)]
    return {
        "bracket": name,
        "tasks": len({run.task_id for run in runs}),
        "runs": len(runs),
        "runs_with_score": len(scored),
        "passed": sum(bool(run.success) for run in scored),
        "infra_error": by_status["infra_error"],
        "needs_score": by_status["needs_score"],
        "not_run": by_status["not_run"],
    }


def task_rows(runs: Sequence[RunRecord], protocol: EvaluationProtocol) -> list[dict[str, Any]]:
    """Return a row for each task, in the order of its first run."""
    groups: dict[str, list[RunRecord]] = defaultdict(list)
    for run in runs:
        groups[run.task_id].append(run)
    return [_task_row(task_id, group, protocol) for task_id, group in groups.items()]


def _task_row(task_id: str, runs: Sequence[RunRecord], protocol: EvaluationProtocol) -> dict[str, Any]:
    scored = [run for run in runs if has_score(run)]
    scores = [run.score for run in scored if run.score is not None]
    return {
        "task_id": task_id,
        "task_version": runs[0].task_version,
        "human_minutes": runs[0].human_minutes,
        "bracket": protocol.bracket_of(runs[0].human_minutes),
        "runs": len(runs),
        "scores": scores,
        "mean_score": _mean(scores),
        "passed": sum(bool(run.success) for run in scored),
    }


def _mean(values: Sequence[float]) -> float | None:
    return _total(values) / len(values) if values else None


def _total(values: Sequence[float]) -> float:
    """Return the sum without rounding between the terms; values that are not finite make it so, never an error."""
    try:
        return math.fsum(values)
    except (ValueError, OverflowError):  # inf - inf, or a sum beyond the largest float
        return sum(values)
