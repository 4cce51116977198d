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
    lines = []
    # A session that was taken up again in spite of a change can have several.
    for fix in dict.fromkeys(_words(run) for run in guided):
        tasks: dict[str, list[Run]] = {}
        for run in guided:
            if _words(run) == fix:
                tasks.setdefault(run["task_id"], []).append(run)
        rows = [_cells(task, own) for task, own in sorted(tasks.items())]
        lines += [printable(f"agent {guided[0]['agent']}, guided by {fix}"), *format_table(_TITLES, rows), ""]
    return [
        *lines,
        "guided runs are in no number of unguided ones; pytest-metr score --elicitation --guided tells of them",
    ]


def _words(run: Run) -> str:
    guidance = Guidance.from_json(run["guidance"])
    return f"a {guidance.fix}: {' '.join(guidance.why.split())}"


def _cells(task: str, runs: Sequence[Run]) -> list[str]:
    scores = [run["score"] for run in runs if isinstance(run["score"], (int, float))]
    mean = f"{sum(scores) / len(scores):.3f}" if scores else "-"
    return [printable(task), str(len(runs)), str(sum(run["success"] is True for run in runs)), mean]
