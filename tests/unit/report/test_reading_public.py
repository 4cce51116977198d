"""Files in the columns of METR's public runs."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import UsageMistake
from pytest_metr.report import public_rows, write_jsonl
from pytest_metr.report.reading import read_runs
from pytest_metr.types import LimitHit, RunRow
from tests.unit.report.reading import public_run, rows_or_refusal, without, write_rows
from tests.unit.report.records import any_json, make_plan, make_record, make_task, properties


def rows_of(path: Path, *rows: dict[str, Any]) -> tuple[RunRow, ...]:
    return read_runs([write_rows(path / "runs.jsonl", *rows)]).rows


def refusal(path: Path) -> str:
    with pytest.raises(UsageMistake) as caught:
        read_runs([path])
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_row_of_metr_has_what_the_arithmetic_needs_and_no_guesses(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "runs.jsonl", public_run("mp4-server_205615"))
    assert read_runs([file]).rows == (
        RunRow(
            run_id="mp4-server_205615",
            agent="GPT-4 0314",
            task_id="family/task",
            family="family",
            status="scored",
            score=1.0,
            success=True,
            human_minutes=12.5,
            place=f"{file}:1",
        ),
    )


def test_a_run_id_may_be_a_whole_number(tmp_path: Path) -> None:
    assert rows_of(tmp_path, public_run(17))[0].run_id == "17"


@pytest.mark.parametrize(
    ("columns", "status", "score", "limit"),
    [
        ({"score": 0.25, "score_binarized": 0}, "scored", 0.25, None),
        ({"score": 1}, "scored", 1.0, None),
        ({"fatal_error_from": "usageLimits", "score": 0.0, "score_binarized": 0}, "limit", 0.0, "usageLimits"),
        ({"fatal_error_from": "agent", "score": 0.0, "score_binarized": 0.0}, "agent_error", 0.0, None),
        ({"fatal_error_from": "server", "score": None, "score_binarized": None}, "infra_error", None, None),
        ({"fatal_error_from": None, "score": None, "score_binarized": None}, "needs_score", None, None),
        ({"fatal_error_from": "user", "score": None, "score_binarized": None}, "needs_score", None, None),
    ],
)
def test_the_status_follows_from_the_score_and_who_ended_the_run(
    tmp_path: Path, columns: dict[str, Any], status: str, score: float | None, limit: str | None
) -> None:
    (row,) = rows_of(tmp_path, public_run(**columns))
    assert (row.status, row.score, row.limit) == (status, score, limit)
    assert row.success == (None if score is None else score == 1)
    assert row.cause == columns.get("fatal_error_from")


def test_an_infrastructure_error_whose_score_is_binarised_to_0_has_no_score(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "runs.jsonl", public_run(fatal_error_from="server", score=None, score_binarized=0))
    runs = read_runs([file])
    assert runs.rows[0].missing
    assert runs.rows[0].success is None
    assert runs.notes == (f"{file}: 1 run without a score, whose score_binarized is ignored",)


def test_score_cont_goes_before_score(tmp_path: Path) -> None:
    old = without(public_run(score_cont=0.5, score_binarized=0), "score")
    both = public_run("r2", score_cont=0.5, score_binarized=0)
    assert [row.score for row in rows_of(tmp_path, old, both)] == [0.5, 0.5]


def test_a_beginning_that_nobody_can_read_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    rows = [public_run("a", started_at="yesterday"), public_run("b", started_at=None)]
    endless = json.dumps(public_run("c")).replace("1734070031112", "1e999")
    file.write_text("".join(f"{line}\n" for line in (*map(json.dumps, rows), endless)), encoding="utf-8")
    assert len(read_runs([file]).rows) == 3


def test_rows_of_people_and_of_unknown_minutes_are_read_as_any_other(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, public_run(1, alias="human", human_minutes=None), public_run(2, alias="human"))
    assert [(row.agent, row.human_minutes) for row in rows] == [("human", None), ("human", 12.5)]


def test_different_agents_may_share_the_ids_of_runs(tmp_path: Path) -> None:
    assert len(rows_of(tmp_path, public_run("1"), public_run("1", alias="other"))) == 2


def test_blank_lines_and_a_last_line_without_its_end_are_no_matter(tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    file.write_text(f"\n{json.dumps(public_run('a'))}\r\n  \n{json.dumps(public_run('b'))}", encoding="utf-8")
    assert [row.place for row in read_runs([file]).rows] == [f"{file}:2", f"{file}:4"]


def test_what_we_write_is_read_again(tmp_path: Path) -> None:
    plans = [make_plan(make_task("f/t", minutes, version="1.10"), run) for run, minutes in enumerate((0.5, None, 9), 1)]
    records = [
        make_record(plans[0], score=0.5),
        make_record(plans[1], "limit", 0.95, limit_hit=LimitHit(name="wall_seconds", allowed=5)),
        make_record(plans[2], "infra_error"),
    ]
    write_jsonl(tmp_path / "runs.jsonl", public_rows(records))
    for record, row in zip(records, read_runs([tmp_path / "runs.jsonl"]).rows, strict=True):
        whole = RunRow.of(record)
        assert (row.run_id, row.agent, row.task_id, row.family) == (whole.run_id, "gpt", "f/t", "f")
        assert (row.status, row.score, row.success) == (whole.status, whole.score, whole.success)
        assert (row.human_minutes, row.task_version) == (whole.human_minutes, "1.10")
        assert (row.agent_kind, row.family_hash, row.split) == (None, None, None)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"score": True}, "score: expected a number or null, found true"),
        ({"score": "1.0"}, "score: expected a number or null, found the text '1.0'"),
        ({"score": "NaN"}, "score: expected a finite number or null, found the text 'NaN'"),
        ({"score": "-Infinity"}, "score: expected a finite number or null, found the text '-Infinity'"),
        ({"score": 10**400}, "score: expected a finite number or null, found 1000"),
        ({"score": [1]}, "score: expected a number or null, found a list"),
        ({"score_binarized": 2}, "score_binarized: expected 0 or 1, found 2"),
        ({"score_binarized": 0.5}, "score_binarized: expected 0 or 1, found 0.5"),
        ({"score_binarized": True}, "score_binarized: expected 0 or 1, found true"),
        ({"score_binarized": None}, "score_binarized: expected 0 or 1, found null"),
        ({"score": None, "score_binarized": "1"}, "score_binarized: expected 0 or 1, found the text '1'"),
        ({"human_minutes": 0}, "human_minutes: expected a number above 0 or null, found 0"),
        ({"human_minutes": -3.5}, "human_minutes: expected a number above 0 or null, found -3.5"),
        ({"human_minutes": "12"}, "human_minutes: expected a number or null, found the text '12'"),
        ({"human_minutes": False}, "human_minutes: expected a number or null, found false"),
        ({"run_id": True}, "run_id: expected a text, found true"),
        ({"run_id": 1.5}, "run_id: expected a text, found 1.5"),
        ({"run_id": None}, "run_id: expected a text, found null"),
        ({"run_id": ""}, "run_id: expected a text, found the text ''"),
        ({"task_id": 7}, "task_id: expected a text, found 7"),
        ({"task_family": None}, "task_family: expected a text, found null"),
        ({"alias": {}}, "alias: expected a text, found an object"),
        ({"fatal_error_from": 1}, "fatal_error_from: expected a text or null, found 1"),
        ({"task_version": []}, "task_version: expected a text or null, found a list"),
    ],
)
def test_a_wrong_value_is_told_with_its_line_and_column(tmp_path: Path, columns: dict[str, Any], told: str) -> None:
    file = write_rows(tmp_path / "runs.jsonl", public_run("good"), public_run(**{"run_id": "bad", **columns}))
    assert refusal(file).startswith(f"{file}:2: {told}")


@pytest.mark.parametrize(
    "column", ["run_id", "task_id", "task_family", "alias", "score", "score_binarized", "human_minutes"]
)
def test_a_missing_column_is_told_with_its_line(tmp_path: Path, column: str) -> None:
    file = write_rows(tmp_path / "runs.jsonl", without(public_run(), column))
    assert refusal(file) == f"{file}:1: {column}: expected this column, found none"


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
def test_tokens_that_json_does_not_have_are_refused(tmp_path: Path, token: str) -> None:
    file = tmp_path / "runs.jsonl"
    file.write_text(json.dumps(public_run()).replace("1.0,", f"{token},") + "\n", encoding="utf-8")
    assert refusal(file) == f"{file}:1: expected JSON, which has no {token}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"not json\n", "expected JSON: Expecting value at character 1"),
        (b"\xef\xbb\xbf{}\n", "expected UTF-8 without a byte order mark"),
        (b"[1, 2]\n", "expected a JSON object, found a list"),
        (b"17\n", "expected a JSON object, found 17"),
        (b'{"a": "\xff"}\n', "expected UTF-8, found the byte 0xff"),
        (b'{"a": ' + b"[" * 100_000 + b"\n", "expected JSON that is not nested so deeply"),
        (b'{"a": ' + b"1" * 5000 + b"}\n", "expected "),
        (b'{"run_id": "b", "task', "the last line is cut off: is the file still being written?"),
    ],
)
def test_a_broken_line_is_told_with_its_number(tmp_path: Path, line: bytes, told: str) -> None:
    file = tmp_path / "runs.jsonl"
    file.write_bytes(json.dumps(public_run("a")).encode() + b"\n" + line)
    message = refusal(file)
    assert message.startswith(f"{file}:2: ")
    assert told in message
    assert len(message) < 500


def test_the_same_run_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "runs.jsonl", public_run("a"), public_run("b"), public_run(12), public_run("12"))
    assert refusal(file) == f"{file}:4: run_id: expected each run of an agent once, found '12' on line 3 too"


@properties
@given(junk=st.dictionaries(st.sampled_from([*public_run(), "score_cont", "task_version"]), any_json, max_size=3))
def test_any_json_is_either_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, junk: dict[str, Any]
) -> None:
    file = write_rows(tmp_path_factory.mktemp("any") / "runs.jsonl", public_run(**{"run_id": "x", **junk}))
    said = rows_or_refusal(file)
    if isinstance(said, str):
        assert said.startswith(f"{file}:1: ")
        assert "\n" not in said
    else:
        assert said[0].score is None or math.isfinite(said[0].score)


@pytest.mark.skipif("METR_PUBLIC_RUNS" not in os.environ, reason="METR_PUBLIC_RUNS names no folder with METR's runs")
def test_metrs_public_runs_are_read_whole() -> None:
    folder = Path(os.environ["METR_PUBLIC_RUNS"])
    runs = read_runs([folder / "runs.jsonl"])
    lines = (folder / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(runs.rows) == len(lines)
    assert set(runs.agents) == {json.loads(line)["alias"] for line in lines}
    assert sum(bool(row.success) for row in runs.rows) == sum(json.loads(line)["score_binarized"] for line in lines)
    assert runs.notes == ()
