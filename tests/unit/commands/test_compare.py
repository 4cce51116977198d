"""``pytest-metr compare``."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.types import AgentSpec, Comparison
from tests.unit.commands.command import Command, write_agents
from tests.unit.report.reading import report, report_run, write_report
from tests.unit.report.records import make_plan, make_record, make_task

FEW = ("--draws", "50")


@pytest.fixture
def both(tmp_path: Path) -> Path:
    return write_agents(tmp_path / "both.jsonl", weak=0.25, strong=0.75)


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    return write_agents(tmp_path / "before.jsonl", bot=0.25), write_agents(tmp_path / "after.jsonl", bot=0.75)


def test_two_agents_of_one_source_are_compared(command: Command, both: Path) -> None:
    said = command("compare", both, "--agents", "weak", "strong", *FEW)
    assert (said.status, said.err) == (0, "")
    assert "weak" in said.out
    assert "strong" in said.out
    document = command("compare", both, "--agents", "weak", "strong", *FEW, "--json").json("compare")
    change = Comparison.from_json(document).change("overall_score")
    assert change is not None
    assert change.difference.value == pytest.approx(0.5)
    assert document["sources"] == [str(both)]


def test_an_agent_at_two_times_is_compared_with_itself(command: Command, sides: tuple[Path, Path]) -> None:
    document = command("compare", *sides, *FEW, "--json").json("compare")
    assert (document["before"]["agent"], document["after"]["agent"]) == ("bot", "bot")
    assert document["sources"] == [str(side) for side in sides]


def test_a_condition_that_holds_makes_the_status_1(command: Command, sides: tuple[Path, Path]) -> None:
    worse = [sides[1], sides[0]]
    assert command("compare", *sides, *FEW, "--fail-if", "overall_score < -5 points").status == 0
    said = command("compare", *worse, *FEW, "--fail-if", "overall_score > 5 points", "--fail-if", "success_rate < 0%")
    assert said.status == 1
    assert "fail if overall_score > 5 points: does not hold" in said.out
    assert "fail if success_rate < 0%: holds" in said.out
    document = command("compare", *worse, *FEW, "--json", "--fail-if", "success_rate < 0%").json("compare")
    assert [result["holds"] for result in document["conditions"]] == [True]


@pytest.mark.parametrize("condition", ["", "overall_score", "overall_score < 5", "unknown < 5 points"])
def test_what_is_no_condition_is_refused(command: Command, both: Path, condition: str) -> None:
    line = command.refuses("compare", both, "--agents", "weak", "strong", "--fail-if", condition)
    assert line.startswith("condition: expected")


def test_which_agents_are_meant_must_be_plain(command: Command, both: Path, sides: tuple[Path, Path]) -> None:
    assert command.refuses("compare", both) == "--agents: expected two of weak, strong, since there is one source"
    line = command.refuses("compare", sides[0], both)
    assert line == f"--agents: expected two names, since {both} has weak, strong"
    assert command.refuses("compare", sides[0], both, "--agents", "weak", "strong") == (
        "--agents: expected one of bot, found 'weak'"
    )
    assert command("compare", sides[0], both, "--agents", "bot", "strong", *FEW).status == 0
    assert command.refuses("compare", both, *sides) == (
        "expected one source with both agents, or one before and one after, found 3"
    )


def test_the_controls_of_a_suite_do_not_make_the_agent_doubtful(command: Command, tmp_path: Path) -> None:
    folders = []
    for name in ("before", "after"):
        plans = [make_plan(make_task(), agent=agent) for agent in ("bot", "oracle")]
        agents = [AgentSpec(name="bot", kind="command"), AgentSpec(name="oracle", kind="oracle")]
        document = report(*(report_run(make_record(plan, score=1.0)) for plan in plans), agents=agents)
        folders.append(write_report(tmp_path / name, document))
    document = command("compare", *folders, *FEW, "--json").json("compare")
    assert (document["before"]["agent"], document["after"]["agent"]) == ("bot", "bot")


def test_tasks_of_another_version_are_compared_only_when_asked_for(command: Command, tmp_path: Path) -> None:
    folders = []
    for version in ("1", "2"):
        record = make_record(make_plan(make_task(version=version)), score=1.0)
        folders.append(write_report(tmp_path / version, report(report_run(record))))
    strict = command("compare", *folders, *FEW, "--json").json("compare")
    assert (strict["tasks"], strict["left_out"]["other_versions"]) == (0, ["family/task"])
    assert command("compare", *folders, *FEW, "--any-version", "--json").json("compare")["tasks"] == 1


def test_both_sides_are_drawn(command: Command, sides: tuple[Path, Path], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "picture.svg"
    assert command("compare", *sides, *FEW, "--picture", file).status == 0
    assert file.read_bytes().startswith(b"<?xml")
