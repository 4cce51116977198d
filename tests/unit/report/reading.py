"""Files with runs, as METR's public ones and as sessions leave them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.report import Journal, write_json
from pytest_metr.report.reading import read_runs
from pytest_metr.types import AgentSpec, BrokenFamily, Plan, PlannedRun, RunRecord, RunRow
from tests.unit.report.records import make_session


def public_run(run_id: Any = "r1", **columns: Any) -> dict[str, Any]:
    """One row as METR's files of March 2025 have it."""
    row = {
        "run_id": run_id,
        "task_id": "family/task",
        "task_family": "family",
        "alias": "GPT-4 0314",
        "model": "gpt-4",
        "score": 1.0,
        "score_binarized": 1,
        "fatal_error_from": None,
        "human_minutes": 12.5,
        "human_source": "baseline",
        "started_at": 1734070031112,
        "completed_at": 1734071923976,
        "time_limit": 1800,
        "equal_task_weight": 0.1,
    }
    return {**row, **columns}


def without(row: dict[str, Any], *columns: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in columns}


def write_rows(path: Path, *rows: dict[str, Any]) -> Path:
    """Write a file in METR's columns."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def report_run(record: RunRecord, **more: Any) -> dict[str, Any]:
    """One run of a report."""
    return {**record.to_json(), "success": record.success, "weight": None, **more}


def report(*runs: dict[str, Any], agents: Sequence[AgentSpec] = (), **more: Any) -> dict[str, Any]:
    """A report with these runs, with the parts that are read of it."""
    return {
        "schema": "pytest-metr/report",
        "schema_version": 1,
        "session": make_session(*agents).to_json(),
        "runs": list(runs),
        "broken_families": [],
        "notes": [],
        **more,
    }


def write_report(folder: Path, document: dict[str, Any]) -> Path:
    """Write a session's folder that holds its report, and return the folder."""
    folder.mkdir(exist_ok=True)
    write_json(folder / "report.json", document)
    return folder


def write_dead_session(
    folder: Path,
    *,
    planned: Sequence[PlannedRun],
    records: Sequence[RunRecord] = (),
    agents: Sequence[AgentSpec] = (),
    broken: Sequence[BrokenFamily] = (),
    **facts: Any,
) -> Path:
    """Write what a session leaves that died before it had a report, and return its folder."""
    journal = Journal(folder / "journal.jsonl")
    session = {**make_session(*agents).to_json(), **facts}
    journal.append("session", session)
    for record in records:
        journal.append("run", record.to_json())
    write_json(folder / "plan.json", Plan(runs=tuple(planned), broken=tuple(broken)).to_json())
    return folder


def at(record: RunRecord, instant: str) -> RunRecord:
    """Return the record of a run that began at another time."""
    return replace(record, started_at=instant)


def rows_or_refusal(path: Path) -> tuple[RunRow, ...] | str:
    """Return the rows of a source, or what a person is told where it is refused."""
    try:
        return read_runs([path]).rows
    except UsageMistake as mistake:
        return str(mistake)
