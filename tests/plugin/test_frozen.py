"""Agents that were frozen before they were measured, and those that were not, in whole sessions."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.plugin.project import NUMBERS, Project

TASKS = {
    name: {"meta": {"human_minutes": 5, "split": split}}
    for name, split in (("one", "dev"), ("two", "test"), ("three", "test"))
}
CHECK = {"protocol": "own", "version": "1", "checks": {"frozen": True}}
GATE = {
    "tasks": 1,
    "checks": ["frozen"],
    "rules": [{"metric": "overall_score", "must_stay": "below", "threshold": 1.0}],
}


@pytest.fixture
def frozen_project(project: Project) -> Project:
    project.family("numbers", NUMBERS, tasks=TASKS)
    project.agent("mine", {f"numbers/{name}": "0" for name in TASKS})
    (project.root / "own.yaml").write_text(yaml.safe_dump(CHECK), encoding="utf-8")
    (project.root / "gate.yaml").write_text(yaml.safe_dump(GATE), encoding="utf-8")
    return project


def states(project: Project) -> dict[str, bool | None]:
    return {run["task_id"]: run["agent_frozen"] for run in project.runs().values()}


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_gate_can_ask_for_a_frozen_agent(frozen_project: Project, workers: str) -> None:
    project = frozen_project
    given = ("-n", workers, "--metr-protocol=own.yaml", "--metr-gate=gate.yaml")
    loose = project.run(*given, agent="mine")
    assert loose.status == 20
    assert "the check frozen failed: the agent was not frozen, or has changed since, in 2 of 2 test" in loose.flat
    assert set(states(project).values()) == {False}

    frozen = project.tool("freeze", "mine", "--by", "ada", "--note", "two rounds on dev")
    assert frozen.status == 0, frozen.output
    project.fresh()
    assert project.run(*given, agent="mine").status == 0
    assert set(states(project).values()) == {True}
    [spec] = project.report()["session"]["agents"]
    assert (spec["freeze"]["by"], spec["freeze"]["note"]) == ("ada", "two rounds on dev")

    project.agent("mine", {f"numbers/{name}": "0.0" for name in TASKS})
    project.fresh()
    assert project.run(*given, agent="mine").status == 20
    assert set(states(project).values()) == {False}


def test_runs_of_a_loose_agent_are_marked_by_any_protocol(frozen_project: Project) -> None:
    project = frozen_project
    (project.root / "own.yaml").write_text(yaml.safe_dump({**CHECK, "checks": {"frozen": "none"}}), encoding="utf-8")
    result = project.run("--metr-protocol=own.yaml", agent="mine")
    assert "2 runs of the split test by an agent that was not frozen, or has changed since" in result.flat
    assert "2 runs of the split test by an agent" in project.tool("score", str(project.out)).flat


def test_a_frozen_file_that_cannot_be_read_is_one_line(frozen_project: Project) -> None:
    file = frozen_project.root / "agents" / "frozen.jsonl"
    file.write_text(json.dumps({"agent": "mine"}) + "\n", encoding="utf-8")
    result = frozen_project.run(agent="mine")
    assert result.status == 4
    assert f"{file}:1: expected a line of pytest-metr freeze" in result.flat


def test_freezing_twice_and_after_a_change_is_told(frozen_project: Project) -> None:
    project = frozen_project
    assert "no agent of agents is frozen" in project.tool("freeze").output
    assert "mine is frozen as " in project.tool("freeze", "mine").output
    assert "mine is frozen already as " in project.tool("freeze", "mine").output
    project.agent("mine", {"numbers/one": "1"})
    assert "changed" in project.tool("freeze").output
    again = project.tool("freeze", "agents/mine.yaml")
    assert "it was frozen as " in again.output
    assert "as it was" in project.tool("freeze").output
    assert len((project.root / "agents" / "frozen.jsonl").read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("mien",), "did you mean 'mine'?"),
        (("noop",), "AGENT: expected an agent that can be elicited, found one of the kind noop"),
        (("mine", "--model", "openai/x"), "--model: expected an agent that talks to a model by way of the plugin"),
    ],
)
def test_what_cannot_be_frozen_is_one_line(frozen_project: Project, arguments: tuple[str, ...], told: str) -> None:
    result = frozen_project.tool("freeze", *arguments)
    assert (result.status, told in result.flat) == (4, True), result.output


def test_controls_are_never_frozen(frozen_project: Project) -> None:
    frozen_project.run(agent="noop")
    assert set(states(frozen_project).values()) == {None}
