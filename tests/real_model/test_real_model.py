"""A real, very small model behind a real server. It solves next to nothing; what must hold is all around it.

``METR_TEST_MODEL_URL`` is the base URL of an OpenAI-compatible server, as ``scripts/start-small-model`` starts one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.agent.models import WIRES, Reply, requests
from tests.plugin.project import NUMBERS, Project
from tests.servers import Asked, ScriptedServer

URL = os.environ.get("METR_TEST_MODEL_URL", "")
AGENTS = Path(__file__).parents[2] / "agents"
OPENAI = WIRES[0]
#: Short answers, so that a test is over soon; the same for the same request.
AGENT = """
kind: react
model: openai/smollm2-135m
context_tokens: 4096
max_tokens: 24
give_up_after: 2
sampling: {temperature: 0, seed: 1}
"""

pytestmark = pytest.mark.skipif(not URL, reason="METR_TEST_MODEL_URL names no model's server")


@pytest.fixture
def project(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repository with two tasks and the agent."""
    (tmp_path / "tmp").mkdir()
    root = tmp_path / "repository"
    (root / "agents").mkdir(parents=True)
    (root / "agents" / "small.yaml").write_text(AGENT, encoding="utf-8")
    made = Project(root, {"XDG_CACHE_HOME": str(tmp_path / "cache"), "TMPDIR": str(tmp_path / "tmp")})
    made.family("numbers", NUMBERS, tasks={"one": {}, "two": {}})
    return made


def transcripts(project: Project) -> Iterator[list[dict[str, Any]]]:
    for path in sorted((project.out / "transcripts").iterdir()):
        yield [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def answers(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event["body"] for event in events if event["kind"] == "model_response"]


def test_every_run_is_made_and_its_tokens_are_the_servers(project: Project) -> None:
    result = project.run("-n2", f"--metr-base-url={URL}", agent="small")
    assert result.status in (0, 1), result.output
    runs = {run["run_id"]: run for run in project.report()["runs"]}
    assert {run["status"] for run in runs.values()} <= {"scored", "limit"}
    assert len(runs) == 2
    for events in transcripts(project):
        run = runs[events[0]["run"]["run_id"]]
        counts = [body["usage"] for body in answers(events)]
        assert counts
        (model,) = run["usage"]["models"]
        assert (model["calls"], model["uncounted"]) == (len(counts), 0)
        assert model["tokens"]["input"] == sum(count["prompt_tokens"] for count in counts)
        assert model["tokens"]["output"] == sum(count["completion_tokens"] for count in counts)
        assert run["usage"]["tokens"] == sum(count["total_tokens"] for count in counts)


def test_a_limit_of_tokens_cuts(project: Project) -> None:
    result = project.run("-k", "one", f"--metr-base-url={URL}", "--metr-limit=tokens=600", agent="small")
    assert result.status == 1, result.output
    (run,) = project.report()["runs"]
    (events,) = transcripts(project)
    before_the_last = sum(body["usage"]["total_tokens"] for body in answers(events)[:-1])
    assert (run["status"], run["limit_hit"]) == ("limit", {"name": "tokens", "allowed": 600})
    assert before_the_last < 600 <= run["usage"]["tokens"]


def test_a_transcript_replays(project: Project) -> None:
    assert project.run("-k", "one", f"--metr-base-url={URL}", agent="small").status in (0, 1)
    (events,) = transcripts(project)
    asked, (first,) = list(requests(events)), project.report()["runs"]
    recorded = [OPENAI.reply(body) for body in answers(events)]

    def again(_: Asked, number: int) -> Reply:
        return recorded[number]

    project.out = project.root / "again"
    with ScriptedServer(script=again) as server:
        assert project.run("-k", "one", f"--metr-base-url={server.url}", agent="small").status in (0, 1)
        assert [request.body for request in server.asked] == asked
    (second,) = project.report()["runs"]
    for key in ("status", "score", "submission", "observed"):
        assert second[key] == first[key], key
    assert second["usage"]["tokens"] == first["usage"]["tokens"]
