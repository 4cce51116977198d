"""Planned runs that left no record stand in ``runs.jsonl`` too: a gate must not pass for their absence."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_metr.report.reading import read_runs
from pytest_metr.reporting import Ended, write_report
from pytest_metr.types import Plan
from tests.unit.report.records import make_plan, make_record, make_task


def test_an_interrupted_session_is_missed_in_both_files(tmp_path: Path) -> None:
    plans = [make_plan(make_task(f"f{n}/t")) for n in range(3)]
    (tmp_path / "plan.json").write_text(json.dumps(Plan(runs=tuple(plans)).to_json()), encoding="utf-8")
    line = {"kind": "run", **make_record(plans[0], "scored", 1.0).to_json()}
    (tmp_path / "journal.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    write_report(tmp_path, ended=Ended.by("interrupted", "the session was interrupted"))
    for source in (tmp_path, tmp_path / "runs.jsonl"):
        assert sum(row.missing for row in read_runs([source]).rows) == 2
