"""What the terminal shows of guided runs: what became of failures that were run again with a declared fix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_metr.report.layout import format_table
from pytest_metr.texts import printable
from pytest_metr.types import Guidance

Run = Mapping[str, Any]

_TITLES = ("task", "runs", "passed", "mean\nscore")


def guided_lines(runs: Sequence[Run]) -> list[str]:
    """Return how many guided runs there were of each task, and how they ended; nothing without any.

    :param runs: those of one agent, of the report.
    """
    guided = [run for run in runs if run["guidance"] is not None]
    if not guided:
        return []
    guidance = Guidance.from_json(guided[0]["guidance"])
    lines = [
        printable(f"agent {guided[0]['agent']}, guided by a {guidance.fix}: {' '.join(guidance.why.split())}"),
        "guided runs are in no number of unguided ones; pytest-metr score --elicitation --guided tells of them",
    ]
    tasks: dict[str, list[Run]] = {}
    for run in guided:
        tasks.setdefault(run["task_id"], []).append(run)
    return [*lines, "", *format_table(_TITLES, [_cells(task, own) for task, own in sorted(tasks.items())])]


def _cells(task: str, runs: Sequence[Run]) -> list[str]:
    scores = [run["score"] for run in runs if isinstance(run["score"], (int, float))]
    mean = f"{sum(scores) / len(scores):.3f}" if scores else "-"
    return [printable(task), str(len(runs)), str(sum(run["success"] is True for run in runs)), mean]
