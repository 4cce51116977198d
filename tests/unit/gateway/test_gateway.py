"""What a program asks about its own run, who may ask, and what becomes of a run by it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPException
from typing import Any

import pytest

from pytest_metr.agent.gateway import Gateway
from pytest_metr.agent.gateway.server import AT_ONCE
from pytest_metr.errors import InfrastructureError, LimitReached, TaskError
from pytest_metr.interfaces import VisibleScore
from pytest_metr.types import Limits

from .asking import ask
from .local import LocalWorld


@contextmanager
def opened(world: LocalWorld, **words: Any) -> Iterator[Gateway]:
    with Gateway(world.workspace, words=words) as gateway:
        yield gateway


def test_nobody_is_answered_without_the_token_of_this_run() -> None:
    with ExitStack() as stack:
        first, second = (stack.enter_context(opened(LocalWorld())) for _ in range(2))
        others = second.environment["METR_TOKEN"]
        assert others != first.environment["METR_TOKEN"]
        for headers in (
            {},
            {"Authorization": "Bearer "},
            {"Authorization": first.environment["METR_TOKEN"]},
            {"Authorization": f"Bearer {others}"},
            {"x-api-key": others},
            {"x-api-key": "\xff" * 43},
        ):
            status, body = ask(first.environment, "GET", "/metr/limits", headers=headers)
            assert (status, body["error"]["type"]) == (401, "authentication_error")
        own = first.environment["METR_TOKEN"]
        for headers in ({"Authorization": f"bearer {own}"}, {"x-api-key": own}):
            assert ask(first.environment, "GET", "/metr/limits", headers=headers)[0] == 200
        assert not first.ending.there


def test_an_error_has_the_form_that_the_client_reads() -> None:
    with opened(LocalWorld()) as gateway:
        wrong = {"Authorization": "Bearer x"}
        _, openai = ask(gateway.environment, "POST", "/v1/chat/completions", {}, headers=wrong)
        _, anthropic = ask(gateway.environment, "POST", "/v1/messages", {}, headers=wrong)
        assert set(openai["error"]) == {"message", "type", "param", "code"}
        assert anthropic["type"] == "error"
        assert anthropic["error"]["type"] == "authentication_error"


def test_what_is_not_there_says_what_is() -> None:
    with opened(LocalWorld(), submit=lambda said: {}) as gateway:
        status, body = ask(gateway.environment, "GET", "/v1/responses")
        assert status == 404
        assert "GET /metr/limits" in body["error"]["message"]
        assert "POST /metr/submit" in body["error"]["message"]
        status, body = ask(gateway.environment, "GET", "/metr/submit")
        assert (status, body["error"]["message"]) == (405, "/metr/submit: expected POST")


def test_limits_and_what_is_left_of_them_are_told() -> None:
    world = LocalWorld(limits=Limits(wall_seconds=1000, tokens=50))
    with opened(world) as gateway:
        status, body = ask(gateway.environment, "GET", "/metr/limits")
    assert status == 200
    assert body["limits"]["wall_seconds"] == 1000
    assert body["left"]["tokens"] == 50
    assert 900 < body["left"]["seconds"] <= 1000
    assert body["left"]["cost"] is None


def test_a_score_is_told_as_the_task_shows_it_and_counts_as_an_action() -> None:
    shown = [VisibleScore(message={"hint": 1}, score=0.5), VisibleScore(message="no", score=float("nan"))]
    world = LocalWorld(score=lambda: shown.pop(0))
    with opened(world) as gateway:
        assert ask(gateway.environment, "POST", "/metr/score") == (200, {"message": {"hint": 1}, "score": 0.5})
        assert ask(gateway.environment, "POST", "/metr/score") == (200, {"message": "no", "score": None})
    assert world.workspace.usage.actions == 2
    assert len(world.transcript.of("score")) == 2


def test_a_task_without_scores_on_the_way_says_so_and_the_run_goes_on() -> None:
    with opened(LocalWorld()) as gateway:
        assert ask(gateway.environment, "POST", "/metr/score")[0] == 404
        assert not gateway.ending.there


def test_scores_are_taken_one_at_a_time_and_none_is_under_way_when_the_gateway_is_closed() -> None:
    at_once, most, lock = 0, 0, threading.Lock()
    begun, go_on = threading.Event(), threading.Event()

    def score() -> VisibleScore:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        begun.set()
        go_on.wait(30)
        with lock:
            at_once -= 1
        return VisibleScore(message="", score=1.0)

    gateway = Gateway(LocalWorld(score=score).workspace)
    gateway.__enter__()
    environment = gateway.environment

    def ask_for_one() -> None:
        with suppress(OSError, HTTPException):  # whoever still waits for an answer is cut off
            ask(environment, "POST", "/metr/score")

    askers = [threading.Thread(target=ask_for_one) for _ in range(2)]
    for asker in askers:
        asker.start()
    assert begun.wait(30)
    closer = threading.Thread(target=gateway.__exit__)
    closer.start()
    closer.join(0.2)
    assert closer.is_alive()
    go_on.set()
    for thread in (closer, *askers):
        thread.join(30)
    assert (at_once, most) == (0, 1)


def test_a_limit_is_told_and_ends_the_run() -> None:
    world = LocalWorld(limits=Limits(actions=1), score=lambda: VisibleScore(message="", score=0.0))
    with opened(world) as gateway:
        assert ask(gateway.environment, "POST", "/metr/score")[0] == 200
        status, body = ask(gateway.environment, "POST", "/metr/score")
        assert (status, body["error"]["type"]) == (403, "limit_reached")
        assert "actions 1" in body["error"]["message"]
        with pytest.raises(LimitReached):
            gateway.ending.check()
        assert ask(gateway.environment, "GET", "/metr/limits")[0] == 403


def test_a_failure_outside_ends_the_run_and_the_agent_learns_nothing_of_it() -> None:
    def score() -> VisibleScore:
        raise TaskError("secret details", cause="task_score")

    with opened(LocalWorld(score=score)) as gateway:
        status, body = ask(gateway.environment, "POST", "/metr/score")
        assert status == 503
        assert "secret" not in body["error"]["message"]
        with pytest.raises(TaskError, match="secret details"):
            gateway.ending.check()


def test_a_bug_of_ours_ends_the_run_as_such() -> None:
    def broken(said: Mapping[str, Any]) -> dict[str, Any]:
        raise KeyError("oops")

    with opened(LocalWorld(), broken=broken) as gateway:
        assert ask(gateway.environment, "POST", "/metr/broken")[0] == 503
        with pytest.raises(InfrastructureError, match="KeyError: 'oops'") as caught:
            gateway.ending.check()
    assert caught.value.cause == "internal"
    assert "in broken" in caught.value.evidence["traceback"]


def test_words_are_said_with_an_object_and_what_is_wrong_with_it_is_told() -> None:
    def submit(said: Mapping[str, Any]) -> dict[str, Any]:
        if "text" not in said:
            raise ValueError("expected a text")
        return {"message": said["text"]}

    with opened(LocalWorld(), submit=submit) as gateway:
        assert ask(gateway.environment, "POST", "/metr/submit", {"text": "ö"}) == (200, {"message": "ö"})
        bodies: list[Any] = [None, {}, b"{", b"[]", b"\xff", b'{"text": NaN}', b'{"text": "\\ud800"}', b"[" * 9000]
        for body in bodies:
            status, answer = ask(gateway.environment, "POST", "/metr/submit", body)
            assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
        deep = b'{"text": ' + b"[" * 200 + b"]" * 200 + b"}"
        assert ask(gateway.environment, "POST", "/metr/submit", deep)[0] == 400
        many = b'{"text": [' + b"0," * 1_000_001 + b"0]}"
        assert ask(gateway.environment, "POST", "/metr/submit", many)[0] == 413
        assert not gateway.ending.there


def test_only_so_many_requests_are_answered_at_once_and_the_others_after_them() -> None:
    lock, go_on, full = threading.Lock(), threading.Event(), threading.Event()
    at_once, most = 0, 0

    def slow(said: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            if at_once == AT_ONCE:
                full.set()
        go_on.wait(30)
        with lock:
            at_once -= 1
        return {}

    statuses: list[int] = []
    with opened(LocalWorld(), slow=slow) as gateway:
        environment = gateway.environment
        askers = [
            threading.Thread(target=lambda: statuses.append(ask(environment, "POST", "/metr/slow")[0]))
            for _ in range(AT_ONCE + 8)
        ]
        for asker in askers:
            asker.start()
        assert full.wait(30)
        go_on.set()
        for asker in askers:
            asker.join(30)
    assert statuses == [200] * (AT_ONCE + 8)
    assert most == AT_ONCE
