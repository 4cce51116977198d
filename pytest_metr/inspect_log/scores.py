"""Scores of a run, as Inspect's scores and score events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from inspect_ai.event import ScoreEvent
from inspect_ai.scorer import CORRECT, INCORRECT, Score

from pytest_metr.inspect_log.clean import clean, clean_text, instant, shown
from pytest_metr.inspect_log.course import Course
from pytest_metr.types import RunRecord

#: The names of the two scores of a sample: the number, and whether it is above the task's threshold.
SCORE, PASSED = "score", "passed"
_OUTPUT_ORDER = ("stdout", "stderr", "exit_code")


def final_scores(record: RunRecord) -> dict[str, Score]:
    """Return the scores of a run: none where it has none."""
    if record.score is None:
        return {}
    answer = clean_text(record.submission) if record.submission is not None else None
    metadata = clean({"success_threshold": record.success_threshold, "status": record.status, "notes": record.notes})
    passed = CORRECT if record.passed else INCORRECT
    return {
        SCORE: Score(value=record.score, answer=answer, explanation=_explanation(record), metadata=metadata),
        PASSED: Score(value=passed, answer=answer, metadata={"success_threshold": record.success_threshold}),
    }


def score_events(record: RunRecord, course: Course) -> Iterator[ScoreEvent]:
    """Yield the intermediate scores of a run, in the order in which they were taken.

    :param course: the beginning of which is the earliest that they have.
    """
    last: datetime = course.now
    for number, entry in enumerate(record.intermediate_scores, start=1):
        last = max(last, instant(entry.scored_at) or last)
        metadata = {"number": number, "elapsed_seconds": entry.elapsed_seconds, "details": entry.details}
        message = shown(entry.message) if entry.message is not None else None
        yield ScoreEvent(
            **course.place_at(last),
            score=Score(value=entry.score, explanation=message, metadata=clean(metadata)),
            scorer=SCORE,
            intermediate=True,
        )


def final_events(record: RunRecord, course: Course) -> Iterator[ScoreEvent]:
    """Yield the scores of a run as events at its end."""
    for name, score in final_scores(record).items():
        yield ScoreEvent(**course.place(), score=score, scorer=name, intermediate=False)


def _explanation(record: RunRecord) -> str | None:
    """Return what the task said while it scored."""
    said = record.scoring_output
    names = [name for name in _OUTPUT_ORDER if name in said] + [name for name in said if name not in _OUTPUT_ORDER]
    parts = [f"{name}:\n{shown(said[name])}" for name in names if said[name] not in ("", None)]
    return clean_text("\n\n".join(parts)) or None
