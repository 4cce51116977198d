"""The parts of a sample's course, as the spans that Inspect has around its own, so that its viewer folds them alike."""

from __future__ import annotations

from collections.abc import Sequence

from inspect_ai.event import Event, InfoEvent, ScoreEvent, SpanBeginEvent, SpanEndEvent

from pytest_metr.inspect_log.course import Course

#: The events of a transcript by which a run is set up, before the agent begins.
_SETTING_UP = ("run", "task", "start")


def in_parts(events: Sequence[Event], course: Course) -> list[Event]:
    """Return events with the span ``init`` around the setting up, and ``solvers`` around the agent's work.

    :param events: in the order of their times.
    """
    begun = 0
    for place, event in enumerate(events):
        if isinstance(event, InfoEvent) and event.source in _SETTING_UP:
            begun = place + 1
    while begun < len(events) and isinstance(events[begun], ScoreEvent):
        begun += 1  # the score of the task as the agent finds it
    return [
        *_part(events[:begun], "init", course),
        *_part(events[begun:], "solvers", course),
    ]


def scoring_part(events: Sequence[Event], course: Course) -> list[Event]:
    """Return the final scores as a part of their own."""
    return _part(events, "scorers", course)


def _part(events: Sequence[Event], name: str, course: Course) -> list[Event]:
    if not events:
        return []
    id = course.new_id("span")
    for event in events:
        event.span_id = id
    begin = SpanBeginEvent(**course.place_at(events[0].timestamp), id=id, span_id=id, type=name, name=name)
    end = SpanEndEvent(**course.place_at(events[-1].timestamp), id=id, span_id=id)
    return [begin, *events, end]
