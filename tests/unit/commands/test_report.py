"""``pytest-metr report``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.commands.command import Command
from tests.unit.report.reading import report, report_run, write_report, write_rows
from tests.unit.report.records import make_plan, make_record, make_task


def a_session(folder: Path, *agents: str, version: str = "1") -> Path:
    """Write the session of these agents, who each do the same two tasks."""
    records = [
        make_record(make_plan(make_task(f"family/{task}", version=version), agent=agent), score=1.0, agent=agent)
        for agent in agents
        for task in "ab"
    ]
    return write_report(folder, report(*map(report_run, records)))


def test_page_of_one_session(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = a_session(tmp_path / "session", "gpt")
    monkeypatch.chdir(tmp_path)
    said = command("report", folder)
    assert (said.status, said.out, said.err) == (0, "report.html: 2 runs\n", "")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<title>gpt: task runs</title>" in page
    assert '"comparison":null' in page
    assert "no gate was applied" in page


def test_page_of_two_sessions_compares_them(command: Command, tmp_path: Path) -> None:
    before, after = a_session(tmp_path / "before", "gpt"), a_session(tmp_path / "after", "new")
    said = command("report", before, after, "-o", tmp_path / "site")
    assert (said.status, said.out) == (0, f"{tmp_path}/site/index.html: 4 runs\n")
    page = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert '"comparison":{"before":{"agent":"gpt"' in page
    assert len(list((tmp_path / "site/runs").iterdir())) == 4


def test_agents_of_one_session_are_compared_where_they_are_named(command: Command, tmp_path: Path) -> None:
    folder, page = a_session(tmp_path / "session", "gpt", "new"), tmp_path / "page.html"
    assert command("report", folder, "--agents", "gpt", "new", "-o", page).status == 0
    assert '"after":{"agent":"new"' in page.read_text(encoding="utf-8")


def test_tasks_of_other_versions_are_compared_where_that_is_asked_for(command: Command, tmp_path: Path) -> None:
    before, after = a_session(tmp_path / "before", "gpt"), a_session(tmp_path / "after", "gpt", version="2")
    page = tmp_path / "page.html"
    assert command("report", before, after, "-o", page, "--any-version").status == 0
    assert '"same_versions_only":false' in page.read_text(encoding="utf-8")


def test_mistakes_are_told_in_one_line(command: Command, tmp_path: Path) -> None:
    folder, two = a_session(tmp_path / "session", "gpt"), a_session(tmp_path / "two", "gpt", "new")
    assert "expected the folder of a session" in command.refuses("report", tmp_path / "nowhere")
    assert "expected the folder of a session" in command.refuses("report", tmp_path)
    rows = write_rows(tmp_path / "runs.jsonl")
    assert "expected the folder of a session" in command.refuses("report", rows)
    assert "one session, or of one before and one after, found 3" in command.refuses("report", folder, folder, folder)
    guided = ("--guided", two, "-o", tmp_path / "x.html")
    assert "--guided: expected one session with it" in command.refuses("report", folder, folder, *guided)
    assert "expected a session of guided runs" in command.refuses("report", folder, *guided)
    assert "did you mean 'gpt'" in command.refuses("report", folder, "--agents", "gpt4", "gpt")
    assert "expected two names" in command.refuses("report", folder, two, "-o", tmp_path / "x.html")
    assert "--draws" in command.refuses("report", folder, "--draws", "none")
    (tmp_path / "mine.html").write_text("mine")
    assert "found something else" in command.refuses("report", folder, "-o", tmp_path / "mine.html")
    assert "found something else" in command.refuses("report", folder, "-o", tmp_path)


def test_page_of_a_session_in_its_own_folder(command: Command, tmp_path: Path) -> None:
    folder = a_session(tmp_path / "session", "gpt")
    for _ in range(2):
        assert command("report", folder, "-o", folder / "report.html").status == 0
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "report.json"]


def test_session_without_a_report_says_what_to_do(command: Command, tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text("")
    assert "pytest-metr recover" in command.refuses("report", tmp_path)
