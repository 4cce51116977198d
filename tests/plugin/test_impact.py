"""What elicitation was worth, from sessions as they are made: score logs, plans and usage included."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plugin.project import GUESS, NUMBERS, Project

BLIND = GUESS.replace("Write 7 to guess.", "Write 7 to guess; you will not be told.")
WRITE = [{"exec": ["bash", "-c", "echo 7 > guess"]}]
STUDY = """
steps:
  - {name: plain, runs: [first, second]}
  - {name: best of 2, best_of: {step: plain, n: 2}}
"""


def solve(project: Project, *tasks: str) -> None:
    """Let the agent do these tasks, and fail all others."""
    recording: dict[str, dict[str, Any]] = {
        task: {"actions": WRITE if task in tasks else [], "submission": "1" if task in tasks else "0"}
        for task in ("guess/main", "blind/main", "numbers/one")
    }
    (project.root / "agents" / "mine.json").write_text(json.dumps(recording), encoding="utf-8")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_best_of_two_sessions_is_chosen_by_what_the_agent_could_see(project: Project, workers: str) -> None:
    project.family("guess", GUESS, tasks={"main": {}})
    project.family("blind", BLIND, tasks={"main": {"scoring": {"visible_to_agent": False}}})
    project.family("numbers", NUMBERS.replace('["one", "two", "three"]', '["one"]'), tasks={"one": {}})
    project.agent("mine", {})
    for name, tasks in (("first", ()), ("second", ("guess/main", "blind/main", "numbers/one"))):
        solve(project, *tasks)
        project.run("-n", workers, agent="mine")
        project.out.rename(project.root / name)
    (project.root / "study.yaml").write_text(STUDY, encoding="utf-8")
    said = project.tool("impact", "study.yaml", "--json")
    assert said.status == 0, said.output
    document = json.loads(said.output)
    best = document["steps"][1]
    # All tasks fail in the first session and succeed in the second. Of guess the log says so; that of blind is hidden
    # from the agent, and numbers has none, so that their first runs count.
    counts = {key: best["best_of"][key] for key in ("groups", "by_log", "tied", "without_log", "left_over")}
    assert counts == {"groups": 3, "by_log": 1, "tied": 0, "without_log": 2, "left_over": 0}
    assert best["agent"] == "mine+best2"
    assert best["usage"]["seconds"] == pytest.approx(2 * document["steps"][0]["usage"]["seconds"])
    [overall] = [change for change in document["gains"][0]["changes"] if change["metric"] == "overall_score"]
    # Each task is a family of its own and weighs a third: plain scores 1/2 on all, the best of two 1 on guess alone.
    assert overall["before"]["value"] == pytest.approx(1 / 2)
    assert overall["after"]["value"] == pytest.approx(1 / 3)
