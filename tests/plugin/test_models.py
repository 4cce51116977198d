"""Sessions whose agents talk to a model's server: keys, limits, many workers, and what ends a session at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_metr.agent.models import Reply
from pytest_metr.types import TokenCounts
from tests.plugin.project import NUMBERS, Project
from tests.servers import Asked, ScriptedServer, said, tool_call

KEY = "sk-planted-0123456789abcdef"
#: Looks around with a tool, then submits.
STEPS = (
    said("Let me look.", tool_call("bash", command="echo $((6 * 7)); env")),
    said("", tool_call("submit", answer="1")),
)
TASKS = [f"task{number}" for number in range(8)]
MANY = NUMBERS.replace('["one", "two", "three"]', repr(TASKS))


def by_turn(asked: Asked, _: int) -> Reply:
    """Answer a conversation by how far it has come, whichever run it belongs to."""
    turns = sum(message["role"] == "assistant" for message in asked.body["messages"])
    return STEPS[min(turns, 1)]


def agent(project: Project, url: str | None, **fields: Any) -> None:
    folder = project.root / "agents"
    folder.mkdir(exist_ok=True)
    document = {"kind": "react", "model": "openai/m", "context_tokens": 8192, **fields}
    if url is not None:
        document["base_url"] = url
    (folder / "mine.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


def written(project: Project) -> str:
    """Return all that a session has written, transcripts and all."""
    files = [path for path in project.out.rglob("*") if path.is_file()]
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


def test_a_session_needs_the_key_before_anything_runs(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    agent(project, None, key_env="NO_SUCH_KEY")
    result = project.run(agent="mine")
    assert result.status == 4
    result.lines("mine.yaml: key_env: expected the environment variable NO_SUCH_KEY")
    assert not project.out.exists()


def test_agents_without_a_model_take_none_from_the_command_line(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    result = project.run("--metr-model=openai/other", agent="noop")
    assert result.status == 4
    result.lines("--metr-model: expected an agent that talks to a model by way of the plugin, found noop")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_wrong_key_stops_the_session_with_one_line_and_it_can_be_taken_up_again(
    project: Project, workers: str
) -> None:
    project.family("numbers", MANY, tasks={name: {} for name in TASKS})
    project.environment["A_KEY"] = "sk-wrong-0123456789"
    with ScriptedServer(script=by_turn, key=KEY) as server:
        agent(project, server.url, key_env="A_KEY")
        result = project.run(f"-n{workers}", agent="mine")
        assert result.status == 4, result.output
        result.lines("stopped, as every further run would fail alike: openai/m:", "HTTP 401")
        assert "sk-wrong" not in result.output + written(project)
        runs = project.report()["runs"]
        failed = [run for run in runs if run["status"] == "infra_error"]
        assert 1 <= len(failed) <= 4
        assert {run["failure"]["cause"] for run in failed} == {"model_rejected"}
        assert {run["status"] for run in runs} == {"infra_error", "not_run"}
        project.environment["A_KEY"] = KEY
        result = project.pytest("tasks", "--agent=mine", f"--metr-resume={project.out}", f"-n{workers}")
    assert result.status == 0, result.output
    assert [run["score"] for run in project.report()["runs"]] == [1.0] * len(TASKS)


def test_no_secret_reaches_a_file(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    project.environment["A_KEY"] = KEY
    # The model echoes the key, as a server that shows its headers would; and the host's environment holds another.
    steps = [
        said(f"My key is {KEY}.", tool_call("bash", command=f"env; echo {KEY} | base64; cat /proc/*/environ")),
        said("", tool_call("submit", answer="1")),
    ]
    with ScriptedServer(script=steps, key=KEY) as server:
        agent(project, server.url, key_env="A_KEY")
        result = project.run(agent="mine")
    assert result.status == 0, result.output
    text = written(project)
    assert "[secret A_KEY]" in text
    assert KEY not in text
    assert "c2stcGxhbnRlZC0wMTIzNDU2Nzg5YWJjZGVm" not in text  # in base64
    assert KEY not in result.output


def test_another_model_on_the_command_line_is_another_agent(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    identities: list[str] = []
    for options in ([], ["--metr-model=openai/checkpoint"]):
        with ScriptedServer(script=by_turn) as server:
            agent(project, "http://127.0.0.1:1/v1")
            out = project.root / f"out{len(identities)}"
            arguments = ["tasks", "--agent=mine", f"--metr-out={out}", f"--metr-base-url={server.url}", *options]
            result = project.pytest(*arguments)
            assert result.status == 0, result.output
            assert {asked.body["model"] for asked in server.asked} == {"checkpoint" if options else "m"}
        report = json.loads((out / "report.json").read_text(encoding="utf-8"))
        (spec,) = report["session"]["agents"]
        identities.append(spec["identity"])
        assert spec["overrides"] == {"base_url": server.url, **({"model": "openai/checkpoint"} if options else {})}
        assert report["runs"][0]["model"] == spec["model"]
    assert len(set(identities)) == 2


@pytest.mark.parametrize(
    ("option", "name"), [("--metr-limit=tokens=20", "tokens"), ("--metr-limit=actions=1", "actions")]
)
def test_a_limit_of_the_command_line_ends_a_run(project: Project, option: str, name: str) -> None:
    project.family("numbers", tasks={"one": {"meta": {"limits": {"tokens": 10**6}}}})
    with ScriptedServer(script=by_turn) as server:
        agent(project, server.url, limits={"tokens": 10**7, "brackets": {"few_minutes": {"tokens": 1}}})
        result = project.run(option, agent="mine")
    assert result.status == 1, result.output
    (run,) = project.report()["runs"]
    assert (run["status"], run["limit_hit"]["name"], run["score"]) == ("limit", name, 0.0)
    assert run["limits"]["tokens"] == (20 if name == "tokens" else 10**6)
    assert run["usage"]["models"][0]["model"] == "openai/m"


def test_what_a_model_was_used_for_is_in_the_record(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    counts = TokenCounts(input=100, cached=60, output=20, reasoning=5)
    steps = [said("", tool_call("nothing"), tokens=counts), said("", tool_call("submit", answer="1"), tokens=counts)]
    with ScriptedServer(script=steps) as server:
        agent(project, server.url, prices={"date": "2026-11-01", "input": 1.0, "output": 2.0, "cached": 0.5})
        assert project.run(agent="mine").status == 0
    (run,) = project.report()["runs"]
    (model,) = run["usage"]["models"]
    assert (model["calls"], run["usage"]["tokens"]) == (2, 240)
    assert model["tokens"] == {"input": 200, "cached": 120, "cache_written": 0, "output": 40, "reasoning": 10}
    assert run["usage"]["cost"] == pytest.approx((80 * 1 + 120 * 0.5 + 40 * 2) / 1e6)
    assert run["observed"]["malformed_call"] == 1
    assert run["usage"]["working_seconds"] <= run["usage"]["seconds"]


def test_eight_workers_at_a_server_that_allows_four_connections(project: Project) -> None:
    project.family("numbers", MANY, tasks={name: {} for name in TASKS})
    with ScriptedServer(script=by_turn, allowed=4, seconds=0.3, retry_after=None) as server:
        agent(project, server.url)
        result = project.run("-n8", "--metr-runs=2", agent="mine")
    assert result.status == 0, result.output
    assert server.most_at_once <= 4
    runs = project.report()["runs"]
    assert [run["status"] for run in runs] == ["scored"] * 16
    assert sum(run["usage"]["models"][0]["retries"] for run in runs) == server.refused


def test_nothing_that_workers_shared_stays(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    with ScriptedServer(script=by_turn) as server:
        agent(project, server.url)
        assert project.run(agent="mine").status == 0
    assert not [path for path in project.out.iterdir() if path.name.startswith(".")]
    assert Path(project.out, "report.json").exists()
