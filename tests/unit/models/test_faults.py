"""Everything that a model's server does instead of answering: how it is asked again, and what comes of it.

The table in ``docs/models.md`` is what these tests see.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.agent.models import Message, ModelRejected, Request
from pytest_metr.errors import InfrastructureError
from tests.servers import FAULTS, FaultyServer, ScriptedServer, said
from tests.unit.models.bench import Run

MANUAL = Path(__file__).parents[3] / "docs" / "models.md"
HEAD = "| what the server does | asked again | recorded | what comes of it |"
#: The ways in which a server is asked.
WAYS: dict[str, dict[str, Any]] = {
    "openai": {"provider": "openai"},
    "openai, streamed": {"provider": "openai", "stream": True},
    "anthropic": {"provider": "anthropic"},
}
#: The faults that only a deadline ends.
ENDLESS = ("trickling", "trickling headers", "silence")
KEY = "sk-planted/0123456789+abcdef"
ASK = Request(model="m", messages=(Message(role="user", text="Say yes."),), max_tokens=100)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the key where the settings say that it is, with the newline that files of keys end with."""
    monkeypatch.setenv("A_KEY", f"{KEY}\n")


def documented() -> dict[str, str]:
    """Return the lines of the table in the manual, by their fault."""
    _, _, table = MANUAL.read_text(encoding="utf-8").partition(HEAD)
    lines = [line for line in table.strip().split("\n\n")[0].splitlines() if "---" not in line]
    return {line.split("|")[1].strip(): line for line in lines}


def outcome(run: Run) -> str:
    """Ask, and return in words what comes of it."""
    try:
        run.caller.ask(ASK)
    except ModelRejected as rejected:
        return f"told to the agent (`{rejected.what}`)"
    except InfrastructureError as error:
        return f"infrastructure error `{error.cause}`{', the session stops' if error.hopeless else ''}"
    [used] = run.workspace.usage.models
    return "answered" + (", tokens estimated (`uncounted`)" if used.uncounted else "")


def line_of(fault: str, folder: Path, way: str) -> str:
    """Have a server do a fault once, and return the line of the table that this makes."""
    timeout = 3.0 if fault in ENDLESS else 30.0
    with FaultyServer([fault]) as server:
        run = Run(folder, server.url, key_env="A_KEY", timeout_seconds=timeout, **WAYS[way])
        came = outcome(run)
    retries, failed = run.transcript.of("model_retry"), run.transcript.of("model_failed")
    assert all(server.root in event["message"] and "\n" not in event["message"] for event in retries + failed)
    # On a slow machine the good answer, too, may come too late for the short deadline.
    assert len(retries) <= 1 or fault in ENDLESS
    seen = [f"`{event['cause']}` {event['status'] or ''}".strip() for event in (*retries[:1], *failed)]
    waited = ", after what it asks for" if any(event["wait"] for event in retries) else ""
    again = f"yes{waited}" if retries else "no"
    return f"| {fault} | {again} | {', '.join(seen) or 'nothing'} | {came} |"


def test_the_manual_has_every_fault() -> None:
    assert list(documented()) == list(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_met_as_the_manual_says_by_either_client(fault: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(len(WAYS)) as threads:
        lines = {way: threads.submit(line_of, fault, tmp_path / way, way) for way in WAYS}
    found = {way: made.result() for way, made in lines.items()}
    assert found == dict.fromkeys(WAYS, documented()[fault])


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_goes_on_failing_is_an_infrastructure_error_and_no_score(way: str, tmp_path: Path) -> None:
    faults = ["500", "reset before the answer", "stream cut in the middle", "no JSON", "500"]
    with FaultyServer(faults) as server:
        run = Run(tmp_path, server.url, most=3, **WAYS[way])
        with pytest.raises(InfrastructureError, match=r"no answer after 4 attempts: .* no JSON") as caught:
            run.caller.ask(ASK)
        assert server.served == 4
    assert (caught.value.cause, caught.value.hopeless) == ("model", False)
    causes = [(event["attempt"], event["cause"]) for event in run.transcript.of("model_retry")]
    assert causes == [(1, "server"), (2, "connection"), (3, "cut_short")]
    [failed] = run.transcript.of("model_failed")
    assert (failed["call"], failed["cause"], failed["status"]) == (1, "no_json", 200)
    [used] = run.workspace.usage.models
    assert (used.calls, used.retries, used.tokens.total) == (0, 3, 0)


def test_what_a_server_asks_for_may_be_more_than_is_waited_for(tmp_path: Path) -> None:
    with FaultyServer(["429 Retry-After seconds"] * 3) as server:
        run = Run(tmp_path, server.url, seconds=0.5)
        with pytest.raises(InfrastructureError, match="no answer after 1 attempts"):
            run.caller.ask(ASK)


def test_a_server_that_is_not_there_is_told_with_its_address(tmp_path: Path) -> None:
    with FaultyServer([]) as server:
        url = server.url
    run = Run(tmp_path, url, most=1)
    with pytest.raises(InfrastructureError, match=re.escape(url)) as caught:
        run.caller.ask(ASK)
    assert caught.value.evidence == {"status": "none", "cause": "connection"}


@pytest.mark.parametrize("fault", ["400", "401", "404"])
def test_a_rejection_after_an_answer_stops_no_session(fault: str, tmp_path: Path) -> None:
    with ScriptedServer([said("yes")]) as good, FaultyServer([fault]) as bad:
        run = Run(tmp_path, good.url)
        run.caller.ask(ASK)
        run.caller._client = Run(tmp_path, bad.url).caller._client
        with pytest.raises(InfrastructureError) as caught:
            run.caller.ask(ASK)
    assert (caught.value.cause, caught.value.hopeless) == ("model_rejected", False)


@pytest.mark.parametrize("fault", ["400", "422", "400 context length", "400 content filter"])
def test_a_request_that_somebody_else_has_worded_is_for_them_to_mend(fault: str, tmp_path: Path) -> None:
    with FaultyServer([fault]) as server:
        run = Run(tmp_path, server.url)
        with pytest.raises(ModelRejected) as caught:
            run.caller.call({"messages": [{"role": "user", "content": "hello"}]})
    assert caught.value.status == int(fault[:3])


@pytest.mark.parametrize("way", WAYS)
def test_a_key_is_in_no_message_however_a_server_echoes_it(way: str, tmp_path: Path) -> None:
    with ScriptedServer([said("yes")], key="another") as server:
        run = Run(tmp_path, server.url, key_env="A_KEY", **WAYS[way])
        with pytest.raises(InfrastructureError, match=r"the key \[key\] is not valid") as caught:
            run.caller.ask(ASK)
    with FaultyServer(["401 that shows the key"]) as server:
        run = Run(tmp_path, server.url, key_env="A_KEY", **WAYS[way])
        with pytest.raises(InfrastructureError) as again:
            run.caller.ask(ASK)
    assert "planted" not in repr(run.transcript.events) + str(caught.value) + str(again.value)


def test_a_key_that_is_not_there_or_is_none_stops_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for value, found in ((" ", "is not set"), ("sk-\N{EM DASH}abc", "holds something else")):
        monkeypatch.setenv("A_KEY", value)
        with pytest.raises(InfrastructureError, match=f"A_KEY, which {found}") as caught:
            Run(tmp_path, "http://127.0.0.1:1/v1", key_env="A_KEY")
        assert (caught.value.cause, caught.value.hopeless) == ("missing_secret", True)
        assert "abc" not in str(caught.value)
