"""Whole sessions with Docker, and what is left with the engine when they end, in whatever way."""

from __future__ import annotations

import os
import signal
import uuid
from pathlib import Path

import pytest

from pytest_metr.sandbox.docker.engine import Engine
from pytest_metr.sandbox.docker.images import FAMILIES
from tests.conformance.providers import DOCKER_BASE
from tests.docker.test_endings import containers
from tests.plugin.project import Project
from tests.unit.commands.command import run_command
from tests.waiting import becomes_true

SLOW = """
class TaskFamily:
    @staticmethod
    def get_tasks():
        return {"one": {}, "two": {}}

    @staticmethod
    def get_instructions(t):
        return ""

    @staticmethod
    def start(t):
        import time
        time.sleep(300)
"""


@pytest.fixture
def project(tmp_path: Path, engine: Engine) -> Project:
    """An empty repository for families; results go to a folder whose name no other session has."""
    made = Project(tmp_path, {})
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\naddopts = -p no:cacheprovider -p no:hypothesispytest\nmetr_docker_base = {DOCKER_BASE}\n",
        encoding="utf-8",
    )
    made.out = tmp_path / f"out-{uuid.uuid4().hex}"
    return made


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_session_scores_every_run_and_leaves_no_container(project: Project, engine: Engine, workers: str) -> None:
    project.family("numbers", tasks={"one": {}, "two": {}})
    project.agent("half", {"numbers/one": "1", "numbers/two": "0"})
    result = project.run("-n", workers, "--sandbox=docker", agent="half")
    assert result.status == 1, result.output
    runs = project.runs()
    assert sorted(run["score"] for run in runs.values()) == [0.0, 1.0]
    for run in runs.values():
        assert run["sandbox"]["provider"] == "docker"
        assert run["sandbox"]["image"].startswith(FAMILIES)
        assert run["sandbox"]["versions"]["base"]
    assert containers(engine, project.out.name) == []


def running(engine: Engine, session: str) -> list[str]:
    return [one["Id"] for one in containers(engine, session) if one["State"] == "running"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_of_a_session_that_is_ended_nothing_stays(project: Project, engine: Engine, how: signal.Signals) -> None:
    project.family("slow", SLOW, tasks={"one": {}, "two": {}})
    session = project.out.name
    arguments = ("tasks", "--agent=noop", f"--metr-out={project.out}", "--sandbox=docker", "-n", "2")
    with project.start(*arguments) as process:
        assert becomes_true(lambda: len(running(engine, session)) == 2, 90)
        os.kill(process.pid, how)
        process.wait(60)
        if how == signal.SIGINT:
            assert containers(engine, session) == []
        # Of others what runs ends by itself, when its owner has died, and is removed by whoever cleans up next.
        assert becomes_true(lambda: not running(engine, session))

    def cleaned() -> bool:
        assert run_command("clean").returncode == 0
        return not containers(engine, session)

    assert becomes_true(cleaned)  # a worker takes a moment to die after its controller
