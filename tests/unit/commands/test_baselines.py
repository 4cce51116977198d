"""``pytest-metr baselines``."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.report import Journal
from pytest_metr.types import AgentSpec, PlannedRun, RunRecord, TaskSpec, Usage
from tests.unit.commands.command import Command

PERSON = AgentSpec(name="human", kind="human", settings={"person": "A. N. Other"})
MODEL = AgentSpec(name="gpt", kind="react")


def record(agent: AgentSpec, run: int, minutes: float, score: float) -> RunRecord:
    task = TaskSpec(family="hashes", name="short", family_dir="/f", family_hash="0")
    planned = PlannedRun(run_id=f"{agent.name}.{run}", nodeid="n", task=task, run=run, agent=agent.name)
    blank = RunRecord.blank(planned, agent).to_json()
    made = {"status": "scored", "score": score, "usage": Usage(seconds=minutes * 60).to_json()}
    return RunRecord.from_json({**blank, **made, "completed_at": "2026-11-01T10:00:00.000Z"})


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """Three attempts of a person, one of which failed, and one of a model."""
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append("session", {"agents": [PERSON.to_json(), MODEL.to_json()]})
    for run, (minutes, score) in enumerate([(10, 1.0), (40, 1.0), (100, 0.0)], 1):
        journal.append("run", record(PERSON, run, minutes, score).to_json())
    journal.append("run", record(MODEL, 1, 1, 1.0).to_json())
    return tmp_path


def test_the_successful_attempts_of_people_make_a_baseline(command: Command, session: Path) -> None:
    answer = command("baselines", session)
    assert answer.status == 0
    assert "A. N. Other" in answer.out
    assert "gpt" not in answer.out
    (baseline,) = command("baselines", session, "--json").json("baselines")["tasks"]
    assert baseline == {"task_id": "hashes/short", "attempts": 3, "successes": 2, "minutes": pytest.approx(20)}


def test_a_session_without_people_has_none(command: Command, tmp_path: Path) -> None:
    Journal(tmp_path / "journal.jsonl").append("session", {"agents": [MODEL.to_json()]})
    answer = command("baselines", tmp_path)
    assert (answer.status, answer.out) == (1, "no attempts of people\n")


def test_a_folder_that_is_no_session_is_a_mistake(command: Command, tmp_path: Path) -> None:
    assert "expected the folder of a session" in command.refuses("baselines", tmp_path)
