"""What an agent did for its model's calls of tools, as tool events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspect_ai.event import ToolEvent
from inspect_ai.model import ChatMessage, ChatMessageTool
from inspect_ai.tool import ToolCallError

from pytest_metr.agent.models import ToolCall
from pytest_metr.inspect_log.clean import clean, clean_text, number, shown
from pytest_metr.inspect_log.course import Course
from pytest_metr.inspect_log.messages import inspect_call
from pytest_metr.inspect_log.model_calls import ModelCalls

Event = Mapping[str, Any]
#: The kinds of the events of the tools of the agent ``react``, and what a program asks of the gateway likewise.
TOOLS = ("bash", "python", "score", "submit")
MALFORMED = "malformed_call"
#: What an event says of a call beside its arguments.
_OUTCOME = ("score", "output", "exit_code", "seconds", "timed_out", "dropped", "session_ended", "error", "message")
_ABOUT = ("n", "at", "kind", *_OUTCOME)
#: How the event of a submission says that there was one: by the name of the exception that ends the agent's work.
_SUBMITTED = "Submitted"


class ToolCalls:
    """Makes the tool events of one sample, each with the id of the call that it answers."""

    def __init__(self, course: Course, models: ModelCalls) -> None:
        self._course = course
        self._models = models
        self._unanswered: dict[str, ToolEvent] = {}

    def used(self, event: Event) -> ToolEvent:
        """Return the event of a tool that was used."""
        name = str(event["kind"])
        call = self._call(name)
        if name == "score":
            result = shown({key: event.get(key) for key in ("message", "score")})
        else:
            result = shown(event.get("output", ""))
        given = {key: value for key, value in event.items() if key not in _ABOUT}
        return self._made(event, name, call, given, result=result, error=_error(event))

    def malformed(self, event: Event) -> ToolEvent:
        """Return the event of a call that could not be made."""
        name = str(event["name"])
        problem = shown(event.get("problem"))
        given = {"arguments": event.get("arguments")}
        error = ToolCallError("parsing", problem)
        return self._made(event, name, self._call(name), given, result=problem, error=error)

    def match(self) -> None:
        """Let each event know the message that told the model of it, where there is one."""
        for call_id, event in list(self._unanswered.items()):
            message = self._models.result(call_id)
            if message is not None:
                event.message_id = message.id
                if isinstance(message, ChatMessageTool):
                    message.error = event.error
                del self._unanswered[call_id]

    def untold(self) -> list[ChatMessage]:
        """Return what came of calls of which the model was told no more, such as a submission, as messages."""
        self.match()
        told: list[ChatMessage] = []
        for call_id, event in self._unanswered.items():
            message = ChatMessageTool(
                id=self._course.new_id("message"),
                content=event.result if isinstance(event.result, str) else "",
                tool_call_id=clean_text(call_id),
                function=event.function,
                error=event.error,
            )
            event.message_id = message.id
            told.append(message)
        return told

    def _call(self, name: str) -> ToolCall | None:
        """Take the first call in the model's last answer that is one of this tool."""
        called = self._models.called
        found = next((call for call in called if call.name == name), None)
        if found is not None:
            called.remove(found)
        return found

    def _made(
        self,
        event: Event,
        name: str,
        call: ToolCall | None,
        given: Mapping[str, Any],
        *,
        result: str,
        error: ToolCallError | None,
    ) -> ToolEvent:
        self.match()
        seconds, dropped = number(event.get("seconds")), event.get("dropped")
        made = ToolEvent(
            **self._course.place(seconds_ago=seconds),
            id=clean_text(call.id) if call is not None else self._course.new_id("call"),
            function=clean_text(name),
            arguments=inspect_call(call).arguments if call is not None else clean(dict(given)),
            result=result,
            error=error,
            completed=self._course.now,
            working_time=seconds,
            metadata=_metadata(event, dropped),
        )
        if call is not None:
            self._unanswered[call.id] = made
        return made


def _metadata(event: Event, dropped: Any) -> dict[str, Any] | None:
    """Return what an event says of a call that Inspect has no place for."""
    found = {key: event[key] for key in ("exit_code", "timed_out", "session_ended") if key in event}
    if dropped:
        found["dropped_bytes"] = dropped
    cleaned: dict[str, Any] = clean(found)
    return cleaned or None


def _error(event: Event) -> ToolCallError | None:
    if event.get("timed_out") is True:
        return ToolCallError("timeout", f"not done after {shown(event.get('timeout'))} seconds")
    text = event.get("error")
    if text is None or (isinstance(text, str) and text.partition(":")[0] == _SUBMITTED):
        return None
    kind, _, _ = shown(text).partition(":")
    return ToolCallError("limit" if kind == "LimitReached" else "unknown", shown(text))
