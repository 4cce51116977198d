"""Run records and rows with the few fields that the mathematics looks at, and METR's public runs."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from pytest_metr.protocol.measures import Measurer
from pytest_metr.protocol.table import Table, tabulate
from pytest_metr.protocol.weights import run_weights
from pytest_metr.types import BY_STAGING, Bracket, EvaluationProtocol, RunRecord, RunRow, RunStatus

#: METR's default choices, with two brackets.
PROTOCOL = EvaluationProtocol(
    name="test",
    version="1",
    brackets=(Bracket(name="short", upper=60.0), Bracket(name="long", upper=960.0)),
    draws=200,
)

#: For tests of properties: as many examples as a slow machine bears, and no deadline.
properties = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def make_run(
    task: str = "family/task",
    *,
    run: int = 1,
    run_id: str | None = None,
    score: float | None = 1.0,
    minutes: float | None = 10.0,
    agent: str = "agent",
) -> RunRecord:
    return RunRecord(
        run_id=run_id or f"{task}-{run}",
        nodeid=f"{task}[run{run}]",
        task_id=task,
        family=task.partition("/")[0],
        family_hash="",
        task_version=None,
        run=run,
        agent=agent,
        agent_identity="",
        model=None,
        scaffold=None,
        status="scored",
        score=score,
        success_threshold=0.9,
        human_minutes=minutes,
        human_source=None,
        bracket=None,
    )


def make_row(
    task: str = "family/task",
    *,
    run: int = 1,
    score: float | None = 1.0,
    success: bool | None = None,
    minutes: float | None = 10.0,
    agent: str = "agent",
    status: RunStatus = "scored",
    cause: str | None = None,
    split: str | None = None,
    weight: float | None = None,
    place: str | None = None,
) -> RunRow:
    judged = None if score is None else score > 0.9
    return RunRow(
        run_id=f"{task}-{run}",
        agent=agent,
        task_id=task,
        family=task.partition("/")[0],
        status=status,
        score=score,
        success=judged if success is None else success,
        human_minutes=minutes,
        run=run,
        cause=cause,
        split=split,
        weight=weight,
        place=place,
    )


def left_out_by_staging(task: str, **fields: Any) -> RunRow:
    return make_row(task, score=None, status="not_run", cause=BY_STAGING, **fields)


def table_of(rows: Sequence[RunRow], protocol: EvaluationProtocol = PROTOCOL) -> Table:
    """The table of rows that all count, by the protocol's own weights."""
    return tabulate(rows, run_weights(rows, protocol), protocol)


def measurer_of(rows: Sequence[RunRow], protocol: EvaluationProtocol = PROTOCOL) -> Measurer:
    return Measurer(table_of(rows, protocol), protocol)


def public_folder() -> Path:
    """The folder with METR's public runs; skips the test where there is none."""
    path = os.environ.get("METR_PUBLIC_RUNS")
    if not path:
        pytest.skip("METR_PUBLIC_RUNS does not name a folder with METR's public runs.jsonl and reference.json")
    return Path(path)


def public_lines() -> dict[str, list[dict[str, Any]]]:
    """METR's public runs by agent, as they are in the file."""
    by_agent: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (public_folder() / "runs.jsonl").read_text(encoding="utf-8").split("\n"):
        if line:
            row = json.loads(line)
            by_agent[row["alias"]].append(row)
    return dict(by_agent)


def public_reference() -> dict[str, Any]:
    """What METR's code, and the exact optimum, have for these agents."""
    agents: dict[str, Any] = json.loads((public_folder() / "reference.json").read_text(encoding="utf-8"))["agents"]
    return agents


def public_rows(lines: Sequence[dict[str, Any]]) -> list[RunRow]:
    """Rows of lines of METR's file (newer files call the column ``score_cont``)."""
    return [
        RunRow(
            run_id=line["run_id"],
            agent=line["alias"],
            task_id=line["task_id"],
            family=line["task_family"],
            status="scored",
            score=float(line["score"] if "score" in line else line["score_cont"]),
            success=bool(line["score_binarized"]),
            human_minutes=line["human_minutes"],
            weight=line.get("invsqrt_task_weight"),
        )
        for line in lines
    ]
