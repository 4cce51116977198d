"""The ReAct agent in whole sessions: a model server on loopback, the makers' clients, real sandboxes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from pytest_metr.agent.models import Reply, requests
from tests.plugin.project import GUESS, Project
from tests.servers.scripted import Asked, ScriptedServer, said, tool_call


def react(project: Project, server: ScriptedServer, *, provider: str = "openai", **fields: Any) -> None:
    """Write an agent whose model is the server's."""
    folder = project.root / "agents"
    folder.mkdir(exist_ok=True)
    url = server.url if provider == "anthropic" else f"{server.url}/v1"
    given = {"kind": "react", "model": f"{provider}/scripted", "base_url": url, **fields}
    (folder / "mine.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")


def transcript(project: Project, run: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of a run."""
    lines = (project.out / run["transcript"]).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def last_text(asked: Asked) -> str:
    """Return what the model was told last."""
    return str(asked.body["messages"][-1]["content"])


def solves(asked: Asked, _: int) -> Reply:
    """Write 7 by one tool, look by another, ask for a score, hand in."""
    results = [message for message in asked.body["messages"] if message["role"] == "tool"]
    calls = [
        [
            tool_call("bash", command="cd /tmp; word=7; echo here"),
            tool_call("bash", id="call_2", command="echo $word$PWD"),
        ],
        [tool_call("python", code="from pathlib import Path\nPath('/home/agent/guess').write_text('7')")],
        [tool_call("score")],
        [tool_call("submit", answer="done")],
    ]
    done = {0: 0, 2: 1, 3: 2, 4: 3}[len(results)]
    return said("I go on.", *calls[done])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_model_solves_a_task_by_all_its_tools(project: Project, workers: str) -> None:
    project.family("guess", GUESS, tasks={"main": {}})
    with ScriptedServer(solves) as server:
        react(project, server, limits={"actions": 10})
        result = project.run("-n", workers, agent="mine")
    assert result.status == 0, result.output
    [run] = project.runs().values()
    assert (run["status"], run["score"], run["submission"]) == ("scored", 1.0, "done")
    assert [entry["score"] for entry in run["intermediate_scores"]] == [0.0, 1.0, 1.0]
    assert (run["usage"]["actions"], run["usage"]["models"][0]["calls"], run["observed"]) == (5, 4, {})
    [first, *_, last] = [asked.body["messages"] for asked in server.asked]
    assert "Your limits: 10 calls of tools." in first[0]["content"]
    assert first[1]["content"] == "The task:\n\nWrite 7 to guess."
    told = [message["content"] for message in last if message["role"] == "tool"]
    assert told == ["here\n", "7/tmp\n", "1\n", '{"message": {"right": true}, "score": 1.0}']
    tools = {"bash", "python", "score", "submit"}
    called = [event["kind"] for event in transcript(project, run) if event["kind"] in tools]
    assert called == ["bash", "bash", "python", "score", "submit", "score"]  # the last by the session itself


def guesses(asked: Asked, _: int) -> Reply:
    """Do something else for each of the tasks one, two, three."""
    messages = asked.body["messages"]
    task = messages[1]["content"] if messages[0]["role"] == "system" else messages[0]["content"]
    if "one" in str(task):
        return said("Should I?")
    if "two" in str(task):
        return said("", tool_call("submit", answer="1"))
    return said("", tool_call("bash", command="sleep 600"))


@pytest.mark.parametrize(("provider", "workers"), [("openai", "2"), ("anthropic", "0")])
def test_giving_up_handing_in_at_once_and_a_limit_are_told_apart(project: Project, provider: str, workers: str) -> None:
    project.family("numbers", tasks={"one": {}, "two": {}, "three": {}})
    with ScriptedServer(guesses) as server:
        react(project, server, provider=provider, key_env="none", limits={"wall_seconds": 8})
        project.run("-n", workers, agent="mine")
    runs = {run["task_id"]: run for run in project.runs().values()}
    assert {task: (run["status"], run["score"], run["observed"]) for task, run in runs.items()} == {
        "numbers/one": ("scored", 0.0, {"no_call": 3, "gave_up": 1}),
        "numbers/two": ("scored", 1.0, {"submitted_at_once": 1}),
        "numbers/three": ("limit", 0.0, {}),
    }
    [killed] = [event for event in transcript(project, runs["numbers/three"]) if event["kind"] == "bash"]
    assert killed["timed_out"]


def test_the_answers_in_a_transcript_lead_to_the_same_requests_again(project: Project) -> None:
    project.family("guess", GUESS, tasks={"main": {}})
    with ScriptedServer(solves) as server:
        react(project, server)
        project.run(agent="mine")
    [first] = project.runs().values()
    events = transcript(project, first)
    recorded = [event["body"] for event in events if event["kind"] == "model_response"]
    project.out = project.root / "again"
    with ScriptedServer(recorded) as server:
        react(project, server)
        project.run(agent="mine")
    [again] = project.runs().values()
    assert [asked.body for asked in server.asked] == list(requests(events))
    assert list(requests(transcript(project, again))) == list(requests(events))
    assert len(recorded) == 4
    assert (again["submission"], again["score"]) == (first["submission"], first["score"])


def test_a_model_without_calls_of_its_own_works_by_text(project: Project) -> None:
    def answers(asked: Asked, number: int) -> Reply:
        assert "tools" not in asked.body
        if number == 0:
            return said("I look.\n```bash\necho $((40 + 2))\n```")
        return said(f"```submit\n{last_text(asked)[-3:-1]}\n```")

    project.family("numbers", tasks={"one": {}})
    with ScriptedServer(answers) as server:
        react(project, server, tool_calls="text")
        project.run(agent="mine")
    [run] = project.runs().values()
    assert (run["submission"], run["observed"]) == ("42", {})
