"""``pytest-metr gate``."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.types import Verdict
from tests.unit.commands.command import Command, write_agents
from tests.unit.report.reading import public_run, write_dead_session, write_rows
from tests.unit.report.records import make_plan, make_record, make_task

FEW = ("--draws", "50")
GATE = """
gate: small
tasks: 1
rules:
  - {metric: overall_score, must_stay: below, threshold: THRESHOLD, margin: 0}
"""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return write_agents(tmp_path / "runs.jsonl", bot=0.5)


def gate(tmp_path: Path, threshold: str = "95%") -> Path:
    file = tmp_path / "gate.yaml"
    file.write_text(GATE.replace("THRESHOLD", threshold), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("threshold", "status", "verdict"), [("95%", 0, "passed"), ("1%", 1, "failed"), ("50%", 20, "inconclusive")]
)
def test_the_exit_status_is_the_verdict(
    command: Command, runs: Path, tmp_path: Path, threshold: str, status: int, verdict: str
) -> None:
    said = command("gate", runs, gate(tmp_path, threshold), *FEW)
    assert (said.status, said.err) == (status, "")
    assert said.out.startswith(f"gate small: {verdict.upper()}")
    document = command("gate", runs, gate(tmp_path, threshold), *FEW, "--json")
    assert document.status == status
    assert Verdict.from_json(document.json("gate")).verdict == verdict
    assert document.json("gate")["exit_code"] == status


def test_a_missing_run_never_passes(command: Command, tmp_path: Path) -> None:
    lost = public_run("lost", score=None, score_binarized=None, fatal_error_from="server")
    file = write_rows(tmp_path / "runs.jsonl", public_run("made", score=0, score_binarized=0), lost)
    assert command("gate", file, gate(tmp_path), *FEW).status == 20


def test_a_session_that_died_never_passes(command: Command, tmp_path: Path) -> None:
    plans = [make_plan(make_task(), run) for run in (1, 2)]
    folder = write_dead_session(tmp_path / "s", planned=plans, records=[make_record(plans[0], score=0.0)])
    said = command("gate", folder, gate(tmp_path), *FEW)
    assert said.status == 20
    assert f"note: {folder}: the session has no report" in " ".join(said.out.split())


def test_the_verdict_is_written_as_markdown_and_for_the_page_of_a_job(
    command: Command, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, file = tmp_path / "summary", tmp_path / "verdict.md"
    page.write_text("# Before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    assert command("gate", runs, gate(tmp_path), *FEW, "--markdown", file).status == 0
    assert file.read_text(encoding="utf-8").startswith("## ")
    assert page.read_text(encoding="utf-8") == f"# Before\n\n{file.read_text(encoding='utf-8')}"


def test_a_page_that_cannot_be_written_is_told(
    command: Command, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    line = command.refuses("gate", runs, gate(tmp_path), *FEW)
    assert line == f"{tmp_path}: GITHUB_STEP_SUMMARY: cannot be written: Is a directory"
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    line = command.refuses("gate", runs, gate(tmp_path), *FEW, "--markdown", tmp_path)
    assert line == f"{tmp_path}: --markdown: cannot be written: Is a directory"


def test_mistakes_in_the_gate_are_told_before_the_runs_are_read(command: Command, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("rules: []\n", encoding="utf-8")
    assert command.refuses("gate", tmp_path / "none.jsonl", bad).startswith(f"{bad}: ")
    assert command.refuses("gate", tmp_path / "none.jsonl", gate(tmp_path)).endswith("there is no such file or folder")


def test_runs_and_a_gate_are_both_needed(command: Command, tmp_path: Path) -> None:
    line = command.refuses("gate", gate(tmp_path))
    assert line == "the following arguments are required: GATE.yaml (see pytest-metr gate --help)"
