"""Which files and folders hold runs, and several of them together."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.report import public_rows, write_jsonl
from pytest_metr.report.reading import read_runs
from pytest_metr.types import RunRecord
from tests.unit.report.reading import at, public_run, report, report_run, write_dead_session, write_report, write_rows
from tests.unit.report.records import make_plan, make_record, make_task


def a_record(status: str = "scored") -> RunRecord:
    if status == "scored":
        return make_record(make_plan(make_task()), score=1.0)
    return make_record(make_plan(make_task()), "not_run", started_at="", completed_at="")


def refusal(*paths: Path) -> str:
    with pytest.raises(UsageMistake) as caught:
        read_runs(paths)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_sources_keep_their_order_and_agents_that_of_their_first_runs(tmp_path: Path) -> None:
    second = write_rows(tmp_path / "b.jsonl", public_run("1", alias="B"), public_run("2", alias="A"))
    first = write_rows(tmp_path / "a.jsonl", public_run("3", alias="C"))
    runs = read_runs([second, first])
    assert runs.agents == ("B", "A", "C")
    assert runs.paths == (str(second), str(first))
    assert [source.rows for source in runs.sources] == [2, 1]
    assert [row.run_id for row in runs.of_agents(["C", "A"])] == ["2", "3"]


def test_a_run_in_two_files_is_told_with_both_places(tmp_path: Path) -> None:
    one = write_rows(tmp_path / "1.jsonl", public_run("a"), public_run("b"))
    two = write_rows(tmp_path / "2.jsonl", public_run("c"), public_run("d"), public_run("b"))
    assert refusal(one, two) == f"{two}:3: run_id: expected each run of an agent once, found 'b' in {one}:2 too"


def test_two_sessions_name_their_runs_alike_and_are_told_apart_by_when_these_began(tmp_path: Path) -> None:
    early = write_report(tmp_path / "1", report(report_run(at(a_record(), "2025-03-01T12:00:00.000Z"))))
    late = write_report(tmp_path / "2", report(report_run(at(a_record(), "2025-03-02T12:00:00.000Z"))))
    assert len(read_runs([early, late]).rows) == 2


def test_a_run_that_never_began_is_another_one_in_each_session(tmp_path: Path) -> None:
    folders = [write_report(tmp_path / name, report(report_run(a_record("not_run")))) for name in "12"]
    assert len(read_runs(folders).rows) == 2


def test_a_session_and_the_file_that_it_wrote_are_not_two_sources(tmp_path: Path) -> None:
    folder = write_report(tmp_path / "session", report(report_run(a_record())))
    write_jsonl(folder / "runs.jsonl", public_rows([a_record()]))
    message = refusal(folder, folder / "runs.jsonl")
    assert message.startswith(f"{folder / 'runs.jsonl'}:1: run_id: expected each run of an agent once")
    assert "runs[0] too" in message


def test_a_source_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "runs.jsonl", public_run())
    (tmp_path / "link").symlink_to(file)
    assert refusal(file, tmp_path / "link") == f"{tmp_path / 'link'}: expected each source once, found it named twice"


def test_one_broken_source_is_enough_to_refuse_all(tmp_path: Path) -> None:
    good = write_rows(tmp_path / "good.jsonl", public_run())
    bad = write_rows(tmp_path / "bad.jsonl", public_run(score=True))
    assert refusal(good, bad).startswith(f"{bad}:1: score")


def test_no_source_at_all_is_refused() -> None:
    assert refusal() == "expected at least one file or folder with runs"


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "runs.jsonl"
    file.write_bytes(content)
    assert refusal(file) == f"{file}: expected runs, found an empty file"


def test_what_is_not_there_or_no_session_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == f"{tmp_path / 'none'}: there is no such file or folder"
    assert refusal(tmp_path) == f"{tmp_path}: expected the folder of a session, with a report.json or a journal.jsonl"
    assert "cannot be read" in refusal(tmp_path / "a\0b")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    csv = tmp_path / "runs.csv"
    csv.write_text("task_id,score\na/b,1\n", encoding="utf-8")
    assert refusal(csv).startswith(f"{csv}:1: expected JSON")
    document = tmp_path / "plan.json"
    document.write_text(json.dumps({"runs": []}, indent=2), encoding="utf-8")
    assert refusal(document).startswith(f"{document}: expected the report of a session")
    listed = tmp_path / "rows.json"
    listed.write_text(json.dumps([public_run()], indent=2), encoding="utf-8")
    assert refusal(listed) == f"{listed}: expected a JSON object, found a list"


def test_a_journal_is_refused_with_the_advice_to_name_its_folder(tmp_path: Path) -> None:
    folder = write_dead_session(tmp_path, planned=[], records=[a_record()])
    message = f"{folder / 'journal.jsonl'}: expected runs, found the journal of a session: name its folder"
    assert refusal(folder / "journal.jsonl") == message


def test_a_pipe_is_read_as_any_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=write_rows, args=(pipe, public_run("a"), public_run("b")))
    writer.start()
    try:
        assert [row.run_id for row in read_runs([pipe]).rows] == ["a", "b"]
    finally:
        writer.join()
