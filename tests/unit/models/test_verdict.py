"""What the errors of servers mean, in the words of many of them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent.models import ModelRejected, ModelTrouble
from pytest_metr.agent.models.events import EventReader
from pytest_metr.agent.models.secrecy import Secrecy
from pytest_metr.agent.models.verdict import retry_after, verdict, verdict_inside
from tests.unit.agent.fakes import PATIENT
from tests.unit.models.conversations import JSON

URL = "http://model:8000/v1"
OPENAI_TOO_LONG = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
LLAMA_CPP = "the request exceeds the available context size. try increasing the context size or enable context shift"


def found(status: int, body: object) -> ModelTrouble | ModelRejected:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return verdict(status, {}, data, url=URL, secrecy=Secrecy(None))


def openai(message: str, *, type: str = "invalid_request_error", code: str | None = None) -> dict[str, object]:
    return {"error": {"message": message, "type": type, "param": None, "code": code}}


def anthropic(message: str, type: str = "invalid_request_error") -> dict[str, object]:
    return {"type": "error", "error": {"type": type, "message": message}}


@pytest.mark.parametrize(
    ("status", "body", "what"),
    [
        (400, openai(OPENAI_TOO_LONG, code="context_length_exceeded"), "too_long"),
        (400, {"object": "error", "message": OPENAI_TOO_LONG, "type": "BadRequestError", "code": 400}, "too_long"),
        (400, anthropic("prompt is too long: 208000 tokens > 200000 maximum"), "too_long"),
        (400, anthropic("input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000"), "too_long"),
        (413, anthropic("Request exceeds the maximum size", "request_too_large"), "too_long"),
        (400, {"error": {"code": 400, "message": LLAMA_CPP, "type": "exceed_context_size_error"}}, "too_long"),
        (500, {"error": {"message": "Requested tokens (600) exceed context window of 512"}}, "too_long"),
        (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096"}, "too_long"),
        (429, openai("Request too large for gpt-4 on tokens per min (TPM)", code="rate_limit_exceeded"), "too_long"),
        (400, openai("The response was filtered", code="content_filter"), "filtered"),
        (400, openai("Invalid prompt: flagged as potentially violating our usage policy", code="x"), "filtered"),
        (400, anthropic("Output blocked by content filtering policy"), "filtered"),
        (401, openai("Incorrect API key provided: sk-a****b", code="invalid_api_key"), "key"),
        (401, "Unauthorized", "key"),
        (403, anthropic("Request not allowed", "permission_error"), "key"),
        (402, {"error": {"message": "Insufficient Balance"}}, "quota"),
        (429, openai("You exceeded your current quota", code="insufficient_quota"), "quota"),
        (400, anthropic("Your credit balance is too low to access the API"), "quota"),
        (404, openai("The model `gpt-9` does not exist or you do not have access to it."), "model"),
        (403, openai("Project does not have access to model `gpt-4`", code="model_not_found"), "model"),
        (400, {"error": {"message": "invalid model name passed in model=x", "code": "400"}}, "model"),
        (404, anthropic("model: claude-9", "not_found_error"), "model"),
        (404, "<html>nginx</html>", "model"),
        (422, {"detail": [{"loc": ["body", "messages"], "msg": "field required"}]}, "request"),
        (400, openai("Invalid 'tools[0].id': string too long. Expected a maximum length of 40"), "request"),
        (400, openai("max_tokens is too large: 9999. This model supports at most 4096 completion tokens"), "request"),
        (400, "", "request"),
        (301, "", "request"),
    ],
)
def test_what_will_not_pass_is_told_apart(status: int, body: object, what: str) -> None:
    rejected = found(status, body)
    assert isinstance(rejected, ModelRejected)
    assert (rejected.what, rejected.status) == (what, status)
    assert rejected.message.startswith(f"{URL}: HTTP {status}: ")


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (408, "", "timeout"),
        (409, openai("conflict"), "server"),
        (429, openai("Rate limit reached; you can add a payment method at /account/billing"), "overloaded"),
        (429, {"message": "Too many tokens, please wait before trying again."}, "overloaded"),
        (500, openai("The server had an error"), "server"),
        (502, "<html>Bad Gateway</html>", "server"),
        (503, {"error": "Model is currently loading"}, "overloaded"),
        (504, "", "timeout"),
        (529, anthropic("Overloaded", "overloaded_error"), "overloaded"),
    ],
)
def test_what_may_pass_is_trouble(status: int, body: object, cause: str) -> None:
    trouble = found(status, body)
    assert isinstance(trouble, ModelTrouble)
    assert (trouble.cause, trouble.status) == (cause, status)


def test_an_error_within_an_answer_counts_as_what_it_stands_for() -> None:
    def inside(document: dict[str, object]) -> ModelTrouble | ModelRejected:
        return verdict_inside(document, url=URL, secrecy=Secrecy(None))

    overloaded = inside(anthropic("Overloaded", "overloaded_error"))
    assert isinstance(overloaded, ModelTrouble)
    assert (overloaded.cause, overloaded.status) == ("overloaded", 200)
    unknown = inside({"error": "it failed"})
    assert isinstance(unknown, ModelTrouble)
    assert unknown.cause == "server"
    rejected = inside({"error": {"message": "no such key", "code": 401}})
    assert isinstance(rejected, ModelRejected)
    assert (rejected.what, rejected.status) == ("key", 401)


@PATIENT
@given(st.integers(300, 599), JSON, st.binary(max_size=50))
def test_whatever_a_server_says_is_told_in_one_line(status: int, document: object, data: bytes) -> None:
    for body in (json.dumps({"error": document}).encode(), json.dumps(document).encode(), data):
        error = verdict(status, {}, body, url=URL, secrecy=Secrecy("sk-planted"))
        assert error.message.isprintable()
        assert len(error.message) < 500


def test_a_key_goes_before_a_message_is_cut() -> None:
    key = 'sk-"planted"/0123456789'
    for echoed in (key, json.dumps(key), "sk-%22planted%22%2F0123456789"):
        for length in range(360, 400):
            assert "planted" not in Secrecy(key).line("x" * length + echoed + "y" * 100)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "9", "retry-after-ms": "1200"}, 1.2),
        ({"retry-after-ms": "-5"}, 0.0),
        ({"retry-after-ms": "soon"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after-ms": "inf"}, None),
    ],
)
def test_when_a_server_asks_to_be_asked_again(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_to_be_asked_again_at_is_so_many_seconds_from_now() -> None:
    at = datetime.now(timezone.utc) + timedelta(seconds=100)
    seconds = retry_after({"retry-after": format_datetime(at, usegmt=True)})
    assert seconds is not None
    assert 60 < seconds <= 100


@PATIENT
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=5), st.data())
def test_events_are_the_same_however_their_bytes_are_cut(texts: list[str], data: st.DataObject) -> None:
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    lines = [f": ping{end}{end}event: x{end}data: {json.dumps(text)}{end}{end}" for text in texts]
    stream = "".join(lines).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    reader = EventReader()
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    events = [event for piece in pieces for event in reader.feed(piece)]
    assert [json.loads(event) for event in (*events, *reader.finish())] == texts


def test_the_last_event_needs_no_empty_line() -> None:
    reader = EventReader()
    assert reader.feed(b"data: 1\ndata: 2\n\ndata: 3") == ["1\n2"]
    assert reader.finish() == ["3"]
    assert reader.finish() == []
