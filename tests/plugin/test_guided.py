"""Failures that are run again with a declared fix: marked, and in no number of unguided runs."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.plugin.project import NUMBERS, Project

TASKS = {name: {"meta": {"human_minutes": 5}} for name in ("one", "two", "three")}
HINT = {"fix": "hint", "why": "it is not said that halves are numbers too", "hint": "Submit 0.95."}


@pytest.fixture
def guided_project(project: Project) -> Project:
    project.family("numbers", NUMBERS, tasks=TASKS)
    project.agent("mine", {f"numbers/{name}": number for name, number in (("one", "1"), ("two", "0"), ("three", "0"))})
    return project


def declare(project: Project, document: Any) -> None:
    (project.root / "fix.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_guided_runs_are_marked_and_in_no_number(guided_project: Project, workers: str) -> None:
    project = guided_project
    declare(project, {**HINT, "runs": ["numbers.two.mine.run1"]})
    result = project.run("-n", workers, "--metr-guided=fix.yaml", agent="mine")
    assert result.status == 1
    assert "agent mine, guided by a hint: it is not said that halves are numbers too" in result.flat
    assert "overall score" not in result.output
    runs = project.runs().values()
    assert {run["guidance"]["fix"] for run in runs} == {"hint"}
    assert project.report()["agents"][0]["result"] is None
    assert (project.out / "runs.jsonl").read_text(encoding="utf-8") == ""
    [task] = [event for event in project.events("numbers/one") if event["kind"] == "task"]
    assert task["instructions"] == "Submit a number for one.\n\nSubmit 0.95.\n"
    scored = project.tool("score", str(project.out))
    assert scored.status == 4
    assert "found guided runs alone; name the session whose runs they made again" in scored.flat


def test_the_corrected_scores_tell_of_guided_runs_and_count_none(guided_project: Project) -> None:
    project = guided_project
    project.run(agent="mine")
    plain = project.out.rename(project.root / "plain")
    project.agent("mine", {f"numbers/{name}": "1" for name in TASKS})
    declare(project, {"fix": "prompt", "why": "the agent asked instead of answering"})
    project.run("--metr-guided=fix.yaml", "-k", "two or three", agent="mine")
    result = project.tool("score", str(plain), "--elicitation", "--guided", str(project.out))
    assert result.status == 0, result.output
    told = "guided by a prompt (the agent asked instead of answering): 2 of 2 runs of 2 tasks succeeded"
    assert told in result.flat
    assert "as measured - 0.333 " in result.flat


def test_a_guided_session_is_taken_up_again_with_its_fix_alone(guided_project: Project) -> None:
    project = guided_project
    declare(project, HINT)
    project.run("--metr-guided=fix.yaml", "-k", "one", agent="mine")
    again = ("tasks", "--agent=mine", "-k", "one", f"--metr-resume={project.out}")
    without = project.pytest(*again)
    assert without.status == 4
    assert "--metr-guided: " in without.flat
    assert project.pytest(*again, "--metr-guided=fix.yaml").status == 0


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"why": "x"}, "fix.yaml: fix: missing; expected one of hint, prompt, task"),
        ({"fix": "hunt", "why": "x"}, "fix: expected one of hint, prompt, task, found 'hunt'; did you mean 'hint'?"),
        ({"fix": "hint", "why": " "}, "why: expected what was wrong, and why the fix mends it; found an empty text"),
        ({"fix": "hint", "why": "x"}, "hint: expected the words that are added to the instructions"),
        ({"fix": "task", "why": "x", "hint": "y"}, "hint: expected none with fix: task"),
        ({"fix": "task", "why": "x", "runs": [1]}, "runs[0]: expected the id of a run, found a number (1)"),
        ({"fix": "task", "why": "x", "ruins": []}, "ruins: unknown key"),
    ],
)
def test_a_wrong_declaration_is_one_line(guided_project: Project, document: Any, told: str) -> None:
    declare(guided_project, document)
    result = guided_project.run("--metr-guided=fix.yaml", agent="mine")
    assert (result.status, told in result.flat) == (4, True), result.output


@pytest.mark.parametrize("option", ["--metr-gate=fix.yaml", "--metr-protocol=plain"])
def test_nothing_is_judged_by_guided_runs(guided_project: Project, option: str) -> None:
    declare(guided_project, HINT)
    result = guided_project.run("--metr-guided=fix.yaml", option, agent="mine")
    assert result.status == 4
    assert "expected none with --metr-guided: guided runs are in no number" in result.flat
