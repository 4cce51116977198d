"""A transcript as Inspect's events: every event of it has a place, whatever it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from inspect_ai.event import ErrorEvent, Event, InfoEvent, SampleLimitEvent
from inspect_ai.log import EvalError

from pytest_metr.inspect_log.clean import clean, clean_text, number, shown
from pytest_metr.inspect_log.course import Course
from pytest_metr.inspect_log.machine import ran, read, written
from pytest_metr.inspect_log.model_calls import UNREADABLE, ModelCalls
from pytest_metr.inspect_log.tool_calls import MALFORMED, TOOLS, ToolCalls
from pytest_metr.inspect_log.usage import LIMIT_TYPES
from pytest_metr.report.reading import DAMAGED

Told = Mapping[str, Any]
#: The score at the end, which the run's record has as well, has these keys; an agent's own call of the tool has none.
_FINAL = ("output", "notes")


class Telling:
    """Takes the events of a transcript one by one.

    :ivar events: in the order in which they began.
    :ivar instructions: the task's, once they have been told.
    """

    def __init__(self, course: Course) -> None:
        self.events: list[Event] = []
        self.instructions = ""
        self.models = ModelCalls(course)
        self.tools = ToolCalls(course, self.models)
        self._course = course
        self._makers: Mapping[str, Callable[[Told], Event | None]] = {
            "model_request": self.models.request,
            "model_response": self.models.response,
            "model_failed": self.models.failed,
            "exec": lambda event: ran(event, course),
            "spawn": lambda event: ran(event, course),
            "read_file": lambda event: read(event, course),
            "write_file": lambda event: written(event, course),
            "limit": self._limit,
            "error": self._error,
            "task": self._task,
            "intermediate_score": lambda _: None,
            MALFORMED: self.tools.malformed,
            **dict.fromkeys(TOOLS, self.tools.used),
        }

    def take(self, event: Told) -> None:
        """Take one event. One that is not what its kind says goes in as it is, and is counted."""
        self._course.pass_to(event.get("at"))
        kind = str(event["kind"])
        make = self._makers.get(kind, self._info)
        if kind == "score" and any(key in event for key in _FINAL):
            return
        try:
            made = make(event)
        except UNREADABLE:
            self._course.unmapped[clean_text(kind)] += 1
            made = self._info(event)
        if kind == DAMAGED:
            self._course.unmapped[DAMAGED] += 1
        if made is not None:
            self.events.append(made)

    def _info(self, event: Told) -> InfoEvent:
        """Return an event that Inspect has no other place for."""
        data = {key: value for key, value in event.items() if key not in ("n", "at", "kind")}
        text = data["text"] if list(data) == ["text"] else None
        return InfoEvent(
            **self._course.place(),
            source=clean_text(str(event["kind"])),
            data=clean(text if isinstance(text, str) else data),
        )

    def _task(self, event: Told) -> Event:
        if not isinstance(event["instructions"], str):
            raise TypeError("expected instructions")
        self.instructions = clean_text(event["instructions"])
        return self._info({key: value for key, value in event.items() if key != "instructions"})

    def _limit(self, event: Told) -> Event:
        name = str(event["name"])
        return SampleLimitEvent(
            **self._course.place(),
            type=LIMIT_TYPES[name],
            message=f"{name}: {shown(event.get('used'))} of {shown(event.get('allowed'))} used",
            limit=number(event.get("allowed")),
        )

    def _error(self, event: Told) -> Event:
        error = error_of(str(event["cause"]), str(event["message"]), event.get("evidence"))
        return ErrorEvent(**self._course.place(), error=error)


def error_of(cause: str, message: str, evidence: Any) -> EvalError:
    """Return an error, with the evidence of it in the place of the traceback, which is not known."""
    parts = evidence.items() if isinstance(evidence, Mapping) else ()
    text = clean_text("\n\n".join(f"{name}:\n{shown(part)}" for name, part in parts))
    return EvalError(message=clean_text(f"{cause}: {message}"), traceback=text, traceback_ansi=text)
