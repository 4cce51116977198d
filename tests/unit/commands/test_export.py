"""``pytest-metr export``."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log

from pytest_metr.report.labels import add_labels
from pytest_metr.types import Label
from tests.unit.commands.command import Command
from tests.unit.inspect_log.sessions import CONVERSATION, plan, write_session, write_transcript
from tests.unit.report.records import END, broken, make_record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A session of two agents, one of which has a damaged transcript and a run that was not made."""
    record = write_transcript(tmp_path / "session", make_record(plan(), score=0.75), [*CONVERSATION, "{"])
    not_run = make_record(plan(run=2), "not_run", failure=broken("stopped", "not_run"))
    other = make_record(plan("b/y", 1, "other"), score=1.0)
    return write_session(tmp_path / "session", record, not_run, other)


def test_what_was_written_and_what_is_amiss_is_told(command: Command, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "logs"
    said = command("export", folder, "--to", "inspect", "-o", out)
    assert (said.status, said.err) == (0, "")
    told = " ".join(said.out.split())
    first, second = sorted(out.iterdir(), key=lambda path: "adding" not in path.name)
    assert f"gpt: 1 run in {first}" in told
    assert f"other: 1 run in {second}" in told
    assert "1 more were not run: they are counted in the log's metadata" in told
    assert "not what they say they are, and kept as they are: 1 damaged" in told
    assert "1 without a transcript" in told
    assert said.out.endswith(f"\ninspect view --log-dir {out}\n")


def test_the_json_lists_the_logs(command: Command, folder: Path, tmp_path: Path) -> None:
    said = command("export", folder, "--to", "inspect", "-o", tmp_path / "logs", "--agent", "gpt", "--json")
    document = said.json("export")
    [log] = document["logs"]
    assert Path(log.pop("file")).is_file()
    assert document["to"] == "inspect"
    assert log == {
        "agent": "gpt",
        "samples": 1,
        "not_run": 1,
        "without_transcript": 0,
        "unmapped": {"damaged": 1},
    }


def test_what_readers_said_goes_along(command: Command, folder: Path, tmp_path: Path) -> None:
    run_id = make_record(plan()).run_id
    label = Label(run_id=run_id, label="spurious", reviewer="ann", at=END, score=0.75)
    stale = Label(run_id="gone", label="real", reviewer="ann", at=END)
    add_labels(folder, [label, stale])
    said = command("export", folder, "--to", "inspect", "-o", tmp_path / "logs", "--agent", "gpt", "--json")
    document = said.json("export")
    assert ["labels of 1 run do not count" in note for note in document["notes"]] == [True]
    samples = read_eval_log(document["logs"][0]["file"]).samples
    assert samples is not None
    assert samples[0].metadata["reading"]["labels"] == {"ann": "spurious"}


def test_only_tasks_that_are_asked_for_are_in_it(command: Command, folder: Path, tmp_path: Path) -> None:
    said = command("export", folder, "--to", "inspect", "-o", tmp_path / "logs", "--task", "b/*", "--json")
    assert [log["agent"] for log in said.json("export")["logs"]] == ["other"]


def test_mistakes_are_told_in_one_line_and_write_nothing(command: Command, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "logs"
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    good = ("--to", "inspect", "-o", out)
    assert "--to" in command.refuses("export", folder, "-o", out)
    assert "--out" in command.refuses("export", folder, "--to", "inspect")
    assert "invalid choice: 'vivaria'" in command.refuses("export", folder, "--to", "vivaria", "-o", out)
    assert "expected the folder of a session" in command.refuses("export", tmp_path, *good)
    assert "did you mean 'other'?" in command.refuses("export", folder, *good, "--agent", "othr")
    assert "expected runs of tasks like 'x/*', found none" in command.refuses("export", folder, *good, "--task", "x/*")
    assert "expected a folder, found a file" in command.refuses("export", folder, "--to", "inspect", "-o", file)
    assert not out.exists()


def test_a_folder_that_cannot_be_made_is_told(command: Command, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    said = command.refuses("export", folder, "--to", "inspect", "-o", tmp_path / "file" / "logs")
    assert "Not a directory" in said


@pytest.mark.parametrize("version", ["0.3.1", None])
def test_inspect_is_asked_for_where_it_is_missing_or_too_old(
    command: Command, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    def found(name: str) -> str:
        if version is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(importlib.metadata, "version", found)
    said = command.refuses("export", folder, "--to", "inspect", "-o", tmp_path / "logs")
    assert "pip install 'pytest-metr[inspect]'" in said
    assert "0.3.275 or newer, found 0.3.1" in said or version is None
    assert not (tmp_path / "logs").exists()
