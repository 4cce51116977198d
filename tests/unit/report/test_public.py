"""Rows in the columns of METR's public run files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given

from pytest_metr.report import public_rows
from pytest_metr.types import Limits, RunRecord, RunStatus, Usage

from .records import broken, make_plan, make_record, make_task, many_records, properties

COLUMNS = [
    "task_id",
    "task_family",
    "run_id",
    "alias",
    "model",
    "score_cont",
    "score_binarized",
    "fatal_error_from",
    "human_minutes",
    "human_source",
    "task_source",
    "started_at",
    "completed_at",
    "task_version",
    "tokens_count",
    "generation_cost",
    "time_limit",
    "scaffold",
]

PLAN = make_plan(make_task("reverse/easy", 5.5, version="1.2.0", human_source="baseline"), run=2)


def test_a_scored_run_fills_every_column() -> None:
    record = make_record(
        PLAN,
        "scored",
        0.95,
        model="gpt-4-0613",
        scaffold="react",
        usage=Usage(seconds=80.0, actions=7, tokens=1234, cost=0.25),
        limits=Limits(wall_seconds=1800),
    )
    (row,) = public_rows([record], task_source="our suite")
    assert row == {
        "task_id": "reverse/easy",
        "task_family": "reverse",
        "run_id": PLAN.run_id,
        "alias": "gpt",
        "model": "gpt-4-0613",
        "score_cont": 0.95,
        "score_binarized": 1,
        "fatal_error_from": None,
        "human_minutes": 5.5,
        "human_source": "baseline",
        "task_source": "our suite",
        "started_at": 1740830400000,
        "completed_at": 1740830490250,
        "task_version": "1.2.0",
        "tokens_count": 1234,
        "generation_cost": 0.25,
        "time_limit": 1800,
        "scaffold": "react",
    }
    assert list(row) == COLUMNS


@pytest.mark.parametrize(
    ("status", "score", "score_cont", "binarized", "fatal"),
    [
        ("scored", 0.9, 0.9, 0, None),
        ("scored", 0.91, 0.91, 1, None),
        ("limit", 0.0, 0.0, 0, "usageLimits"),
        ("limit", 1.0, 1.0, 1, "usageLimits"),
        ("agent_error", 0.0, 0.0, 0, "agent"),
        ("infra_error", None, None, None, "server"),
        ("needs_score", None, None, None, None),
    ],
)
def test_each_status_has_metrs_words(
    status: RunStatus, score: float | None, score_cont: float | None, binarized: int | None, fatal: str | None
) -> None:
    (row,) = public_rows([make_record(PLAN, status, score)])
    assert (row["score_cont"], row["score_binarized"], row["fatal_error_from"]) == (score_cont, binarized, fatal)


def test_a_run_that_never_began_has_no_times_and_no_score() -> None:
    record = make_record(PLAN, "not_run", failure=broken("interrupted", "not_run"), started_at="", completed_at="")
    (row,) = public_rows([record])
    assert (row["started_at"], row["completed_at"], row["score_cont"]) == (None, None, None)


def test_an_agent_without_a_model_gives_its_own_name() -> None:
    assert public_rows([make_record(PLAN, "scored", 1.0)])[0]["model"] == "gpt"


def test_an_instant_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        public_rows([make_record(PLAN, "scored", 1.0, started_at="yesterday")])


@properties
@given(many_records())
def test_no_record_is_lost_and_none_without_a_score_gets_one(records: list[RunRecord]) -> None:
    rows = public_rows(records)
    assert [row["run_id"] for row in rows] == [record.run_id for record in records]
    for row, record in zip(rows, records, strict=True):
        assert (row["score_cont"] is None) == (row["score_binarized"] is None) == (record.score is None)


def test_metrs_own_rows_use_the_same_words_and_units() -> None:
    folder = os.environ.get("METR_PUBLIC_RUNS")
    if not folder:
        pytest.skip("METR_PUBLIC_RUNS does not name a folder with METR's public runs.jsonl")
    with (Path(folder) / "runs.jsonl").open(encoding="utf-8") as file:
        theirs = [json.loads(line) for line in file]
    assert {row["fatal_error_from"] for row in theirs} <= {None, "usageLimits", "agent", "server"}
    (ours,) = public_rows([make_record(PLAN, "scored", 1.0)])
    years = 365.25 * 24 * 3600 * 1000
    for row in theirs:
        assert isinstance(row["started_at"], int)
        assert abs(row["started_at"] - ours["started_at"]) < 5 * years
        assert row["task_id"].startswith(f"{row['task_family']}/")
