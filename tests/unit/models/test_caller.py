"""Asking a model for a run: within its limits, on record, and not before others may."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent.models import Message, Request, requests
from pytest_metr.agent.models.conversation import Conversation
from pytest_metr.agent.models.settings import Rate
from pytest_metr.errors import LimitReached
from pytest_metr.types import Limits, TokenCounts
from tests.servers import FaultyServer, ScriptedServer, said
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


@pytest.mark.parametrize("fault", ["silence", "trickling", "429 Retry-After seconds"])
def test_the_time_of_a_run_can_be_up_while_it_waits(fault: str, tmp_path: Path) -> None:
    with FaultyServer([fault] * 9) as server:
        run = Run(tmp_path, server.url, limits=Limits(wall_seconds=0.6))
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


# Many processes


def ask_often(folder: str, url: str, times: int, settings: dict[str, Any]) -> None:
    """Be a worker: ask so many times, and fail where one is lost."""
    run = Run(Path(folder), url, most=1000, **settings)
    for _ in range(times):
        assert run.caller.ask(ASK).message.text == "yes"


def workers(folder: Path, url: str, settings: dict[str, Any], *, count: int = 8, times: int = 4) -> list[int | None]:
    """Run workers at once, and return how each of them ended."""
    context = multiprocessing.get_context("spawn")
    arguments = (str(folder), url, times, settings)
    processes = [context.Process(target=ask_often, args=arguments) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    return [process.exitcode for process in processes]


def test_eight_workers_at_a_server_that_allows_four_lose_nothing(tmp_path: Path) -> None:
    with ScriptedServer(script=[said("yes")], allowed=4, seconds=0.1) as server:
        assert workers(tmp_path, server.url, {}) == [0] * 8
    assert len(server.asked) == 8 * 4
    assert server.most_at_once <= 4
    assert server.refused > 0


def test_eight_workers_that_keep_to_four_connections_are_never_refused(tmp_path: Path) -> None:
    rate = Rate(connections=4).to_json()
    with ScriptedServer(script=[said("yes")], allowed=4, seconds=0.1) as server:
        assert workers(tmp_path, server.url, {"rate": rate}) == [0] * 8
    assert (len(server.asked), server.refused) == (8 * 4, 0)
    assert 1 < server.most_at_once <= 4
