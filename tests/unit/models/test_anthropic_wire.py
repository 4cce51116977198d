"""Anthropic's API, as its maker writes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_metr.agent.models import Message, Request, ToolCall
from pytest_metr.agent.models.anthropic_wire import DEFAULT_MAX_TOKENS, AnthropicWire
from pytest_metr.agent.models.errors import CutShort
from pytest_metr.types import TokenCounts

WIRE = AnthropicWire()
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
USE = {"type": "tool_use", "id": "a", "name": "bash", "input": {"a": 1}}


def response(*content: dict[str, Any], stop_reason: object = "end_turn") -> dict[str, Any]:
    return {"content": list(content), "stop_reason": stop_reason}


def asked(*messages: Message) -> dict[str, Any]:
    return WIRE.body(Request(model="m", messages=messages))


@pytest.mark.parametrize(
    ("stop_reason", "stop"),
    [
        ("end_turn", "end"),
        ("stop_sequence", "end"),
        ("tool_use", "tool_calls"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refusal"),
        ("pause_turn", "other"),
        (None, "other"),
    ],
)
def test_why_a_model_stopped_is_told_in_our_words(stop_reason: object, stop: str) -> None:
    assert WIRE.reply(response({"type": "text", "text": "x"}, stop_reason=stop_reason)).stop == stop


@pytest.mark.parametrize(
    "content",
    [
        [THOUGHT, {"type": "text", "text": "x"}, USE],
        [{"type": "redacted_thinking", "data": "x"}, USE, THOUGHT, {**USE, "id": "b"}],
        [USE, {"type": "text", "text": "after"}],
    ],
)
def test_what_was_said_around_reasoning_goes_back_in_its_order(content: list[dict[str, Any]]) -> None:
    message = WIRE.reply(response(*content)).message
    assert [call.name for call in message.calls] == ["bash"] * sum(block["type"] == "tool_use" for block in content)
    [turn] = asked(message)["messages"]
    assert turn == {"role": "assistant", "content": content}


def test_results_of_calls_and_what_the_user_says_then_are_one_turn() -> None:
    calls = tuple(ToolCall(id=name, name="bash", arguments="{}") for name in "ab")
    body = asked(
        Message(role="system", text="be good"),
        Message(role="user", text="x"),
        Message(role="assistant", calls=calls),
        Message(role="tool", text="1", call_id="a"),
        Message(role="tool", text="", call_id="b"),
        Message(role="user", text="go on"),
    )
    assert body["system"] == "be good"
    assert body["max_tokens"] == DEFAULT_MAX_TOKENS
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert [block["type"] for block in body["messages"][2]["content"]] == ["tool_result", "tool_result", "text"]


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_text_block_is_empty_since_the_api_refuses_those(text: str) -> None:
    called = Message(role="assistant", text=text, calls=(ToolCall(id="a", name="bash", arguments="{}"),))
    body = asked(Message(role="user", text=text), Message(role="assistant", text=text), Message(role="user"), called)
    texts = [block["text"] for turn in body["messages"] for block in turn["content"] if block["type"] == "text"]
    assert len(texts) == 3
    assert all(text.strip() for text in texts)


@pytest.mark.parametrize(("arguments", "value"), [("[1]", [1]), ("{", "{"), ("5", 5)])
def test_arguments_that_are_no_object_are_put_into_one(arguments: str, value: object) -> None:
    body = asked(Message(role="assistant", calls=(ToolCall(id="a", name="bash", arguments=arguments),)))
    [block] = body["messages"][0]["content"]
    assert block["input"] == {"arguments": value}


def test_a_seed_has_no_place_and_stop_has_another_name() -> None:
    body = WIRE.body(Request(model="m", messages=(), sampling={"seed": 1, "stop": ["END"], "temperature": 0.0}))
    assert (body["stop_sequences"], body["temperature"], "seed" in body) == (["END"], 0.0, False)


def test_cached_tokens_are_a_part_of_what_went_in() -> None:
    usage = {
        "input_tokens": 10,
        "cache_read_input_tokens": 30,
        "cache_creation_input_tokens": 5,
        "output_tokens": 7,
        "output_tokens_details": {"thinking_tokens": 4},
    }
    expected = TokenCounts(input=45, cached=30, cache_written=5, output=7, reasoning=4)
    assert WIRE.tokens({"usage": usage}) == expected


def stream() -> list[dict[str, Any]]:
    """Return the events of an answer as its maker documents them."""
    start: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "m",
        "stop_reason": None,
    }
    return [
        {"type": "message_start", "message": {**start, "usage": {"input_tokens": 472, "output_tokens": 2}}},
        {"type": "content_block_start", "index": 0, "content_block": {**THOUGHT, "thinking": "", "signature": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "h"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "m"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2ln"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {**USE, "input": {}}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"a"'}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": ": 1}"}},
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 89}},
        {"type": "message_stop"},
    ]


def test_a_stream_as_the_maker_writes_it_becomes_the_answer() -> None:
    answer = WIRE.collect(stream())
    assert answer["content"] == [THOUGHT, USE]
    reply = WIRE.reply(json.loads(json.dumps(answer)))
    assert (reply.stop, reply.tokens) == ("tool_calls", TokenCounts(input=472, output=89))


def test_a_stream_without_its_last_event_is_cut_short() -> None:
    for length in range(len(stream())):
        with pytest.raises(CutShort):
            WIRE.collect(stream()[:length])


def test_blocks_of_text_in_a_request_are_texts_of_their_own() -> None:
    block = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}
    body = {"system": [block, block], "messages": [{"role": "user", "content": [block, block]}]}
    assert [message.text for message in WIRE.request(body).messages] == ["a\n\na", "a\n\na"]
