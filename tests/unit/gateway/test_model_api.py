"""The gateway's way to a model: what goes through, what is said meanwhile, and what ends a run."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pytest_metr.agent.gateway.model_api import REJECTIONS_LIMIT
from pytest_metr.agent.models import WIRES, ModelRejected, Wire
from pytest_metr.errors import AgentError, InfrastructureError, LimitReached

from .asking import ask, ask_raw
from .door import HELLO, HI, FakeCaller, opened

OPENAI, ANTHROPIC = WIRES


def failing(error: Exception) -> Callable[[], dict[str, Any]]:
    def answer() -> dict[str, Any]:
        raise error

    return answer


def rejected(status: int = 400, message: str = "no such field") -> ModelRejected:
    return ModelRejected(message, status=status, what="request")


@pytest.mark.parametrize(("wire", "path"), [(OPENAI, "/v1/chat/completions"), (ANTHROPIC, "/v1/messages")])
def test_the_own_api_of_a_model_goes_through_as_it_is(wire: Wire, path: str) -> None:
    with opened(FakeCaller(wire)) as door:
        body = {**HELLO, "odd": {"deep": [1, 2.5, None]}}
        assert door.post(path, body) == (200, HI[wire.name])
        assert door.post(path.removeprefix("/v1")) == (200, HI[wire.name])
        assert door.post(f"/v1{path}?beta=true") == (200, HI[wire.name])
        assert door.caller.asked[0] == body


def test_the_other_api_is_translated_both_ways_without_fields_of_one_maker() -> None:
    with opened(FakeCaller(ANTHROPIC)) as door:
        status, body = door.post("/v1/chat/completions", {**HELLO, "logit_bias": {"1": 2}})
        assert status == 200
        assert body["choices"][0]["message"]["content"] == "hi"
        assert (body["usage"]["prompt_tokens"], body["usage"]["completion_tokens"]) == (3, 2)
        [asked] = door.caller.asked
        assert "logit_bias" not in asked
        assert asked["max_tokens"] == 9
    with opened(FakeCaller(OPENAI)) as door:
        status, body = door.post("/v1/messages")
        assert (status, body["content"]) == (200, [{"type": "text", "text": "hi"}])
        assert body["stop_reason"] == "end_turn"


def test_what_cannot_be_translated_is_the_callers_affair() -> None:
    with opened(FakeCaller(ANTHROPIC)) as door:
        for messages in ([{"role": 5}], [{"role": "tool", "content": {"a": 1}}], [{"role": "user", "content": 7}]):
            status, body = door.post("/v1/chat/completions", {**HELLO, "messages": messages})
            assert (status, body["error"]["type"]) == (400, "invalid_request_error")
        assert not door.ending.there


@pytest.mark.parametrize(
    "change",
    [
        {"messages": []},
        {"messages": "hello"},
        {"messages": ["hello"]},
        {"max_tokens": 0},
        {"max_tokens": True},
        {"max_completion_tokens": "9"},
        {"stream": "yes"},
        {"stream": True, "n": 2},
    ],
)
def test_what_is_no_request_never_reaches_the_model(change: dict[str, Any]) -> None:
    with opened(FakeCaller(OPENAI)) as door:
        assert door.post("/v1/chat/completions", {**HELLO, **change})[0] == 400
        assert not door.caller.asked
        assert not door.ending.there


def test_a_stream_is_the_answer_in_events_and_no_wish_of_the_servers_own() -> None:
    with opened(FakeCaller(OPENAI)) as door:
        body = {**HELLO, "stream": True, "stream_options": {"include_usage": True}}
        status, kind, data = ask_raw(door.environment, "POST", "/v1/chat/completions", body)
        assert (status, kind) == (200, "text/event-stream")
        events = [line.removeprefix(b"data: ") for line in data.split(b"\n\n") if line]
        assert events[-1] == b"[DONE]"
        text = [each["choices"][0]["delta"].get("content") for e in events[:-1] if (each := json.loads(e))["choices"]]
        assert "".join(filter(None, text)) == "hi"
        assert any(json.loads(event).get("usage") for event in events[:-1])
        assert door.caller.asked == [HELLO]


def test_whoever_waits_for_a_stream_is_told_that_the_model_is_at_work() -> None:
    go_on = threading.Event()

    def answer() -> dict[str, Any]:
        go_on.wait(30)
        return HI["anthropic"]

    with opened(FakeCaller(ANTHROPIC, answer), ping=0.05) as door:
        timer = threading.Timer(0.5, go_on.set)
        timer.start()
        _, _, data = ask_raw(door.environment, "POST", "/v1/messages", {**HELLO, "stream": True})
        timer.join()
    assert data.startswith(b": the model is at work\n\n: the model is at work\n\n")
    assert data.rstrip().endswith(b'"message_stop"}')


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_an_error_after_a_stream_has_begun_is_an_event_and_ends_the_run_all_the_same(path: str) -> None:
    go_on = threading.Event()

    def answer() -> dict[str, Any]:
        go_on.wait(30)
        raise InfrastructureError("down", cause="model")

    with opened(FakeCaller(OPENAI, answer), ping=0.05) as door:
        timer = threading.Timer(0.3, go_on.set)
        timer.start()
        status, _, data = ask_raw(door.environment, "POST", path, {**HELLO, "stream": True})
        timer.join()
        assert status == 200
        assert b"event: error\n" in data or path.endswith("completions")
        assert json.loads(data.strip().splitlines()[-1].removeprefix(b"data: "))["error"]["type"] == "api_error"
        with pytest.raises(InfrastructureError, match="down"):
            door.ending.check()


def test_an_error_before_a_stream_has_begun_has_a_status_of_its_own() -> None:
    with opened(FakeCaller(OPENAI, failing(rejected()))) as door:
        status, body = door.post("/v1/chat/completions", {**HELLO, "stream": True})
        assert (status, body["error"]["message"]) == (400, "no such field")


def test_what_the_server_rejects_is_passed_on_and_ends_nothing() -> None:
    with opened(FakeCaller(ANTHROPIC, failing(rejected(422, "odd \N{SNOWMAN}")))) as door:
        status, body = door.post("/v1/messages")
        assert (status, body["type"], body["error"]["message"]) == (422, "error", "odd \N{SNOWMAN}")
        assert not door.ending.there
        # That it never answered anything says that settings and model do not fit.
        with pytest.raises(InfrastructureError, match="odd") as caught:
            door.api.check_served()
        assert (caught.value.cause, caught.value.hopeless) == ("model_rejected", False)
        door.caller.answer = lambda: HI["anthropic"]
        assert door.post("/v1/messages")[0] == 200
        door.api.check_served()


def blamed_on_the_model(status: int) -> Exception:
    found = InfrastructureError("no such model", cause="model_rejected", hopeless=True)
    found.__cause__ = ModelRejected(f"http://inner: HTTP {status}: no model 'x'", status=status, what="model")
    return found


def test_words_that_a_program_can_put_into_an_error_end_no_run() -> None:
    with opened(FakeCaller(OPENAI, failing(blamed_on_the_model(400)))) as door:
        status, body = door.post("/v1/chat/completions")
        assert (status, body["error"]["message"]) == (400, "no model 'x'")
        assert not door.ending.there
        door.caller.answer = failing(error := blamed_on_the_model(404))
        assert door.post("/v1/chat/completions")[0] == 503
        with pytest.raises(InfrastructureError) as caught:
            door.ending.check()
        assert caught.value is error


def test_an_agent_whose_requests_are_all_rejected_has_failed_at_last() -> None:
    with opened(FakeCaller(OPENAI)) as door:
        door.post("/v1/chat/completions")
        door.caller.answer = failing(rejected())
        for _ in range(REJECTIONS_LIMIT - 1):
            assert door.post("/v1/chat/completions")[0] == 400
        assert door.post("/v1/chat/completions")[0] == 403
        with pytest.raises(AgentError, match="50 requests in a row were rejected"):
            door.ending.check()
        assert door.post("/v1/chat/completions")[0] == 403
        assert len(door.caller.asked) == REJECTIONS_LIMIT + 1


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (LimitReached("tokens", 100), 403, "limit_reached"),
        (InfrastructureError("http://inner:8000: down", cause="model"), 503, "api_error"),
        (InfrastructureError("a wrong key", cause="model_rejected", hopeless=True), 503, "api_error"),
    ],
)
def test_what_ends_the_run_is_told_without_details_and_kept_for_the_run(
    error: Exception, status: int, kind: str
) -> None:
    with opened(FakeCaller(OPENAI, failing(error))) as door:
        found, body = door.post("/v1/chat/completions")
        assert (found, body["error"]["type"]) == (status, kind)
        assert "inner" not in body["error"]["message"]
        with pytest.raises(type(error)) as caught:
            door.ending.check()
        assert caught.value is error
        # Nothing more is asked, though the program may go on for a moment.
        assert door.post("/v1/chat/completions")[0] == status
        assert len(door.caller.asked) == 1


def test_the_one_model_answers_to_every_name_and_the_transcript_says_to_which() -> None:
    with opened(FakeCaller(OPENAI)) as door:
        for name in ("gpt-x", "gpt-x", "model-1", "openai/model-1", 5, *(f"m{n}" for n in range(30))):
            assert door.post("/v1/chat/completions", {**HELLO, "model": name})[0] == 200
        noted = [event["name"] for event in door.world.transcript.of("model_asked_for")]
        assert noted == ["gpt-x", *(f"m{n}" for n in range(19))]
        _, models = ask(door.environment, "GET", "/v1/models")
        assert [model["id"] for model in models["data"]] == ["model-1"]
        assert ask(door.environment, "GET", "/v1/models/any/name")[1]["id"] == "model-1"
        version = {"anthropic-version": "2023-06-01", "x-api-key": door.server.token}
        _, models = ask(door.environment, "GET", "/v1/models", headers=version)
        assert [model["type"] for model in models["data"]] == ["model"]
        status, body = ask(door.environment, "POST", "/v1/messages/count_tokens", HELLO)
        assert (status, body["type"]) == (404, "error")


def test_no_call_is_begun_once_the_command_has_ended_and_what_is_under_way_is_waited_for() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def answer() -> dict[str, Any]:
        begun.set()
        go_on.wait(30)
        return HI["openai"]

    with opened(FakeCaller(OPENAI, answer)) as door:
        asker = threading.Thread(target=door.post, args=("/v1/chat/completions",))
        asker.start()
        assert begun.wait(30)
        timer = threading.Timer(0.3, go_on.set)
        timer.start()
        door.api.close()
        assert go_on.is_set()
        asker.join(30)
        timer.join()
        assert door.post("/v1/chat/completions")[0] == 403
        assert not door.world.transcript.of("note")
