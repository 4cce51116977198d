"""Protocols whose runs come in stages: brackets one after the other, rounds until a gate is decided."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.plugin.project import Project

WORKERS = pytest.mark.parametrize("workers", ["0", "2"])

STAGED: dict[str, Any] = {
    "protocol": "staged",
    "version": "1",
    "split": "test",
    "brackets": {"short": {"up_to": 10}, "middle": {"up_to": 100}, "long": {"up_to": 1000}},
    "staging": {"above": 0.3},
}
ROUNDS: dict[str, Any] = {"protocol": "rounds", "version": "1", "runs": {"first": 1, "most": 3, "until": "decided"}}


def write(file: Path, document: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


@pytest.fixture
def staged(project: Project) -> Project:
    """Two short tasks, one of them solved; a middle one that is not; a long one; and one that no protocol counts."""
    minutes = {"one": 5, "two": 6, "three": 50}
    project.family("ladder", tasks={name: {"meta": {"human_minutes": m}} for name, m in minutes.items()})
    project.family("tower", tasks={"one": {"meta": {"human_minutes": 500}}})
    project.family("practice", tasks={"one": {"meta": {"human_minutes": 5, "split": "dev"}}})
    project.agent("climber", {"ladder/one": "1", "ladder/two": "0", "ladder/three": "0.2", "tower/one": "1"})
    write(project.root / "staged.yaml", STAGED)
    return project


def by_task(project: Project) -> dict[str, tuple[str, str | None, float | None]]:
    """Return status, cause and weight of each run by task and number."""
    return {
        f"{run['task_id']}#{run['run']}": (run["status"], (run["failure"] or {}).get("cause"), run["weight"])
        for run in project.report()["runs"]
    }


@WORKERS
def test_a_bracket_is_run_only_after_a_good_score_on_the_one_before(staged: Project, workers: str) -> None:
    options = ["--metr-protocol=staged.yaml"]
    if workers == "0":  # the same from an ini file, whose paths are relative to it
        (staged.root / "elsewhere").mkdir()
        (staged.root / "staged.yaml").rename(staged.root / "elsewhere" / "staged.yaml")
        ini = (staged.root / "pytest.ini").read_text(encoding="utf-8")
        (staged.root / "pytest.ini").write_text(f"{ini}metr_protocol = elsewhere/staged.yaml\n", encoding="utf-8")
        options = []
    result = staged.run("-n", workers, "-rs", *options, agent="climber")
    assert result.status == 1
    result.lines("a score of 0.2 on middle is not above 0.3: long and all above are not run and count 0")
    if workers == "0":
        result.lines("1 deselected", "protocol staged 1")
    runs = by_task(staged)
    assert {name: run[:2] for name, run in runs.items()} == {
        "ladder/one#1": ("scored", None),
        "ladder/two#1": ("scored", None),
        "ladder/three#1": ("scored", None),
        "tower/one#1": ("not_run", "staging"),
    }
    report = staged.report()
    assert [(d["bracket"], d["opened"]) for d in report["decisions"]] == [
        ("short", True),
        ("middle", True),
        ("long", False),
    ]
    agent = report["agents"][0]["result"]
    assert (agent["runs"], agent["zeros_by_rule"], agent["missing"]) == (4, 1, 0)
    expected = sum(run["weight"] * (run["score"] or 0) for run in report["runs"])
    assert agent["overall_score"]["value"] == pytest.approx(expected)
    assert runs["tower/one#1"][2] == pytest.approx(1 / (1 + 3**0.5))


def test_another_plugins_order_does_not_bring_a_stage_before_its_decision(staged: Project) -> None:
    conftest = (
        "import pytest\n@pytest.hookimpl(trylast=True)\ndef pytest_collection_modifyitems(items): items.reverse()\n"
    )
    (staged.root / "conftest.py").write_text(conftest, encoding="utf-8")
    result = staged.run("--metr-protocol=staged.yaml", agent="climber")
    assert result.status == 1
    assert by_task(staged)["tower/one#1"][:2] == ("not_run", "staging")


def test_a_stage_ends_also_where_a_worker_dies_in_it(staged: Project) -> None:
    dies = "import os, signal\ndef pytest_runtest_call(item):\n    if item.name.startswith('two['):\n"
    dies += "        os.kill(os.getpid(), signal.SIGKILL)\n"
    (staged.root / "conftest.py").write_text(dies, encoding="utf-8")
    result = staged.run("-n", "2", "--metr-protocol=staged.yaml", agent="climber")
    assert result.status == 1
    assert {name: run[:2] for name, run in by_task(staged).items()} == {
        "ladder/one#1": ("scored", None),
        "ladder/two#1": ("infra_error", "worker_crashed"),
        "ladder/three#1": ("scored", None),
        "tower/one#1": ("not_run", "staging"),
    }


@pytest.mark.parametrize("options", [["-x"], ["--max-worker-restart=0"]])
def test_nobody_waits_for_a_stage_that_will_not_come(staged: Project, options: list[str]) -> None:
    if options == ["-x"]:
        staged.agent("climber", {"ladder/one": "0", "ladder/two": "0", "ladder/three": "1", "tower/one": "1"})
    else:
        dies = "import os, signal\ndef pytest_runtest_call(item):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        (staged.root / "conftest.py").write_text(dies, encoding="utf-8")
    result = staged.run("-n", "2", *options, "--metr-protocol=staged.yaml", agent="climber")
    assert result.status in (1, 2)
    assert set(by_task(staged)) == {"ladder/one#1", "ladder/two#1", "ladder/three#1", "tower/one#1"}
    assert all(run[0] != "scored" for name, run in by_task(staged).items() if name.startswith("tower"))


@WORKERS
@pytest.mark.parametrize(("threshold", "rounds", "status"), [(0.5, 1, 0), (0.4, 3, 20)])
def test_rounds_are_run_until_the_gate_is_decided_or_the_budget_is_spent(
    project: Project, workers: str, threshold: float, rounds: int, status: int
) -> None:
    # Of six families that all fail, the score is below 0.46 with a confidence of 95 %.
    for number in range(6):
        project.family(f"family{number}", tasks={"one": {"meta": {"human_minutes": 10}}})
    project.agent("still", {f"family{number}/one": "0" for number in range(6)})
    write(project.root / "rounds.yaml", ROUNDS)
    rule = {"metric": "overall_score", "must_stay": "below", "threshold": threshold}
    write(project.root / "gate.yaml", {"tasks": 6, "rules": [rule]})
    result = project.run(
        "-n", workers, "--metr-protocol=rounds.yaml", "--metr-gate=gate.yaml", "-p", "no:terminal", agent="still"
    )
    assert result.status == status
    made = [run for run in project.report()["runs"] if run["status"] == "scored"]
    assert len(made) == 6 * rounds
    left_out = [run["failure"]["cause"] for run in project.report()["runs"] if run["status"] == "not_run"]
    assert left_out == ["rounds"] * (18 - 6 * rounds)
    journal = (project.out / "journal.jsonl").read_text(encoding="utf-8")
    decisions = [line for line in map(json.loads, journal.splitlines()) if line["kind"] == "decision"]
    assert [d["opened"] for d in decisions] == ([True, False, False] if rounds == 1 else [True, True, True])
    result_of_agent = project.report()["agents"][0]["result"]
    assert (result_of_agent["runs"], result_of_agent["missing"]) == (6 * rounds, 0)


def test_modes_of_xdist_with_an_order_of_their_own_are_refused(staged: Project) -> None:
    result = staged.run("-n", "2", "--dist=loadscope", "--metr-protocol=staged.yaml", agent="climber")
    assert result.status == 4
    result.lines("--dist=loadscope: the protocol runs its stages one after the other; use --dist=load")
    assert not staged.out.exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [("nowhere.yaml", "nowhere.yaml"), ("autonomy-9", "autonomy-0.1"), ("", "--metr-protocol: expected a name")],
)
def test_a_protocol_that_there_is_not_is_told_in_a_line(staged: Project, given: str, told: str) -> None:
    result = staged.run(f"--metr-protocol={given}", agent="climber")
    assert result.status == 4
    result.lines(told)
    assert "Traceback" not in result.output
    assert not staged.out.exists()
