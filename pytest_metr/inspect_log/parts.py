"""The parts of a sample's course, as spans: the viewer folds them, and tells the agent's work from what is around it."""

from __future__ import annotations

from collections.abc import Sequence

from inspect_ai.event import Event, InfoEvent, ScoreEvent, SpanBeginEvent, SpanEndEvent

from pytest_metr.inspect_log.course import Course

#: The events of a transcript by which a run is set up, before the agent begins.
_SETTING_UP = ("run", "task", "start")


def in_parts(events: Sequence[Event], agent: str, course: Course) -> list[Event]:
    """Return events in the order of their times, with the spans ``init``, the agent's, and ``scorers`` around them.

    :param agent: its name.
    """
    begun = 0
    for place, event in enumerate(events):
        if isinstance(event, InfoEvent) and event.source in _SETTING_UP:
            begun = place + 1
    while begun < len(events) and isinstance(events[begun], ScoreEvent):
        begun += 1  # the score of the task as the agent finds it
    return [
        *_part(events[:begun], "init", "init", course),
        *_part(events[begun:], agent, "agent", course),
    ]


def scoring_part(events: Sequence[Event], course: Course) -> list[Event]:
    """Return the final scores as a part of their own."""
    return _part(events, "scorers", "scorers", course)


def _part(events: Sequence[Event], name: str, kind: str, course: Course) -> list[Event]:
    if not events:
        return []
    id = course.new_id("span")
    for event in events:
        event.span_id = id
    begin = SpanBeginEvent(**course.place_at(events[0].timestamp), id=id, span_id=id, type=kind, name=name)
    end = SpanEndEvent(**course.place_at(events[-1].timestamp), id=id, span_id=id)
    return [begin, *events, end]
