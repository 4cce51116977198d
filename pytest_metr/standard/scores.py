"""What the values mean that scoring methods return."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_metr.errors import TaskError
from pytest_metr.standard.call import Reply
from pytest_metr.types import Record, ScoreEntry

#: How many bytes of JSON are kept of an intermediate score's message, and of its details.
KEPT_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalScore(Record):
    """The end of scoring.

    :param score: finite; None where a person must score.
    :param notes: why the score is not simply what the task returned.
    :param output: what the task printed while scoring: ``stdout``, ``stderr``, ``exit_code``.
    """

    score: float | None
    notes: tuple[str, ...] = ()
    output: dict[str, str] = field(default_factory=dict)


def final_score(reply: Reply, where: str) -> FinalScore:
    """Read the value of ``score`` or ``aggregate_scores``; *where* names the method for messages.

    :raises TaskError: (cause ``task_score``) where it is neither a number nor None.
    """
    value = _number(reply.value, reply, where)
    method = where.rsplit(" ", 1)[-1]
    if value is None:
        return FinalScore(score=None, notes=(f"{method} returned None: a person must score",), output=reply.output)
    if not math.isfinite(value):
        notes = (f"{method} returned {value}, which is no valid score: counted as 0",)
        return FinalScore(score=0.0, notes=notes, output=reply.output)
    return FinalScore(score=value, output=reply.output)


def intermediate_entry(reply: Reply, where: str, *, scored_at: str, elapsed_seconds: float) -> ScoreEntry:
    """Read the value of ``intermediate_score``: ``{score, message, details}``, or the bare score of older families.

    None as a score is no valid score, and becomes NaN.

    :raises TaskError: (cause ``task_score``) where it is something else.
    """
    found = reply.value if isinstance(reply.value, dict) else {"score": reply.value}
    if "score" not in found:
        keys = ", ".join(map(repr, found)) or "no key"
        raise TaskError(
            f"{where}: expected a dict with 'score', found {keys}"[:1000], cause="task_score", evidence=reply.output
        )
    score = _number(found["score"], reply, f"{where}: score")
    return ScoreEntry(
        score=math.nan if score is None else score,
        message={} if found.get("message") is None else found["message"],
        details={} if found.get("details") is None else found["details"],
        scored_at=scored_at,
        elapsed_seconds=elapsed_seconds,
    )


def bounded(entry: ScoreEntry) -> ScoreEntry:
    """Return *entry* as it is shown and kept: message or details above ``KEPT_LIMIT`` become a text that says so."""
    return replace(entry, message=_bounded(entry.message, "message"), details=_bounded(entry.details, "details"))


def _bounded(value: Any, name: str) -> Any:
    size = len(json.dumps(value).encode())
    return value if size <= KEPT_LIMIT else f"<{name} left out: {size} bytes of JSON, {KEPT_LIMIT} are kept at most>"


def log_argument(log: Iterable[ScoreEntry]) -> list[dict[str, Any]]:
    """Return the ``score_log`` that ``aggregate_scores`` is given."""
    return [
        {
            "scored_at": entry.scored_at,
            "elapsed_seconds": entry.elapsed_seconds,
            "score": entry.score,
            "message": entry.message,
            "details": entry.details,
        }
        for entry in log
    ]


def _number(value: Any, reply: Reply, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    kind = reply.type_name if value is reply.value else type(value).__name__
    raise TaskError(
        f"{where}: expected a number or None, found {value!r:.200} ({kind})", cause="task_score", evidence=reply.output
    )
