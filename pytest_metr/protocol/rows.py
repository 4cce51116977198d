"""Which runs count, and as what."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_metr.types import EvaluationProtocol, RunRow


def counted(rows: Sequence[RunRow], protocol: EvaluationProtocol) -> list[int]:
    """Return the places of the rows that count: with a score, or left out by staging, and of a split that counts."""
    return [
        place
        for place, row in enumerate(rows)
        if (row.score is not None or row.zero_by_rule) and protocol.counts(row.split)
    ]


def score_of(row: RunRow) -> float:
    """Return the score that a counted row counts with: its own, or 0 where staging left the run out."""
    return 0.0 if row.score is None else row.score


def is_success(row: RunRow, protocol: EvaluationProtocol) -> bool:
    """Return whether a counted row is a success: a score strictly above the threshold, METR's binarised score.

    The threshold is the protocol's, if it has one, else the task's own, by which the run was judged when recorded.
    """
    if row.score is None:
        return False
    if protocol.success_threshold is not None:
        return row.score > protocol.success_threshold
    return bool(row.success)
