"""What an agent's file says of its model, what is sent of it, and how a failing server is asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent.models import WIRES, ModelSettings, ModelTrouble, check_model, key_variable, split_model
from pytest_metr.agent.models.prices import Prices
from pytest_metr.agent.models.retrying import GivenUp, Patience
from pytest_metr.agent.models.sending import completed
from pytest_metr.agent.models.settings import Retries
from pytest_metr.errors import UsageMistake
from pytest_metr.fields import Fields
from pytest_metr.interfaces import Left
from pytest_metr.types import TokenCounts
from tests.unit.agent.fakes import PATIENT, Time
from tests.unit.models.conversations import COUNTS

OPENAI, ANTHROPIC = WIRES
FULL = """
base_url: http://10.0.0.7:8000/v1
key_env: LAB_KEY
timeout_seconds: 90
stream: true
max_tokens: 2000
sampling: {temperature: 0, top_p: 0.9, seed: 7, stop: [END]}
request: {reasoning_effort: high, nested: {a: [1, 2.5, null]}}
retries: {most: 3, seconds: 60}
rate: {connections: 4, requests_per_minute: 100, tokens_per_minute: 10000}
prices: {date: 2025-06-01, input: 2.5, output: 10, cached: 1.25, cache_written: 3}
"""


def checked(text: str) -> dict[str, Any]:
    fields = Fields(yaml.safe_load(text) or {}, file=Path("agents/x.yaml"))
    settings = check_model(fields)
    fields.finish()
    return settings


def test_everything_that_a_file_says_is_in_the_settings() -> None:
    settings = ModelSettings.of("openai/lab/m", checked(FULL))
    assert (settings.provider, settings.name, settings.model) == ("openai", "lab/m", "openai/lab/m")
    assert (settings.base_url, settings.key_env, settings.stream) == ("http://10.0.0.7:8000/v1", "LAB_KEY", True)
    assert settings.sampling == {"temperature": 0, "top_p": 0.9, "seed": 7, "stop": ["END"]}
    assert settings.extra == {"reasoning_effort": "high", "nested": {"a": [1, 2.5, None]}}
    assert (settings.retries.most, settings.rate.connections) == (3, 4)
    assert settings.prices == Prices(date="2025-06-01", input=2.5, output=10, cached=1.25, cache_written=3)


def test_nothing_needs_to_be_said() -> None:
    settings = ModelSettings.of("anthropic/claude", checked(""))
    assert settings == ModelSettings(provider="anthropic", name="claude", key_env="ANTHROPIC_API_KEY")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("base_url: model:8000", "base_url"),
        ("base_url: http://", "base_url"),
        ("base_url: http://me:secret@host/v1", "base_url"),
        ("base_url: http://host:70000/v1", "base_url"),
        ("base_url: http://host/v1?key=secret", "base_url"),
        ("key_env: sk-secret-0123", "key_env"),
        ("timeout_seconds: 0", "timeout_seconds"),
        ("stream: maybe", "stream"),
        ("max_tokens: 0", "max_tokens"),
        ("sampling: {temperature: -1}", "sampling.temperature"),
        ("sampling: {top_k: 5}", "sampling.top_k"),
        ("sampling: {stop: END}", "sampling.stop"),
        ("request: [1]", "request"),
        ("request:", "request"),
        ("request: {model: x}", "request.model"),
        ("request: {stream: true}", "request.stream"),
        ("request: {when: 2025-06-01}", "request"),
        ("request: {much: .inf}", "request"),
        ("retries: {most: -1}", "retries.most"),
        ("rate: {connections: 0}", "rate.connections"),
        ("prices: {date: x, input: 1, output: 1}", "prices.date"),
        ("prices: {input: 1, output: 1}", "prices.date"),
        ("prices: {date: 2025-06-01, input: 1}", "prices.output"),
    ],
)
def test_a_mistake_is_told_with_its_key_and_no_secret(text: str, key: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        checked(text)
    assert (caught.value.file, caught.value.key) == ("agents/x.yaml", key)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("model", ["gpt-4", "openai/", "azure/gpt-4", "", "/x"])
def test_a_model_is_a_provider_and_a_name(model: str) -> None:
    with pytest.raises(ValueError, match="expected provider/name with a provider of openai, anthropic"):
        split_model(model)


@pytest.mark.parametrize(
    ("model", "settings", "variable"),
    [
        ("openai/m", {}, "OPENAI_API_KEY"),
        ("anthropic/m", {"base_url": None}, "ANTHROPIC_API_KEY"),
        ("openai/m", {"base_url": "http://127.0.0.1:8000/v1"}, None),
        ("openai/m", {"base_url": "http://[::1]:8000/v1"}, None),
        ("openai/m", {"base_url": "http://localhost/v1"}, None),
        ("openai/m", {"base_url": "http://localhost/v1", "key_env": "LAB_KEY"}, "LAB_KEY"),
        ("openai/m", {"base_url": "http://10.0.0.7/v1"}, "OPENAI_API_KEY"),
        ("openai/m", {"base_url": "http://10.0.0.7/v1", "key_env": "none"}, None),
    ],
)
def test_which_variable_holds_the_key(model: str, settings: dict[str, Any], variable: str | None) -> None:
    assert key_variable(model, settings) == variable
    assert ModelSettings.of(model, settings).key_env == variable


# What is sent

HELLO: dict[str, Any] = {"model": "gpt-x", "messages": [{"role": "user", "content": "x" * 300}]}


def bound(asked: int | None, left: int | None, **settings: Any) -> int | None:
    """Return the bound of what is sent, given that of what is asked."""
    body = HELLO if asked is None else {**HELLO, "max_tokens": asked}
    found: int | None = completed(
        body, ModelSettings(provider="openai", name="m", **settings), OPENAI, Left(tokens=left)
    ).get("max_tokens")
    return found


def test_a_bound_is_the_least_of_what_is_asked_allowed_and_left() -> None:
    assert bound(None, None) is None
    assert bound(500, None) == 500
    assert bound(500, None, max_tokens=100) == 100
    assert bound(None, None, max_tokens=100) == 100
    assert bound(500, 10**6) == 500
    about = bound(500, 400)
    assert about is not None
    assert 200 < about < 300  # about a hundred tokens go in
    assert bound(500, 1) == 1


def test_no_bound_is_made_up_that_a_server_may_refuse_as_too_large() -> None:
    assert bound(None, 10**6) is None
    small = bound(None, 600)
    assert small is not None
    assert small < 600


def test_the_newer_name_of_the_bound_is_kept() -> None:
    settings = ModelSettings(provider="openai", name="m", max_tokens=100)
    sent = completed({**HELLO, "max_completion_tokens": 500}, settings, OPENAI, Left())
    assert (sent["max_completion_tokens"], "max_tokens" in sent) == (100, False)


def test_what_is_sent_has_the_settings_and_the_agents_own_wishes_before_them() -> None:
    sampling = {"temperature": 0.5, "top_p": 0.9, "stop": ["END"], "seed": 1}
    settings = ModelSettings(provider="anthropic", name="m", sampling=sampling, extra={"thinking": {"type": "x"}})
    asked = {**HELLO, "temperature": 1.0, "thinking": 5, "own": [1], "stream": True, "stream_options": {}}
    assert completed(asked, settings, ANTHROPIC, Left()) == {
        **HELLO,
        "model": "m",
        "temperature": 1.0,
        "top_p": 0.9,
        "stop_sequences": ["END"],
        "thinking": {"type": "x"},
        "own": [1],
    }


# Prices


@PATIENT
@given(COUNTS)
def test_every_token_has_one_price(tokens: TokenCounts) -> None:
    flat = Prices(date="2025-06-01", input=2.0, output=2.0)
    assert flat.cost(tokens) == pytest.approx(tokens.total * 2.0 / 1e6)
    apart = Prices(date="2025-06-01", input=0.0, output=0.0, cached=3.0, cache_written=5.0)
    assert apart.cost(tokens) == pytest.approx((tokens.cached * 3 + tokens.cache_written * 5) / 1e6)


# Asking again


def trouble(retry_after: float | None = None) -> ModelTrouble:
    return ModelTrouble("busy", status=429, cause="overloaded", retry_after=retry_after)


@PATIENT
@given(st.integers(1, 50), st.none() | st.floats(0, 1000), st.floats(0, 1))
def test_a_pause_is_what_is_asked_for_and_a_random_part_of_a_growing_bound(
    failed: int, asked: float | None, draw: float
) -> None:
    pause = Patience(rules=Retries(), draw=lambda: draw).pause(failed, trouble(asked))
    assert pause == pytest.approx((asked or 0) + draw * min(60.0, 2.0 ** (failed - 1)))


def test_a_request_is_made_as_often_as_it_may_be() -> None:
    time, waits = Time(), []

    def fail() -> None:
        raise trouble()

    def wait(trouble: ModelTrouble, failed: int, pause: float) -> None:
        waits.append(failed)
        time.now += pause

    with pytest.raises(GivenUp) as caught:
        Patience(rules=Retries(most=3), draw=lambda: 1.0, now=time).call(fail, wait=wait)
    assert (caught.value.attempts, waits) == (4, [1, 2, 3])


def test_the_time_for_asking_again_begins_with_the_first_failure_and_no_pause_goes_beyond_it() -> None:
    time, attempts = Time(), []

    def fail() -> None:
        attempts.append(time.now)
        time.now += 600  # as one does that times out
        raise trouble()

    def wait(trouble: ModelTrouble, failed: int, pause: float) -> None:
        time.now += pause

    with pytest.raises(GivenUp) as caught:
        Patience(rules=Retries(most=99, seconds=600), draw=lambda: 1.0, now=time).call(fail, wait=wait)
    assert len(attempts) == caught.value.attempts == 2
    with pytest.raises(GivenUp):
        Patience(rules=Retries(seconds=600), draw=lambda: 0.0, now=time).call(_asks_for_much, wait=wait)


def _asks_for_much() -> None:
    raise trouble(3600.0)
