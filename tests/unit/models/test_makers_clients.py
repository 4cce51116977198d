"""What is said in the form of a maker's API is understood by its own client, as a whole and as a stream."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import openai
import pytest

from pytest_metr.agent.models import Reply
from pytest_metr.types import TokenCounts
from tests.servers import ScriptedServer, said, tool_call

COUNTS = TokenCounts(input=100, cached=60, output=50, reasoning=40)
REPLIES = [
    said("hello \N{SNOWMAN}", tokens=COUNTS),
    said("let me look", tool_call("bash", id="a", command="ls"), tool_call("bash", id="b", path="x"), tokens=COUNTS),
    said("", tool_call("bash", command="ls"), tokens=COUNTS),
    said("cut", stop="length", tokens=COUNTS),
]
MESSAGES: Any = [{"role": "user", "content": "hello"}]


def expected(reply: Reply) -> tuple[str, list[tuple[str, str, Any]]]:
    return reply.message.text, [(call.id, call.name, json.loads(call.arguments)) for call in reply.message.calls]


@pytest.mark.parametrize("reply", REPLIES)
def test_openais_client_understands(reply: Reply) -> None:
    with ScriptedServer([reply]) as server, openai.OpenAI(api_key="x", base_url=server.url, max_retries=0) as client:
        whole = client.chat.completions.create(model="m", messages=MESSAGES)
        options: Any = {"include_usage": True}
        with client.chat.completions.create(model="m", messages=MESSAGES, stream=True, stream_options=options) as found:
            chunks = list(found)
    [choice] = whole.choices
    calls: list[Any] = list(choice.message.tool_calls or ())
    made = [(call.id, call.function.name, json.loads(call.function.arguments)) for call in calls]
    assert (choice.message.content or "", made) == expected(reply)
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == reply.message.text
    parts: list[Any] = [call for delta in deltas for call in delta.tool_calls or ()]
    assert [(call.index, call.id, call.function.name) for call in parts] == [
        (n, call.id, call.name) for n, call in enumerate(reply.message.calls)
    ]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == choice.finish_reason
    for usage in (whole.usage, chunks[-1].usage):
        assert usage is not None
        assert usage.prompt_tokens_details is not None
        assert usage.completion_tokens_details is not None
        counts = (usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens, usage.completion_tokens)
        assert (*counts, usage.completion_tokens_details.reasoning_tokens) == (100, 60, 50, 40)


@pytest.mark.parametrize("reply", REPLIES)
def test_anthropics_client_understands(reply: Reply) -> None:
    with (
        ScriptedServer([reply]) as server,
        anthropic.Anthropic(api_key="x", base_url=server.root, max_retries=0) as client,
    ):
        whole = client.messages.create(model="m", max_tokens=9, messages=MESSAGES)
        with client.messages.stream(model="m", max_tokens=9, messages=MESSAGES) as stream:
            streamed = stream.get_final_message()
    for message in (whole, streamed):
        text = "".join(block.text for block in message.content if block.type == "text")
        calls = [(block.id, block.name, block.input) for block in message.content if block.type == "tool_use"]
        assert (text, calls) == expected(reply)
        assert message.stop_reason == {"end": "end_turn", "tool_calls": "tool_use", "length": "max_tokens"}[reply.stop]
        usage = message.usage
        assert (usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens) == (40, 60, 50)


def test_the_makers_clients_understand_an_error() -> None:
    with ScriptedServer([], key="right") as server:
        with (
            openai.OpenAI(api_key="wrong", base_url=server.url, max_retries=0) as client,
            pytest.raises(openai.AuthenticationError, match="is not valid"),
        ):
            client.chat.completions.create(model="m", messages=MESSAGES)
        with (
            anthropic.Anthropic(api_key="wrong", base_url=server.root, max_retries=0) as other,
            pytest.raises(anthropic.AuthenticationError, match="is not valid"),
        ):
            other.messages.create(model="m", max_tokens=9, messages=MESSAGES)
