"""OpenAI's API, as its maker and the servers that are like it write it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_metr.agent.models import Message, Reply, Request
from pytest_metr.agent.models.errors import CutShort
from pytest_metr.agent.models.openai_wire import OpenAIWire
from pytest_metr.types import TokenCounts

WIRE = OpenAIWire()


def response(finish_reason: object = "stop", **message: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", **message}, "finish_reason": finish_reason}]}


def chunks(*deltas: dict[str, Any], finish: str | None = "stop") -> list[dict[str, Any]]:
    """Return the events of a stream."""
    made = [{"id": "1", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    return [*made, {"id": "1", "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}]


def call(arguments: object, **more: Any) -> dict[str, Any]:
    return {"id": "a", "type": "function", "function": {"name": "bash", "arguments": arguments}, **more}


@pytest.mark.parametrize(
    ("finish_reason", "message", "text", "stop"),
    [
        ("stop", {"content": "hi"}, "hi", "end"),
        ("stop", {"content": None, "tool_calls": None}, "", "end"),
        ("stop", {}, "", "end"),
        ("length", {"content": "hi"}, "hi", "length"),
        ("eos", {"content": "hi"}, "hi", "other"),
        (None, {"content": "hi"}, "hi", "other"),
        ("content_filter", {"content": ""}, "", "refusal"),
        ("stop", {"content": None, "refusal": "I cannot"}, "I cannot", "refusal"),
        ("stop", {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "ab", "end"),
        ("stop", {"content": None, "tool_calls": [call("{}")]}, "", "tool_calls"),
    ],
)
def test_what_servers_leave_out_or_add_is_borne(
    finish_reason: object, message: dict[str, Any], text: str, stop: str
) -> None:
    reply = WIRE.reply(response(finish_reason, **message))
    assert (reply.message.text, reply.stop, reply.tokens) == (text, stop, None)


@pytest.mark.parametrize(
    ("arguments", "text"), [('{"a": 1}', '{"a": 1}'), ({"a": 1}, '{"a": 1}'), (None, "{}"), ("{", "{"), ("", "")]
)
def test_arguments_are_text_whatever_a_server_makes_of_them(arguments: object, text: str) -> None:
    [found] = WIRE.reply(response(tool_calls=[call(arguments)])).message.calls
    assert (found.id, found.name, found.arguments) == ("a", "bash", text)


def test_calls_that_are_none_get_ids_and_empty_names() -> None:
    calls = WIRE.reply(response(tool_calls=["odd", {"function": {"name": "x"}}])).message.calls
    assert [(made.id, made.name) for made in calls] == [("call_0", ""), ("call_1", "x")]


@pytest.mark.parametrize(
    "thoughts",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]},
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                {"type": "text", "text": "hi"},
            ]
        },
    ],
)
def test_reasoning_goes_back_as_it_came_and_is_no_text(thoughts: dict[str, Any]) -> None:
    said = {"content": "hi", **thoughts}
    message = WIRE.reply(response(**said)).message
    assert message.text == "hi"
    body = WIRE.body(Request(model="m", messages=(message,)))
    assert body["messages"] == [{"role": "assistant", **said}]
    assert WIRE.request(json.loads(json.dumps(body))).messages == (message,)


def test_counts_are_told_apart() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "prompt_tokens_details": {"cached_tokens": 60},
        "completion_tokens_details": {"reasoning_tokens": 40},
    }
    assert WIRE.tokens({"usage": usage}) == TokenCounts(input=100, cached=60, output=50, reasoning=40)
    bare = {"prompt_tokens": 100, "completion_tokens": 50, "prompt_tokens_details": None}
    assert WIRE.tokens({"usage": bare}) == TokenCounts(input=100, output=50)


def test_a_stream_as_the_maker_writes_it_becomes_the_answer() -> None:
    begun = call("", index=0)
    events = chunks(
        {"role": "assistant", "content": None, "refusal": None},
        {"tool_calls": [begun]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]},
        {"tool_calls": [{**call("{}", index=1), "id": "b"}]},
        finish="tool_calls",
    )
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    reply = WIRE.reply(WIRE.collect([*events, {"id": "1", "choices": [], "usage": usage}]))
    assert [(made.id, made.arguments) for made in reply.message.calls] == [("a", '{"a": 1}'), ("b", "{}")]
    assert (reply.stop, reply.tokens) == ("tool_calls", TokenCounts(input=3, output=2))


def test_streams_of_servers_that_are_like_the_maker_are_borne() -> None:
    without_index = chunks(
        {"role": "assistant", "content": "a"},
        {"role": "assistant", "content": "b", "tool_calls": [call('{"a"')]},
        {"tool_calls": [{"function": {"name": "bash", "arguments": ": 1}"}}]},
        {"tool_calls": [{**call("{}"), "id": "b"}]},
        {"content": None, "reasoning_content": "h"},
        {"reasoning_content": "m", "tool_calls": None},
    )
    reply = WIRE.reply(WIRE.collect(without_index))
    assert reply.message.text == "ab"
    assert [(made.id, made.name, made.arguments) for made in reply.message.calls] == [
        ("a", "bash", '{"a": 1}'),
        ("b", "bash", "{}"),
    ]
    assert reply.message.opaque == {"openai": {"reasoning_content": "hm"}}


def test_a_stream_without_an_end_is_cut_short() -> None:
    streams: list[list[dict[str, Any]]] = [[], [{"choices": []}], chunks({"content": "a"}, finish=None)]
    for events in streams:
        with pytest.raises(CutShort):
            WIRE.collect(events)


def test_a_refusal_is_put_where_the_makers_client_looks_for_it() -> None:
    reply = Reply(message=Message(role="assistant", text="I cannot"), stop="refusal", tokens=None)
    [choice] = WIRE.response(reply, model="m", id="1")["choices"]
    assert (choice["message"]["refusal"], choice["message"]["content"]) == ("I cannot", None)


def test_older_and_newer_names_in_requests_are_read() -> None:
    body = {
        "model": "m",
        "messages": [
            {"role": "developer", "content": "be good"},
            {"role": "user", "content": [{"type": "text", "text": "x"}]},
        ],
        "max_tokens": 5,
        "max_completion_tokens": 7,
        "stop": "END",
        "logit_bias": {"1": 2},
    }
    request = WIRE.request(body)
    assert [(message.role, message.text) for message in request.messages] == [("system", "be good"), ("user", "x")]
    assert (request.max_tokens, request.sampling, request.extra) == (7, {"stop": ["END"]}, {"logit_bias": {"1": 2}})
