"""Makers' clients, curl and somebody else's agent as they are, at the gateway of tasks without the internet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import yaml

from tests.plugin.project import Project
from tests.servers import ScriptedServer, said, tool_call

FAMILY = """
import shutil
import subprocess


class TaskFamily:
    standard_version = "0.5.0"

    @staticmethod
    def install():
        if shutil.which("curl") is None:
            subprocess.run(["apt-get", "update", "-qq"], check=True)
            subprocess.run(["apt-get", "install", "-y", "-qq", "curl"], check=True)

    @staticmethod
    def get_tasks():
        return {"main": {}}

    @staticmethod
    def get_instructions(t):
        return "Submit the word 'done', and say \\"yes\\"."

    @staticmethod
    def score(t, submission):
        return float(submission == "done")
"""
KEY = "sk-planted-7f3a9c51d2e84b60"
SHIPPED = Path(__file__).parents[2] / "agents" / "mini-swe-agent.yaml"
CLIENTS = Path(__file__).parents[1] / "fixtures" / "gateway_clients.py"
PYTHON = "/opt/agent/bin/python"


def test_makers_clients_and_curl_work_unchanged_with_either_kind_of_server(anywhere: Project) -> None:
    anywhere.family("word", FAMILY, tasks={"main": {}})
    anywhere.environment["UPSTREAM_KEY"] = KEY
    code = anywhere.root / "agents" / "code"
    code.mkdir(parents=True)
    (code / "main.py").write_bytes(CLIENTS.read_bytes())
    with ScriptedServer([said("pong")]) as upstream:
        for maker in ("openai", "anthropic"):
            document = {
                "kind": "command",
                "gateway": True,
                "model": f"{maker}/small",
                "base_url": upstream.url,
                "key_env": "UPSTREAM_KEY",
                "packages": ["openai==3.57.0", "anthropic==2.14.0"],
                "code": "code",
                "command": [PYTHON, "-u", "/home/agent/scaffolding/main.py"],
            }
            (anywhere.root / "agents" / f"{maker}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
        result = anywhere.pytest(
            "tasks", "--agent=openai", "--agent=anthropic", f"--metr-out={anywhere.out}", timeout=900
        )
        assert result.status == 0, result.output
        asked = upstream.asked
    # Six calls of each agent came through, each with the real key, and for the model of the file.
    assert Counter(each.path.split("?")[0] for each in asked) == {"/v1/chat/completions": 6, "/v1/messages": 6}
    assert {(each.body["model"], each.key) for each in asked} == {("small", KEY)}
    for run in anywhere.runs().values():
        [model] = run["usage"]["models"]
        assert (model["calls"], model["tokens"]["input"], model["tokens"]["output"]) == (6, 60, 30)
    written = [path for path in anywhere.out.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if KEY.encode() in path.read_bytes()]


def test_mini_swe_agent_from_pypi_solves_a_task_without_the_internet(anywhere: Project) -> None:
    anywhere.family("word", FAMILY, tasks={"main": {}})
    script = ["ls -la", "printf 'done' > answer.txt", "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT; cat answer.txt"]
    with ScriptedServer([said("", tool_call("bash", command=command)) for command in script]) as upstream:
        given = (f"--agent={SHIPPED}", "--metr-model=openai/small", f"--metr-base-url={upstream.url}")
        result = anywhere.pytest("tasks", *given, f"--metr-out={anywhere.out}", timeout=900)
        assert result.status == 0, result.output
        asked = upstream.asked
    assert len(asked) == len(script)
    assert "Submit the word 'done', and say \"yes\"." in asked[0].body["messages"][1]["content"]
    [run] = anywhere.runs().values()
    assert (run["score"], run["submission"], run["usage"]["tokens"]) == (1.0, "done", 45)
