"""What a session says with a hook's weights is said again by whoever reads its report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pytest_metr.protocol import check_weights
from pytest_metr.report.reading import read_runs
from pytest_metr.scoring import score_rows
from pytest_metr.types import RECORDED_WEIGHTS, EvaluationProtocol, RunRecord
from tests.unit.report.records import make_plan, make_record, make_task, report_of

#: Tasks of both splits, for the check that compares these.
TASKS = [make_task(f"f{n}/t", minutes=2.0**n, split="dev" if n % 2 else "test") for n in range(6)]


def _uneven(runs: Sequence[RunRecord]) -> list[float]:
    return check_weights([1 / (3 + 7 * index) for index, _ in enumerate(runs)], len(runs))


def test_numbers_and_checks_are_the_same_to_the_last_digit(tmp_path: Path) -> None:
    plans = [make_plan(TASKS[run % 6], run=run) for run in range(1, 40)]
    records = [make_record(plan, "scored", (plan.run * 0.37) % 1) for plan in plans]
    report = report_of(plans, records, weigh=_uneven)
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report), encoding="utf-8")
    protocol = EvaluationProtocol.from_json(report["protocol"])
    assert protocol.weighting == RECORDED_WEIGHTS
    again = score_rows(read_runs([file]).rows, protocol).agents[0].to_json()
    said = report["agents"][0]["result"]
    for key in ("overall_score", "success_rate", "horizon", "brackets", "checks", "floor"):
        assert json.loads(json.dumps(again[key])) == json.loads(json.dumps(said[key])), key
