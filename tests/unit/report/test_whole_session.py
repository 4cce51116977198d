"""A session read as a whole, and its transcripts, whatever is in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.report import write_json
from pytest_metr.report.reading import DAMAGED, read_session, read_transcript
from tests.unit.report.reading import report, report_run
from tests.unit.report.records import make_plan, make_record, make_task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    runs = [make_record(make_plan(make_task(), run), score=1.0) for run in (1, 2)]
    write_json(tmp_path / "session" / "report.json", report(*map(report_run, runs)))
    return tmp_path / "session"


def test_every_record_is_there(folder: Path) -> None:
    session = read_session(folder)
    assert [run.run for run in session.runs] == [1, 2]
    assert session.info.exit_status == session.document["session"]["exit_status"]


def test_a_transcript_is_only_looked_for_in_the_folder(folder: Path) -> None:
    (folder / "transcripts").mkdir()
    (folder / "transcripts" / "1.jsonl").write_text("{}\n", encoding="utf-8")
    (folder.parent / "outside.jsonl").write_text("{}\n", encoding="utf-8")
    (folder / "transcripts" / "link.jsonl").symlink_to(folder.parent / "outside.jsonl")
    session = read_session(folder)
    assert session.transcript("transcripts/1.jsonl") == folder / "transcripts" / "1.jsonl"
    for elsewhere in ("transcripts/2.jsonl", "../outside.jsonl", "transcripts/link.jsonl", "/etc/passwd", "a\0b", None):
        assert session.transcript(elsewhere) is None


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({}, "expected the folder of a session, with a report.json"),
        ({"journal.jsonl": ""}, "the session has no report.json: it is still running, or pytest-metr recover makes it"),
        ({"report.json": "[]"}, "expected a JSON object, found a list"),
        (
            {"report.json": '{"schema": "pytest-metr/report", "schema_version": 2, "session": {}, "runs": []}'},
            "KeyError",
        ),
    ],
)
def test_what_is_no_session_is_refused(tmp_path: Path, made: dict[str, str], told: str) -> None:
    for name, text in made.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UsageMistake, match=told):
        read_session(tmp_path)


def test_a_line_that_is_no_event_is_told_by_its_number_alone(tmp_path: Path) -> None:
    events: list[object] = [{"n": 1, "kind": "run"}, ["list"], {"n": 2, "kind": 3}]
    lines = [json.dumps(event).encode() for event in events] + [b"", b"\xff", b'{"n": 3, "kind": "torn']
    (tmp_path / "t.jsonl").write_bytes(b"\n".join(lines))
    assert list(read_transcript(tmp_path / "t.jsonl")) == [
        {"n": 1, "kind": "run"},
        *({"kind": DAMAGED, "line": line} for line in (2, 3, 5, 6)),
    ]
