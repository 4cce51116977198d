"""Requests to models and their answers, as model events with the whole conversation of each."""

from __future__ import annotations

import json
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspect_ai.event import ModelEvent
from inspect_ai.model import ChatCompletionChoice, ChatMessage, ChatMessageAssistant, ModelCall, ModelOutput
from inspect_ai.tool import ToolInfo

from pytest_metr.agent.models import WIRES, Message, ToolCall, Wire
from pytest_metr.inspect_log.clean import clean, clean_text, number, shown
from pytest_metr.inspect_log.course import Course
from pytest_metr.inspect_log.messages import (
    STOPS,
    assistant_message,
    generate_config,
    inspect_tools,
    other_message,
    unread_message,
)
from pytest_metr.inspect_log.usage import inspect_usage, token_counts

Event = Mapping[str, Any]
#: What reading somebody's JSON as a request or an answer raises where it is none.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError)
_WIRES = {wire.name: wire for wire in WIRES}
NO_ANSWER = "the transcript has no answer to this request"


@dataclass(slots=True)
class _Asked:
    """A request: its event, its messages by the messages of the API, and the first request of its conversation."""

    event: ModelEvent
    wire: Wire
    turns: list[tuple[ChatMessage, ...]]
    root: int


class ModelCalls:
    """Makes the model events of one sample.

    A message that several requests have in common is one object in all of them, and so is what a model said and is
    reminded of later: that keeps a log from growing with the square of a conversation.

    :ivar called: the calls of tools in the last answer, as long as nobody has taken them.
    """

    def __init__(self, course: Course) -> None:
        self.called: list[ToolCall] = []
        self._course = course
        self._asked: dict[int, _Asked] = {}
        self._said: dict[Any, deque[ChatMessageAssistant]] = defaultdict(deque)
        self._functions: dict[str, str] = {}
        self._results: dict[str, ChatMessage] = {}
        self._systems: dict[str, ChatMessage] = {}
        self._tools: tuple[str, list[ToolInfo]] = ("", [])

    def request(self, event: Event) -> ModelEvent:
        """Return the event of a request, which an answer may complete.

        :raises ValueError, TypeError, LookupError: where the event is none.
        """
        call, body = int(event["call"]), event["body"]
        wire = _WIRES[event["wire"]]
        earlier = self._asked[event["of"]] if event["of"] is not None else None
        kept = earlier.turns[: event["kept"]] if earlier is not None else []
        turns = [*kept, *(self._turn(wire, raw) for raw in event["messages"])]
        request = wire.request({**body, "messages": [], "tools": None})
        made = ModelEvent(
            **self._course.place(),
            model=clean_text(str(event["model"])),
            input=[*map(self._system, request.messages), *(message for turn in turns for message in turn)],
            tools=self._offered(wire, body.get("tools")),
            tool_choice="auto",
            config=generate_config(request),
            output=ModelOutput(model=clean_text(str(event["model"]))),
            call=ModelCall(request=clean(body)),
            error=NO_ANSWER,
        )
        root = earlier.root if earlier is not None and kept else call
        self._asked[call] = _Asked(event=made, wire=wire, turns=turns, root=root)
        return made

    def response(self, event: Event) -> None:
        """Complete the event of a request with its answer.

        :raises ValueError, TypeError, LookupError: where the event is none, or its request is not there.
        """
        asked = self._asked[int(event["call"])]
        made, body = asked.event, event["body"]
        self._answered(made, event)
        assert made.call is not None
        made.call.response = clean(dict(body))
        made.output.usage = inspect_usage(token_counts(event.get("tokens")), event.get("cost"))
        reply = asked.wire.reply(body)
        message = assistant_message(reply.message, id=self._course.new_id("message"), model=made.model)
        self._said[_key(reply.message)].append(message)
        self._functions.update((call.id, clean_text(call.name)) for call in reply.message.calls)
        self.called = list(reply.message.calls)
        made.output = ModelOutput(
            model=made.model,
            choices=[ChatCompletionChoice(message=message, stop_reason=STOPS[reply.stop])],
            usage=made.output.usage,
            time=made.output.time,
        )

    def failed(self, event: Event) -> None:
        """Complete the event of a request that got no answer.

        :raises ValueError, TypeError, LookupError: where the event is none, or its request is not there.
        """
        made = self._asked[int(event["call"])].event
        self._answered(made, event)
        status = f" (status {shown(event['status'])})" if event.get("status") is not None else ""
        made.error = f"{shown(event.get('cause'))}: {shown(event.get('message'))}{status}"

    def result(self, call_id: str) -> ChatMessage | None:
        """Take the message by which a model was told what came of a call, where it has been by now.

        It is taken away, since some servers give all calls the same id.
        """
        return self._results.pop(call_id, None)

    def conversation(self) -> tuple[list[ChatMessage], ModelOutput | None]:
        """Return the main conversation as it was at its end, and the model's last answer in it.

        Requests are of one conversation where they begin alike; the main one is that with the most requests.
        """
        if not self._asked:
            return [], None
        [(root, _)] = Counter(asked.root for asked in self._asked.values()).most_common(1)
        last = [asked.event for asked in self._asked.values() if asked.root == root][-1]
        answers = [choice.message for choice in last.output.choices]
        return [*last.input, *answers], last.output

    def _answered(self, made: ModelEvent, event: Event) -> None:
        made.error = None
        made.completed = self._course.now
        made.working_time = made.output.time = number(event.get("seconds"))
        retries = event.get("retries")
        made.retries = retries if isinstance(retries, int) and 0 <= retries < 2**31 else None

    def _turn(self, wire: Wire, raw: Any) -> tuple[ChatMessage, ...]:
        """Return a message of the API, of which Anthropic's may be several of ours."""
        try:
            messages = wire.request({"messages": [raw]}).messages
        except UNREADABLE:
            self._course.unmapped["message"] += 1
            return (unread_message(raw, id=self._course.new_id("message")),)
        return tuple(self._message(message) for message in messages)

    def _message(self, message: Message) -> ChatMessage:
        if message.role == "assistant":
            said = self._said.get(_key(message))
            if said:
                return said.popleft()
            self._functions.update((call.id, clean_text(call.name)) for call in message.calls)
            return assistant_message(message, id=self._course.new_id("message"))
        function = self._functions.get(message.call_id or "")
        made = other_message(message, id=self._course.new_id("message"), function=function)
        if message.call_id:
            self._results[message.call_id] = made
        return made

    def _system(self, message: Message) -> ChatMessage:
        """Return the system's message of an API that has it beside the conversation, the same object each time."""
        if message.text not in self._systems:
            self._systems[message.text] = other_message(message, id=self._course.new_id("message"))
        return self._systems[message.text]

    def _offered(self, wire: Wire, tools: Any) -> list[ToolInfo]:
        """Return the tools of a request, which are mostly those of the one before."""
        key = json.dumps(tools)
        if key != self._tools[0]:
            try:
                made = inspect_tools(wire.request({"messages": [], "tools": tools}).tools)
            except UNREADABLE:
                self._course.unmapped["tools"] += 1
                made = []
            self._tools = (key, made)
        return self._tools[1]


def _key(message: Message) -> Any:
    return message.text, message.calls
