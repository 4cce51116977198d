"""Programs in real sandboxes at the gateway: an intermediate score, a limit, and whose token counts."""

from __future__ import annotations

import textwrap
from typing import Any

import yaml

from tests.plugin.project import GUESS, Project

#: What the agents of these tests begin with: a way to ask.
ASK = """
import http.client, json, os, sys, time
from urllib.parse import urlsplit

def ask(method, path, token=os.environ["METR_TOKEN"]):
    connection = http.client.HTTPConnection(urlsplit(os.environ["METR_URL"]).netloc, timeout=60)
    connection.request(method, path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())
"""


def command_agent(project: Project, program: str, **fields: Any) -> None:
    """Write an agent that is a program in Python."""
    code = project.root / "agents" / "code"
    code.mkdir(parents=True)
    (code / "main.py").write_text(ASK + textwrap.dedent(program), encoding="utf-8")
    command = ["python", "-u", "/home/agent/scaffolding/main.py"]
    document = {"kind": "command", "code": "code", "command": command, **fields}
    (project.root / "agents" / "mine.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


def only_run(project: Project) -> dict[str, Any]:
    [run] = project.runs().values()
    return run


def test_a_program_asks_for_its_score_and_goes_on(anywhere: Project) -> None:
    anywhere.family("guess", GUESS, tasks={"main": {}})
    program = """
    assert ask("POST", "/metr/score") == (200, {"message": {"right": False}, "score": 0.0})
    open("guess", "w").write("7")
    assert ask("POST", "/metr/score") == (200, {"message": {"right": True}, "score": 1.0})
    open("guess", "w").write("8")
    assert ask("GET", "/metr/limits")[1]["left"]["actions"] == 5
    assert ask("POST", "/v1/chat/completions")[0] == 404
    assert ask("POST", "/metr/score", token="x")[0] == 401
    open("submission.txt", "w").write("done")
    """
    command_agent(anywhere, program, limits={"actions": 10})
    result = anywhere.run(agent="mine")
    assert result.status == 0, result.output
    run = only_run(anywhere)
    assert [entry["score"] for entry in run["intermediate_scores"]] == [0.0, 0.0, 1.0, 0.0]
    assert (run["status"], run["score"]) == ("scored", 1.0)


def test_a_program_that_meets_a_limit_is_ended_at_once_whatever_it_makes_of_the_answer(anywhere: Project) -> None:
    anywhere.family("guess", GUESS, tasks={"main": {}})
    program = """
    open("submission.txt", "w").write("early")
    while ask("POST", "/metr/score")[0] == 200:
        pass
    print("told", flush=True)
    time.sleep(3600)
    """
    command_agent(anywhere, program, limits={"actions": 6})
    anywhere.run(agent="mine")
    run = only_run(anywhere)
    assert (run["status"], run["limit_hit"]["name"], run["submission"]) == ("limit", "actions", "early")
    assert run["usage"]["actions"] == 6


def test_a_score_that_fails_is_an_error_of_the_task_though_the_program_goes_on(project: Project) -> None:
    family = GUESS.replace('GUESS.read_text().strip() == "7"', "1 / 0")
    project.family("guess", family, tasks={"main": {}})
    program = """
    open("guess", "w").write("7")
    ask("POST", "/metr/score")
    time.sleep(3600)
    """
    command_agent(project, program)
    project.run(agent="mine")
    run = only_run(project)
    assert (run["status"], run["failure"]["cause"]) == ("infra_error", "task_score")
    assert "ZeroDivisionError" in run["failure"]["message"] + str(run["failure"]["evidence"])
