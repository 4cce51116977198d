"""What a server can do instead of answering, by both makers' clients, and what becomes of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_metr.agent.models import Message, ModelRejected, Request
from pytest_metr.errors import InfrastructureError
from tests.servers import FAULTS, FaultyServer
from tests.unit.models.bench import Run

MANUAL = Path(__file__).parents[3] / "docs" / "models.md"
ASK = Request(model="m", messages=(Message(role="user", text="Say yes."),))
#: What becomes of a request that meets each fault once: whether it is made again, and what is recorded.
STOPS = "no", "infra_error `model_rejected`, the session stops"
AGAIN = "yes", "answered"
OUTCOMES = {
    **dict.fromkeys(FAULTS, AGAIN),
    **dict.fromkeys(("400", "401", "403", "404", "422"), STOPS),
    "400 context length": ("no", "the agent is told (`too_long`)"),
    "400 content filter": ("no", "the agent is told (`filtered`)"),
    "no usage": ("no", "answered, tokens estimated (`uncounted`)"),
}
SLOW = {"silence", "trickling"}


def outcome_of(fault: str, run: Run) -> tuple[str, str]:
    """Return whether a request was made again, and what was recorded."""
    try:
        run.caller.ask(ASK)
        (model,) = run.workspace.usage.models
        told = "answered, tokens estimated (`uncounted`)" if model.uncounted else "answered"
        assert model.retries == len(run.transcript.of("model_retry"))
    except InfrastructureError as error:
        told = f"infra_error `{error.cause}`" + (", the session stops" if error.hopeless else "")
    except ModelRejected as rejected:
        told = f"the agent is told (`{rejected.what}`)"
    return "yes" if run.transcript.of("model_retry") else "no", told


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_once(fault: str, provider: str, tmp_path: Path) -> None:
    timeout = 1.0 if fault in SLOW else 20.0
    with FaultyServer([fault]) as server:
        run = Run(tmp_path, server.url, provider=provider, timeout_seconds=timeout)
        assert outcome_of(fault, run) == OUTCOMES[fault]
        again = OUTCOMES[fault] == AGAIN
        assert server.served == 1 + again
    if again:
        (retry,) = run.transcript.of("model_retry")
        assert retry["message"]
        assert "\n" not in retry["message"]
        assert retry["status"] == (int(fault[:3]) if fault[:3].isdigit() else retry["status"])
        assert retry["wait"] == pytest.approx(
            {"429 Retry-After seconds": 1, "429 retry-after-ms": 0.3}.get(fault, retry["wait"])
        )


@pytest.mark.parametrize(
    "fault", ["no usage", "reset within the answer", "stream cut in the middle", "answer cut short"]
)
def test_faults_of_streams_by_openais_client(fault: str, tmp_path: Path) -> None:
    with FaultyServer([fault]) as server:
        run = Run(tmp_path, server.url, stream=True)
        assert outcome_of(fault, run) == OUTCOMES[fault]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize("fault", ["500", "429", "reset before the answer", "stream cut in the middle", "no JSON"])
def test_a_server_that_goes_on_failing_is_an_infrastructure_error_and_no_score(
    fault: str, provider: str, tmp_path: Path
) -> None:
    with FaultyServer([fault] * 10) as server:
        run = Run(tmp_path, server.url, provider=provider, most=3)
        with pytest.raises(InfrastructureError, match="no answer after 4 attempts") as caught:
            run.caller.ask(ASK)
        assert server.served == 4
    assert (caught.value.cause, caught.value.hopeless) == ("model", False)
    assert [retry["attempt"] for retry in run.transcript.of("model_retry")] == [1, 2, 3]


def test_what_a_server_asks_for_may_be_more_than_is_waited_for(tmp_path: Path) -> None:
    with FaultyServer(["429 Retry-After seconds"] * 3) as server:
        run = Run(tmp_path, server.url, seconds=0.5)
        with pytest.raises(InfrastructureError, match="no answer after 1 attempts"):
            run.caller.ask(ASK)


def test_a_server_that_is_not_there_is_told_with_its_address(tmp_path: Path) -> None:
    with FaultyServer([]) as server:
        url = server.url
    run = Run(tmp_path, url, most=1)
    with pytest.raises(InfrastructureError, match=re.escape(url)):
        run.caller.ask(ASK)


def test_a_rejection_after_an_answer_stops_no_session(tmp_path: Path) -> None:
    with FaultyServer([]) as server:
        run = Run(tmp_path, server.url)
        run.caller.ask(ASK)
        server._faults.append("400")
        with pytest.raises(ModelRejected, match="temperature is out of range"):
            run.caller.ask(ASK)


def test_a_key_is_in_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "sk-planted-0123456789")
    from tests.servers import ScriptedServer, said

    with ScriptedServer(script=[said("yes")], key="another") as server:
        run = Run(tmp_path, server.url, key_env="A_KEY")
        with pytest.raises(InfrastructureError) as caught:
            run.caller.ask(ASK)
    assert caught.value.hopeless
    assert "the key [the key] is not valid" in str(caught.value)
    assert "planted" not in repr(run.transcript.events) + str(caught.value)


def test_the_manual_says_what_becomes_of_every_fault() -> None:
    rows = re.findall(r"^\| ([^|]+) \| (yes|no) \| ([^|]+) \|$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE)
    assert {fault: (again, then) for fault, again, then in rows} == OUTCOMES
