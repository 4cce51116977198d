"""``pytest-metr score``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.protocol import load_protocol
from pytest_metr.types import RECORDED_WEIGHTS, EvaluationProtocol, ScoreResult
from tests.unit.commands.command import Command, write_agents
from tests.unit.report.reading import public_run, report, report_run, write_dead_session, write_report, write_rows
from tests.unit.report.records import make_plan, make_record, make_session, make_task

PLAIN = load_protocol("plain")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return write_agents(tmp_path / "runs.jsonl", weak=0.25, strong=0.75)


def session(
    folder: Path, *, protocol: EvaluationProtocol | None = None, weights: tuple[float, float] | None = None
) -> Path:
    """Write a session of one agent with a failure and a success."""
    records = [make_record(make_plan(make_task(f"f{i}/t", 5.0 * 9**i)), score=float(i)) for i in range(2)]
    named: dict[str, Any] = {} if protocol is None else {"protocol": protocol.to_json()}
    document = report(*(report_run(r, weight=w) for r, w in zip(records, weights or (0.5, 0.5), strict=True)), **named)
    if weights is not None:
        document["session"] = make_session(weighting=RECORDED_WEIGHTS).to_json()
    return write_report(folder, document)


def test_agents_stand_side_by_side_in_the_order_of_the_file(command: Command, runs: Path) -> None:
    said = command("score", runs, "--draws", "50")
    assert (said.status, said.err) == (0, "")
    rows = [line for line in said.out.splitlines() if line.startswith(("weak", "strong"))]
    weak, strong = rows[:2]
    assert weak.startswith("weak")
    assert strong.startswith("strong")
    assert "0.250" in weak
    assert "0.750" in strong
    assert f"runs from {runs}" in said.out


def test_the_tasks_are_listed_when_asked_for(command: Command, runs: Path) -> None:
    assert "f0/t0" not in command("score", runs, "--draws", "50").out
    assert "f0/t0" in command("score", runs, "--draws", "50", "-v").out


def test_the_json_is_the_result_and_can_be_read_again(command: Command, runs: Path) -> None:
    document = command("score", runs, "--json", "--draws", "50", "--seed", "3").json("score")
    assert (document["schema"], document["schema_version"]) == ("pytest-metr/score", 1)
    result = ScoreResult.from_json(document)
    assert [agent.agent for agent in result.agents] == ["weak", "strong"]
    assert result.agents[0].overall_score.value == pytest.approx(0.25)
    assert (result.protocol.draws, result.protocol.seed) == (50, 3)
    assert result.sources == (str(runs),)


def test_results_without_a_horizon_are_json_as_well(command: Command, tmp_path: Path) -> None:
    file = write_agents(tmp_path / "runs.jsonl", never=0, always=1)
    document = command("score", file, "--json", "--draws", "50").json("score")
    assert [agent["horizon"]["problem"] for agent in document["agents"]] == ["all_failures", "all_successes"]


def test_one_agent_alone_has_the_numbers_that_it_has_beside_others(command: Command, runs: Path) -> None:
    both = command("score", runs, "--json").json("score")["agents"]
    alone = command("score", runs, "--json", "--agent", "strong").json("score")["agents"]
    assert alone == both[1:]


def test_an_agent_without_runs_is_refused_with_those_that_there_are(command: Command, runs: Path) -> None:
    line = command.refuses("score", runs, "--agent", "stong")
    assert line == "--agent: expected one of weak, strong, found 'stong' (did you mean 'strong'?)"


def test_other_draws_are_another_protocol(command: Command, runs: Path) -> None:
    hashes = {
        command("score", runs, "--json", *more).json("score")["protocol"]["sha256"]
        for more in ([], ["--draws", "50"], ["--draws", "50", "--seed", "1"], ["--draws", "1000"])
    }
    assert len(hashes) == 3


@pytest.mark.parametrize("draws", ["0", "1", "-5", "1.5", "many", "", "99999999", "²", "9" * 5000])
def test_draws_that_make_no_interval_are_refused(command: Command, runs: Path, draws: str) -> None:
    line = command.refuses("score", runs, f"--draws={draws}")
    assert line.startswith("--draws: expected a whole number from 2 to 1000000, found")


def test_options_may_stand_between_sources(command: Command, tmp_path: Path) -> None:
    one, two = (write_rows(tmp_path / f"{n}.jsonl", public_run(n, alias=n)) for n in "ab")
    document = command("score", one, "--draws", "50", two, "--json").json("score")
    assert document["sources"] == [str(one), str(two)]


def test_a_sessions_own_protocol_is_used_unless_another_is_asked_for(command: Command, tmp_path: Path) -> None:
    folder = session(tmp_path / "s", protocol=replace(PLAIN, name="mine", draws=50))
    assert command("score", folder, "--json").json("score")["protocol"]["name"] == "mine"
    assert command("score", folder, "--json", "--protocol", "plain").json("score")["protocol"] == PLAIN.to_json()


def test_a_session_that_names_no_protocol_is_judged_by_the_plain_one(command: Command, tmp_path: Path) -> None:
    assert command("score", session(tmp_path / "s"), "--json").json("score")["protocol"] == PLAIN.to_json()


def test_sessions_of_different_protocols_need_one_to_be_named(command: Command, tmp_path: Path) -> None:
    one = session(tmp_path / "1", protocol=replace(PLAIN, name="mine", draws=50))
    dead = write_dead_session(tmp_path / "2", planned=[make_plan(make_task())])
    line = command.refuses("score", one, dead)
    assert line.startswith("--protocol: expected one, since the sessions were run by different ones (")
    assert f"{one}: mine 2" in line
    assert f"{dead}: plain 2" in line
    assert command("score", one, dead, "--protocol", "plain", "--draws", "50").status == 0


def test_weights_that_a_hook_made_are_used_again(command: Command, tmp_path: Path) -> None:
    folder = session(tmp_path / "s", weights=(0.2, 0.8))
    document = command("score", folder, "--json").json("score")
    assert document["protocol"]["weighting"] == RECORDED_WEIGHTS
    assert document["agents"][0]["overall_score"]["value"] == pytest.approx(0.8)


def test_what_a_session_notes_is_told(command: Command, tmp_path: Path) -> None:
    folder = write_dead_session(tmp_path / "s", planned=[make_plan(make_task())])
    said = command("score", folder)
    assert f"note: {folder}: the session has no report" in " ".join(said.out.split())
    notes = command("score", folder, "--json").json("score")["notes"]
    assert notes[0] == f"{folder}: the session has no report: it died, or is still running"


def test_names_in_files_cannot_act_on_a_terminal(command: Command, tmp_path: Path) -> None:
    evil = "\x1b[2J\u202eevil\u2028\n|"
    file = write_rows(tmp_path / "runs.jsonl", public_run(alias=evil, task_id=f"f/{evil}", task_family=evil))
    for arguments in (["-v"], ["--agent", "x"]):
        said = command("score", file, *arguments)
        for char in "\x1b\u202e\u2028":
            assert char not in said.out + said.err


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_picture_is_drawn(command: Command, runs: Path, tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / f"picture.{suffix}"
    assert command("score", runs, "--draws", "50", "--picture", file).status == 0
    assert file.read_bytes()[:5] == (b"<?xml" if suffix == "svg" else b"\x89PNG\r")


def test_a_picture_of_another_kind_is_refused(command: Command, runs: Path) -> None:
    assert "picture.gif" in command.refuses("score", runs, "--draws", "50", "--picture", "picture.gif")
