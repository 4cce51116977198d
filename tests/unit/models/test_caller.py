"""Asking a model for a run: within its limits, on record, and not before others may."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent.models import Message, Reply, Request, requests
from pytest_metr.agent.models.conversation import Conversation
from pytest_metr.errors import InfrastructureError, LimitReached
from pytest_metr.types import Limits, TokenCounts
from tests.servers import Asked, FaultyServer, ScriptedServer, said
from tests.unit.agent.fakes import PATIENT
from tests.unit.models.bench import Run

ASK = Request(model="other", messages=(Message(role="system", text="Be brief."), Message(role="user", text="Say yes.")))
PRICES = {"date": "2026-11-01", "input": 2.0, "output": 10.0, "cached": 1.0}


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_an_answer_is_counted_by_what_the_server_says(provider: str, tmp_path: Path) -> None:
    counts = TokenCounts(input=1000, cached=400, output=100)
    with ScriptedServer(script=[said("yes", tokens=counts)]) as server:
        run = Run(tmp_path, server.url, provider=provider, prices=PRICES, sampling={"temperature": 0.5})
        assert run.caller.ask(ASK).message.text == "yes"
        body = server.asked[0].body
    assert (body["model"], body["temperature"]) == ("m", 0.5)
    usage = run.workspace.usage
    assert (usage.tokens, usage.models[0].tokens) == (1100, counts)
    assert usage.cost == pytest.approx((600 * 2 + 400 * 1 + 100 * 10) / 1e6)
    (response,) = run.transcript.of("model_response")
    assert (response["call"], response["counted"], response["cost"]) == (1, True, usage.cost)


def test_time_at_the_server_is_no_working_time(tmp_path: Path) -> None:
    with ScriptedServer(script=[said("yes")], seconds=0.5) as server:
        run = Run(tmp_path, server.url)
        run.caller.ask(ASK)
    usage = run.workspace.usage
    assert usage.seconds - usage.working_seconds >= 0.5


def test_no_more_is_asked_for_than_what_is_left_of_the_tokens(tmp_path: Path) -> None:
    with ScriptedServer(script=[said("yes", tokens=TokenCounts(input=50, output=50))]) as server:
        run = Run(tmp_path, server.url, limits=Limits(tokens=150), max_tokens=1000)
        run.caller.ask(ASK)
        first = server.asked[0].body["max_tokens"]
        with pytest.raises(LimitReached, match="tokens 150"):
            run.caller.ask(ASK)
        with pytest.raises(LimitReached, match="tokens 150"):
            run.caller.ask(ASK)
        assert 100 < first < 150
        assert server.asked[1].body["max_tokens"] < 50
        assert len(server.asked) == 2
    assert run.workspace.usage.tokens == 200


def test_cost_is_limited(tmp_path: Path) -> None:
    with ScriptedServer(script=[said("yes", tokens=TokenCounts(input=1_000_000))]) as server:
        run = Run(tmp_path, server.url, limits=Limits(cost=3.0), prices=PRICES)
        run.caller.ask(ASK)
        with pytest.raises(LimitReached, match="cost 3"):
            run.caller.ask(ASK)


@pytest.mark.parametrize("fault", ["silence", "trickling", "429 Retry-After seconds", "500"])
def test_the_time_of_a_run_can_be_up_while_it_waits(fault: str, tmp_path: Path) -> None:
    with FaultyServer([fault] * 1000) as server:
        run = Run(tmp_path, server.url, limits=Limits(wall_seconds=0.6), most=10**6)
        begun = time.monotonic()
        with pytest.raises(LimitReached, match="wall_seconds"):
            run.caller.ask(ASK)
    assert time.monotonic() - begun < 10


JSON = st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3))
MESSAGES = st.lists(st.fixed_dictionaries({"role": st.sampled_from("ab"), "content": JSON}), max_size=6)


@PATIENT
@given(st.lists(MESSAGES, max_size=12))
def test_requests_come_back_whole_from_what_was_written(asked: list[list[dict[str, Any]]]) -> None:
    conversation = Conversation()
    bodies = [{"model": "m", "messages": messages} for messages in asked]
    lines = [
        {"kind": "model_request", "call": number, **conversation.add(number, body)}
        for number, body in enumerate(bodies, 1)
    ]
    assert list(requests(lines)) == bodies


def test_a_growing_conversation_is_written_once(tmp_path: Path) -> None:
    with ScriptedServer(script=[said("yes")]) as server:
        run = Run(tmp_path, server.url)
        messages = [Message(role="user", text="x" * 1000)]
        for _ in range(10):
            messages.append(run.caller.ask(Request(model="m", messages=tuple(messages))).message)
            messages.append(Message(role="user", text="more"))
        sent = [asked.body for asked in server.asked]
    assert list(requests(run.events())) == sent
    assert sum(event["kind"] == "model_request" and "x" * 1000 in str(event) for event in run.events()) == 1


def test_a_limit_of_working_time_does_not_shorten_an_attempt(tmp_path: Path) -> None:
    with ScriptedServer(script=[said("yes")], seconds=1.5) as server:
        run = Run(tmp_path, server.url, limits=Limits(working_seconds=1.0))
        # What is left when it is asked is less than what the answer takes.
        assert run.caller.ask(ASK).message.text == "yes"
    assert not run.transcript.of("model_retry")


def test_cost_cannot_be_limited_without_prices(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="without prices") as caught:
        Run(tmp_path, "http://127.0.0.1:1/v1", limits=Limits(cost=1.0))
    assert (caught.value.cause, caught.value.hopeless) == ("usage", True)


def test_several_threads_may_ask_at_once(tmp_path: Path) -> None:
    def answer(asked: Asked, _: int) -> Reply:
        return said(str(asked.body["messages"][-1]["content"]))

    with ScriptedServer(answer, seconds=0.1) as server, ThreadPoolExecutor(8) as threads:
        run = Run(tmp_path, server.url)
        asked = [Request(model="m", messages=(*ASK.messages, Message(role="user", text=str(n)))) for n in range(24)]
        replies = list(threads.map(run.caller.ask, asked))
        bodies = [asked.body for asked in server.asked]
    assert [reply.message.text for reply in replies] == [str(n) for n in range(24)]
    calls = [event["call"] for event in run.transcript.of("model_request")]
    assert calls == list(range(1, 25))
    written, sent = ([json.dumps(body, sort_keys=True) for body in these] for these in (requests(run.events()), bodies))
    assert sorted(written) == sorted(sent)
    [used] = run.workspace.usage.models
    assert (used.calls, used.tokens.input) == (24, 240)


def test_a_server_that_is_overloaded_is_left_alone_by_others_of_the_session(tmp_path: Path) -> None:
    with FaultyServer(["429 Retry-After seconds"]) as server:
        one, other = Run(tmp_path, server.url, most=0), Run(tmp_path, server.url)
        with pytest.raises(InfrastructureError):
            one.caller.ask(ASK)
        begun = time.monotonic()
        other.caller.ask(ASK)
    # The second that the server asked for, less what the first one took to give up.
    assert time.monotonic() - begun > 0.5
    assert not other.transcript.of("model_retry")
