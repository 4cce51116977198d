"""One run as one sample of Inspect: its record, and its transcript."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from inspect_ai.dataset import Sample
from inspect_ai.event import Event, SampleInitEvent
from inspect_ai.log import EvalError, EvalRetryError, EvalSample
from inspect_ai.model import ChatCompletionChoice, ChatMessage, ChatMessageAssistant, ChatMessageUser, ModelOutput
from inspect_ai.util import SandboxEnvironmentSpec

from pytest_metr.inspect_log.clean import clean, clean_text, instant, number, stable_id, written
from pytest_metr.inspect_log.course import Course
from pytest_metr.inspect_log.parts import in_parts, scoring_part
from pytest_metr.inspect_log.scores import final_events, final_scores, score_events
from pytest_metr.inspect_log.telling import Telling, error_of
from pytest_metr.inspect_log.usage import sample_limit, usage_by_model, whole
from pytest_metr.types import FailedTry, Finding, RunRecord

#: Inspect's name for no model.
NO_MODEL = "none/none"
#: What of a record stands in the metadata of its sample under its own name.
_METADATA = (
    "run_id",
    "status",
    "family",
    "family_hash",
    "task_version",
    "human_minutes",
    "human_source",
    "bracket",
    "domains",
    "split",
    "success_threshold",
    "agent",
    "agent_identity",
    "model",
    "scaffold",
    "canary_found",
    "observed",
    "notes",
    "durations",
    "limits",
    "limit_hit",
    "usage",
    "failure",
    "failed_tries",
    "sandbox",
    "control",
    "nodeid",
    "transcript",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A sample, and by kind how many events of its transcript could not be read as what they say they are."""

    sample: EvalSample
    unmapped: Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All that is known of one run.

    :param id: of its sample.
    :param weight: its share in the agent's overall score; None where it has none.
    :param finding: what people who read it say of it.
    """

    id: str
    epoch: int
    record: RunRecord
    session: str
    weight: float | None = None
    finding: Finding | None = None


def make_sample(run: Run, transcript: Iterable[Mapping[str, Any]]) -> Made:
    """Return the sample of a run.

    :param transcript: its events, as :func:`~pytest_metr.report.reading.read_transcript` yields them; none where it
        has no transcript.
    :raises OSError: where the transcript cannot be read.
    """
    record = run.record
    course = Course((run.session, record.run_id), record.started_at)
    scored = list(score_events(record, course))
    telling = Telling(course)
    for event in transcript:
        telling.take(event)
    course.pass_to(record.completed_at)
    metadata = _metadata(run)
    messages, output = _conversation(telling, record, course)
    init = _init(run, telling.instructions, metadata, course)
    told = list(heapq.merge(_in_order(telling.events), scored, key=lambda event: event.timestamp))
    parts = in_parts([init, *told], course)
    sample = EvalSample(
        id=run.id,
        epoch=run.epoch,
        input=telling.instructions,
        target="",
        sandbox=_sandbox(record),
        messages=messages,
        output=output,
        scores=final_scores(record) or None,
        metadata=metadata,
        events=[*parts, *scoring_part(list(final_events(record, course)), course)],
        model_usage=usage_by_model(record.usage.models),
        started_at=written(record.started_at),
        completed_at=written(record.completed_at),
        total_time=_total(record),
        working_time=number(record.usage.working_seconds),
        uuid=stable_id(run.session, record.run_id),
        error=_error(record),
        error_retries=[_retry(failed) for failed in record.failed_tries] or None,
        limit=sample_limit(record.limit_hit) if record.limit_hit is not None else None,
        token_limit=record.limits.tokens,
        time_limit=whole(record.limits.wall_seconds),
    )
    return Made(sample=sample, unmapped=course.unmapped)


def _in_order(events: list[Event]) -> list[Event]:
    """Return events by the times at which they began: one that took long is told of when it is over."""
    return sorted(events, key=lambda event: event.timestamp)


def _metadata(run: Run) -> dict[str, Any]:
    data = run.record.to_json()
    found = {key: data[key] for key in _METADATA if data[key] not in (None, [], {})}
    found["weight"] = run.weight
    if run.finding is not None:
        found["reading"] = run.finding.to_json()
    cleaned: dict[str, Any] = clean(found)
    return cleaned


def _init(run: Run, instructions: str, metadata: dict[str, Any], course: Course) -> SampleInitEvent:
    """Return the event of the beginning; it is before all others."""
    sample = Sample(id=run.id, input=instructions, target="", metadata=metadata)
    begun = instant(run.record.started_at) or course.begun
    return SampleInitEvent(**course.place_at(begun), sample=sample, state={})


def _conversation(telling: Telling, record: RunRecord, course: Course) -> tuple[list[ChatMessage], ModelOutput]:
    """Return the messages of a run, and what came out of it.

    Where no model was asked through us, they are the instructions and what was submitted.
    """
    untold = telling.tools.untold()
    messages, output = telling.models.conversation()
    if output is not None:
        return [*messages, *untold], output
    name = clean_text(record.model or NO_MODEL)
    if telling.instructions:
        messages = [ChatMessageUser(id=course.new_id("message"), content=telling.instructions, source="input")]
    if not record.submission:
        return [*messages, *untold], ModelOutput(model=name)
    submitted = ChatMessageAssistant(
        id=course.new_id("message"), content=clean_text(record.submission), metadata={"submission": True}
    )
    choice = ChatCompletionChoice(message=submitted, stop_reason="unknown")
    return [*messages, *untold, submitted], ModelOutput(model=name, choices=[choice])


def _sandbox(record: RunRecord) -> SandboxEnvironmentSpec | None:
    if record.sandbox is None:
        return None
    return SandboxEnvironmentSpec(clean_text(record.sandbox.provider), clean_text(record.sandbox.image))


def _total(record: RunRecord) -> float | None:
    """Return the seconds from the beginning of a run to its end."""
    begun, ended = instant(record.started_at), instant(record.completed_at)
    return max(0.0, (ended - begun).total_seconds()) if begun is not None and ended is not None else None


def _error(record: RunRecord) -> EvalError | None:
    """Return what kept a run from having a result. An agent that failed has one: its score."""
    failure = record.failure
    if record.status != "infra_error":
        return None
    if failure is None:
        return error_of("infra_error", "", {})
    return error_of(failure.cause, failure.message, failure.evidence)


def _retry(failed: FailedTry) -> EvalRetryError:
    text = clean_text(f"{failed.cause}: {failed.message}")
    return EvalRetryError(message=text, traceback="", traceback_ansi="")
