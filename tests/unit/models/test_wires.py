"""Both APIs: what goes in comes out, in our own words, in theirs, and as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_metr.agent.models import WIRES, Message, Reply, Request, Wire
from pytest_metr.agent.models.errors import CutShort
from pytest_metr.agent.models.events import DONE, EventReader
from pytest_metr.types import TokenCounts
from tests.unit.agent.fakes import PATIENT as NOT_HURRIED
from tests.unit.models.conversations import OBJECTS, SEEN, TEXT, replies, requests

OPENAI, ANTHROPIC = WIRES
#: Conversations are large, and few are enough to have every sort of turn.
PATIENT = settings(NOT_HURRIED, max_examples=40)
both = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)


def parsed(stream: Iterable[bytes]) -> list[Mapping[str, Any]]:
    """Return the events of a stream."""
    reader = EventReader()
    data = [event for chunk in stream for event in reader.feed(chunk)]
    return [json.loads(event) for event in data if event != DONE]


@PATIENT
@given(requests())
def test_a_request_survives_openais_api(request: Request) -> None:
    assert OPENAI.request(json.loads(json.dumps(OPENAI.body(request)))) == request


@PATIENT
@given(requests(SEEN))
def test_a_request_survives_anthropics_api(request: Request) -> None:
    assert ANTHROPIC.request(json.loads(json.dumps(ANTHROPIC.body(request)))) == request


@PATIENT
@given(requests(SEEN))
def test_a_request_survives_the_way_through_both(request: Request) -> None:
    seen = OPENAI.request(OPENAI.body(request))
    assert ANTHROPIC.request(ANTHROPIC.body(seen)) == request


@PATIENT
@given(st.sampled_from(WIRES), replies(SEEN))
def test_a_reply_survives(wire: Wire, reply: Reply) -> None:
    # OpenAI's API does not tell what was written to a cache.
    tokens = reply.tokens
    assert tokens is not None
    if wire is OPENAI:
        tokens = TokenCounts(**{**tokens.to_json(), "cache_written": 0})
    found = wire.reply(json.loads(json.dumps(wire.response(reply, model="m", id="1"))))
    assert (found.message, found.stop, found.tokens) == (reply.message, reply.stop, tokens)


@PATIENT
@given(st.sampled_from(WIRES), replies(SEEN), OBJECTS)
def test_a_response_survives_as_a_stream_with_what_its_server_added(
    wire: Wire, reply: Reply, added: dict[str, Any]
) -> None:
    added = {f"own-{key}": value for key, value in added.items() if value is not None}
    response = {**wire.response(reply, model="m", id="1"), **added}
    events = parsed(wire.events(response, include_usage=True))
    assert wire.collect(events) == response


@PATIENT
@given(replies(TEXT), st.data())
def test_a_stream_that_ends_early_is_never_taken_for_an_answer(reply: Reply, data: st.DataObject) -> None:
    wire = data.draw(st.sampled_from(WIRES))
    events = parsed(wire.events(wire.response(reply, model="m", id="1")))
    # OpenAI's stream says before its last event why it ends, with which the answer is whole.
    last = len(events) - 1
    with pytest.raises(CutShort):
        wire.collect(events[: data.draw(st.integers(0, last))])


@PATIENT
@given(st.sampled_from(WIRES), OBJECTS | st.dictionaries(st.sampled_from(["choices", "content", "usage"]), OBJECTS))
def test_whatever_a_server_answers_is_a_reply_or_none(wire: Wire, response: dict[str, Any]) -> None:
    assert wire.tokens(response) is None or response.get("usage")
    with pytest.raises(ValueError, match="expected"):
        wire.reply(response)


@both
def test_a_server_that_does_not_count_gives_no_counts(wire: Wire) -> None:
    response = wire.response(
        Reply(message=Message(role="assistant", text="x"), stop="end", tokens=None), model="m", id="1"
    )
    for usage in (None, {}, {"prompt_tokens": None, "input_tokens": "7"}, "many", [1]):
        assert wire.reply({**response, "usage": usage}).tokens is None


@both
def test_an_agent_may_not_send_what_is_no_text(wire: Wire) -> None:
    for content in ([{"type": "image", "source": {}}], 7, [7], [{"type": "image_url", "image_url": {}}]):
        with pytest.raises(ValueError, match="content"):
            wire.request({"messages": [{"role": "user", "content": content}]})
    for messages in ("hello", ["hello"], [{"role": "judge", "content": "x"}]):
        with pytest.raises(ValueError, match="messages"):
            wire.request({"messages": messages})
    with pytest.raises(ValueError, match="tools"):
        wire.request({"messages": [], "tools": [{"type": "function"}]})
