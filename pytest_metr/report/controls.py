"""What the terminal shows of attempts whose scores are known: which of them got another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_metr.report.layout import format_table
from pytest_metr.texts import printable
from pytest_metr.types import Control

Run = Mapping[str, Any]

_TITLES = ("task", "control", "kind", "score", "expected", "fits")
#: So many columns of words come before those of numbers.
_WORDS = 3


def control_lines(runs: Sequence[Run], *, verbose: bool) -> list[str]:
    """Return how many controls scored what is written of them, and a table of those that did not; nothing without any.

    :param runs: of the report.
    :param verbose: whether the table has all of them.
    """
    controls = [(run, Control.from_json(run["control"])) for run in runs if run["control"] is not None]
    if not controls:
        return []
    right = [_right(run, control) for run, control in controls]
    shown = [pair for pair, fits in zip(controls, right, strict=True) if verbose or not fits]
    families = len({run["family"] for run, _ in controls})
    lines = [f"controls: {sum(right)} of {len(right)} in {families} families scored what is written of them"]
    if shown:
        cells = [_cells(run, control) for run, control in shown]
        lines += ["", *format_table(_TITLES, cells, words=range(_WORDS))]
    return lines


def _right(run: Run, control: Control) -> bool:
    return run["score"] is not None and control.admits(run["score"])


def _cells(run: Run, control: Control) -> list[str]:
    score = run["status"] if run["score"] is None else f"{run['score']:.4g}"
    fits = "yes" if _right(run, control) else "no"
    return [printable(str(cell)) for cell in (run["task_id"], control.name, control.kind, score, control.range, fits)]
