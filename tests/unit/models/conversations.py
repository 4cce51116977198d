"""Conversations, replies and JSON of every sort, for property tests."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from pytest_metr.agent.models import Message, Reply, Request, ToolCall, ToolSpec
from pytest_metr.agent.models.chat import StopReason
from pytest_metr.types import TokenCounts

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
#: Texts in which there is something to be seen, as Anthropic's API wants them.
SEEN = TEXT.filter(lambda text: bool(text.strip()))
NAMES = st.text("abcdefgh_-0123456789", min_size=1, max_size=8)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=3)
#: The text of arguments as both wires write it.
ARGUMENTS = OBJECTS.map(json.dumps)
COUNTS = st.builds(
    lambda plain, cached, written, said, thought: TokenCounts(
        input=plain + cached + written, cached=cached, cache_written=written, output=said + thought, reasoning=thought
    ),
    *[st.integers(0, 10**6)] * 5,
)
TOOLS = st.builds(
    ToolSpec, name=NAMES, description=TEXT, parameters=OBJECTS.map(lambda more: {"type": "object", "properties": more})
)


@st.composite
def calls(draw: st.DrawFn) -> tuple[ToolCall, ...]:
    """Draw calls of tools, with ids of their own."""
    made = draw(st.lists(st.tuples(NAMES, ARGUMENTS), max_size=3))
    return tuple(ToolCall(id=f"call_{n}", name=name, arguments=text) for n, (name, text) in enumerate(made))


@st.composite
def assistants(draw: st.DrawFn, text: st.SearchStrategy[str]) -> Message:
    """Draw a turn of the model: words, calls, or both."""
    made = draw(calls())
    return Message(role="assistant", text=draw(st.just("") | text if made else text), calls=made)


@st.composite
def requests(draw: st.DrawFn, text: st.SearchStrategy[str] = TEXT) -> Request:
    """Draw a conversation as agents have them: in turns, each call with its result."""
    messages = [Message(role="system", text=draw(SEEN))] if draw(st.booleans()) else []
    messages.append(Message(role="user", text=draw(text)))
    for _ in range(draw(st.integers(0, 3))):
        turn = draw(assistants(text))
        messages.append(turn)
        messages += [Message(role="tool", text=draw(TEXT), call_id=call.id) for call in turn.calls]
        if not turn.calls or draw(st.booleans()):
            messages.append(Message(role="user", text=draw(text)))
    sampling = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "temperature": st.floats(0, 2),
                "top_p": st.floats(0.01, 1),
                "stop": st.lists(SEEN, min_size=1, max_size=2),
            },
        )
    )
    return Request(
        model=draw(NAMES),
        messages=tuple(messages),
        tools=tuple(draw(st.lists(TOOLS, max_size=2))),
        max_tokens=draw(st.integers(1, 10**6)),
        sampling=sampling,
        extra=draw(st.dictionaries(NAMES.map(lambda name: f"own-{name}"), JSON, max_size=2)),
    )


@st.composite
def replies(draw: st.DrawFn, text: st.SearchStrategy[str] = TEXT) -> Reply:
    """Draw a reply that a wire can say exactly."""
    message = draw(assistants(text))
    stops: list[StopReason] = ["length", "tool_calls"] if message.calls else ["end", "length", "refusal"]
    return Reply(message=message, stop=draw(st.sampled_from(stops)), tokens=draw(COUNTS))
