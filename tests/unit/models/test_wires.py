"""Both APIs: what goes in comes out again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent.models import WIRES, Message, Reply, Request, ToolCall, ToolSpec, Wire
from pytest_metr.agent.models.errors import CutShort
from pytest_metr.agent.models.transport import _events
from pytest_metr.types import TokenCounts
from tests.unit.agent.fakes import PATIENT

OPENAI, ANTHROPIC = WIRES
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SOME_TEXT = TEXT.filter(bool)
NAMES = st.text("abcdef_", min_size=1, max_size=8)
ARGUMENTS = st.dictionaries(NAMES, st.one_of(st.integers(-5, 5), TEXT, st.booleans(), st.none()), max_size=3)
CALLS = st.builds(ToolCall, id=NAMES, name=NAMES, arguments=ARGUMENTS.map(json.dumps))
ASSISTANTS = st.builds(
    Message,
    role=st.just("assistant"),
    text=SOME_TEXT,
    calls=st.lists(CALLS, max_size=3, unique_by=lambda c: c.id).map(tuple),
)
COUNTS = st.builds(TokenCounts, input=st.integers(20, 99), cached=st.integers(0, 10), output=st.integers(9, 20))


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Message, ...]:
    """Conversations whose turns alternate, as both APIs want them."""
    messages = [Message(role="system", text=draw(SOME_TEXT)), Message(role="user", text=draw(SOME_TEXT))]
    for _ in range(draw(st.integers(0, 3))):
        said = draw(ASSISTANTS)
        messages.append(said)
        messages += [Message(role="tool", text=draw(TEXT), call_id=call.id) for call in said.calls]
        if not said.calls:
            messages.append(Message(role="user", text=draw(SOME_TEXT)))
    return tuple(messages)


TOOLS = st.lists(
    st.builds(ToolSpec, name=NAMES, description=TEXT, parameters=st.just({"type": "object", "properties": {"a": {}}})),
    max_size=2,
).map(tuple)
REQUESTS = st.builds(
    Request,
    model=NAMES,
    messages=conversations(),
    tools=TOOLS,
    max_tokens=st.integers(1, 99),
    sampling=st.fixed_dictionaries(
        {}, optional={"temperature": st.floats(0, 2), "stop": st.lists(SOME_TEXT, min_size=1)}
    ),
)


def stop_of(reply: Message) -> st.SearchStrategy[Any]:
    return st.just("tool_calls") if reply.calls else st.sampled_from(["end", "length"])


REPLIES = ASSISTANTS.flatmap(
    lambda message: st.builds(Reply, message=st.just(message), stop=stop_of(message), tokens=COUNTS)
)
wires = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)


@wires
@PATIENT
@given(request=REQUESTS)
def test_a_request_is_the_same_after_its_body(wire: Wire, request: Request) -> None:
    body = json.loads(json.dumps(wire.body(request)))
    assert wire.request(body) == request


@wires
@PATIENT
@given(reply=REPLIES)
def test_a_reply_is_the_same_after_its_response(wire: Wire, reply: Reply) -> None:
    response = json.loads(json.dumps(wire.response(reply, model="m", id="x")))
    assert wire.reply(response) == reply


@wires
@PATIENT
@given(reply=REPLIES, size=st.integers(1, 50))
def test_a_response_is_the_same_after_a_stream_of_events(wire: Wire, reply: Reply, size: int) -> None:
    response = wire.response(reply, model="m", id="x")
    data = b"".join(wire.events(response, include_usage=True))
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    assert wire.reply(wire.collect(_events(chunks))) == reply


@wires
@PATIENT
@given(reply=REPLIES, share=st.floats(0, 1))
def test_a_stream_that_is_cut_is_told_and_never_taken_for_an_answer(wire: Wire, reply: Reply, share: float) -> None:
    events = list(_events(wire.events(wire.response(reply, model="m", id="x"))))
    cut = events[: int(share * (len(events) - 1))]
    with pytest.raises(CutShort):
        wire.collect(cut)


@pytest.mark.parametrize(
    ("message", "text", "stop"),
    [
        ({"content": None, "refusal": "I will not."}, "I will not.", "refusal"),
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "ab", "end"),
        ({"content": "x", "tool_calls": None}, "x", "end"),
        ({"content": "", "tool_calls": [{"function": {"name": "bash", "arguments": {"a": 1}}}]}, "", "tool_calls"),
        ({}, "", "end"),
    ],
)
def test_what_compatible_servers_leave_out_or_add_is_borne(message: dict[str, Any], text: str, stop: str) -> None:
    reply = OPENAI.reply({"choices": [{"message": message, "finish_reason": "stop"}]})
    assert (reply.message.text, reply.stop, reply.tokens) == (text, stop, None)
    for call in reply.message.calls:
        assert json.loads(call.arguments) == {"a": 1}
        assert call.id


@wires
@pytest.mark.parametrize("response", [{}, {"choices": []}, {"choices": [{}]}, {"content": None}, {"choices": "x"}])
def test_what_is_no_answer_is_told(wire: Wire, response: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        wire.reply(response)


def test_cached_and_reasoning_tokens_are_apart() -> None:
    usage: dict[str, Any] = {"prompt_tokens": 100, "completion_tokens": 50}
    usage["prompt_tokens_details"] = {"cached_tokens": 80}
    usage["completion_tokens_details"] = {"reasoning_tokens": 30}
    assert OPENAI.tokens({"usage": usage}) == TokenCounts(input=100, cached=80, output=50, reasoning=30)
    usage = {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 80, "cache_creation_input_tokens": 9}
    assert ANTHROPIC.tokens({"usage": usage}) == TokenCounts(input=99, cached=80, cache_written=9, output=5)


def test_what_only_its_maker_can_read_goes_back_unchanged() -> None:
    thinking = {"type": "thinking", "thinking": "hm", "signature": "abc"}
    call = {"type": "tool_use", "id": "1", "name": "bash", "input": {}}
    response = {"content": [thinking, call], "stop_reason": "tool_use"}
    reply = ANTHROPIC.reply(response)
    body = ANTHROPIC.body(Request(model="m", messages=(Message(role="user", text="x"), reply.message)))
    assert body["messages"][1]["content"] == [thinking, call]


def test_results_of_several_tools_are_one_turn_of_anthropics() -> None:
    calls = tuple(ToolCall(id=name, name="bash", arguments="{}") for name in "ab")
    results = tuple(Message(role="tool", call_id=name, text=name) for name in "ab")
    messages = (Message(role="user", text="x"), Message(role="assistant", calls=calls), *results)
    turns = ANTHROPIC.body(Request(model="m", messages=messages))["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert [block["tool_use_id"] for block in turns[2]["content"]] == ["a", "b"]
