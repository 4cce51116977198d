"""Sessions: their reports, and what those without a report have left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from pytest_metr.errors import UsageMistake
from pytest_metr.report.reading import read_runs
from pytest_metr.types import (
    AgentSpec,
    Bracket,
    BrokenFamily,
    Decision,
    EvaluationProtocol,
    Failure,
    LimitHit,
    PlannedRun,
    RunRecord,
    RunRow,
    SandboxInfo,
)
from tests.unit.report.reading import report, report_run, rows_or_refusal, write_dead_session, write_report
from tests.unit.report.records import make_plan, make_record, make_task, many_records, properties

GPT = AgentSpec(name="gpt", kind="command", identity="a" * 64)
PROTOCOL = EvaluationProtocol(
    name="p", version="1", brackets=(Bracket(name="short", upper=10), Bracket(name="long", upper=float("inf")))
)


def a_record(run: int = 1, **more: Any) -> RunRecord:
    return make_record(make_plan(make_task(split="dev"), run), score=0.95, split="dev", **more)


def refusal(path: Path) -> str:
    with pytest.raises(UsageMistake) as caught:
        read_runs([path])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_is_lost_of_a_report(tmp_path: Path) -> None:
    record = a_record(
        task_version="1.2",
        sandbox=SandboxInfo(provider="docker", image="img@sha256:1"),
        limit_hit=LimitHit(name="wall_seconds", allowed=5),
        status="limit",
        canary_found=False,
    )
    document = report(report_run(record, weight=0.25), agents=[GPT], notes=["mind the gap"], broken_families=[{}])
    folder = write_report(tmp_path / "session", document)
    runs = read_runs([folder])
    place = f"{folder / 'report.json'}:runs[0]"
    assert runs.rows == (RunRow.of(record, agent_kind="command", weight=0.25, place=place),)
    assert (runs.broken_families, runs.notes, runs.weightings) == (1, (f"{folder}: mind the gap",), ("invsqrt_family",))
    assert runs.sources[0].protocol is None
    assert read_runs([folder / "report.json"]).rows == runs.rows


def test_a_report_names_the_protocol_of_its_session(tmp_path: Path) -> None:
    folder = write_report(tmp_path, report(report_run(a_record()), protocol=PROTOCOL.to_json()))
    assert read_runs([folder]).sources[0].protocol == PROTOCOL


def test_a_report_on_one_line_is_a_report_as_well(tmp_path: Path) -> None:
    file = tmp_path / "moved"
    file.write_text(json.dumps(report(report_run(a_record()))), encoding="utf-8")
    assert len(read_runs([file]).rows) == 1


@properties
@given(made=many_records())
def test_runs_of_any_report_are_read_or_refused_by_place(
    tmp_path_factory: pytest.TempPathFactory, made: list[RunRecord]
) -> None:
    folder = write_report(tmp_path_factory.mktemp("any"), report(*map(report_run, made)))
    said = rows_or_refusal(folder)
    if isinstance(said, str):
        assert said.startswith(f"{folder / 'report.json'}: runs")
    else:
        assert [(r.run_id, r.status, r.score, r.success) for r in said] == [
            (r.run_id, r.status, r.score, r.success) for r in made
        ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"score": "NaN"}, "runs[0].score: expected a finite number or null, found the text 'NaN'"),
        ({"score": "Infinity"}, "runs[0].score: expected a finite number or null, found the text 'Infinity'"),
        ({"score": None}, "runs[0].score: expected the score of a scored run, found null"),
        ({"success": 1}, "runs[0].success: expected true or false for a run with a score, found 1"),
        ({"status": "fine"}, "runs[0].status: expected one of scored, needs_score"),
        ({"human_minutes": -1}, "runs[0].human_minutes: expected a number above 0 or null, found -1"),
        ({"weight": -0.5}, "runs[0].weight: expected a number of 0 or more or null, found -0.5"),
        ({"run": 0}, "runs[0].run: expected a whole number from 1, found 0"),
        ({"failure": "x"}, "runs[0].failure: expected an object, found the text 'x'"),
        ({"canary_found": 0}, "runs[0].canary_found: expected true, false or null, found 0"),
        ({"agent": None}, "runs[0].agent: expected a text, found null"),
    ],
)
def test_a_wrong_value_of_a_report_is_told_with_its_place(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    folder = write_report(tmp_path, report({**report_run(a_record()), **change}))
    assert refusal(folder).startswith(f"{folder / 'report.json'}: {told}")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"schema": "other"}, 'expected the report of a session ("schema": "pytest-metr/report")'),
        ({"schema_version": 99}, "schema_version: expected at most 2, found 99"),
        ({"schema_version": True}, "schema_version: expected at most 2, found true"),
        ({"schema_version": [1]}, "schema_version: expected at most 2, found a list"),
        ({"runs": {}}, "runs: expected a list, found an object"),
        ({"runs": [1]}, "runs[0]: expected an object, found 1"),
        ({"runs": []}, "runs: expected at least one run of an agent, found none"),
        ({"session": None}, "session: expected an object, found null"),
        ({"protocol": {"name": "p"}}, "protocol: expected an evaluation protocol: KeyError"),
        ({"protocol": []}, "protocol: expected an object, found a list"),
    ],
)
def test_what_is_no_report_is_told(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    folder = write_report(tmp_path, report(report_run(a_record()), **change))
    assert refusal(folder).startswith(f"{folder / 'report.json'}: {told}")


def test_a_report_with_a_run_twice_is_refused(tmp_path: Path) -> None:
    folder = write_report(tmp_path, report(report_run(a_record()), report_run(a_record())))
    assert "runs[1].run_id: expected each run of an agent once" in refusal(folder)


def test_a_report_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    folder = write_report(tmp_path, report(report_run(a_record())))
    file = folder / "report.json"
    file.write_text(file.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    assert refusal(folder).startswith(f"{file}: expected JSON")
    assert refusal(file).startswith(f"{file}: expected JSON")


def test_planned_runs_of_a_dead_session_without_a_record_are_missing(tmp_path: Path) -> None:
    planned = [make_plan(make_task(), run) for run in (1, 2, 3)]
    folder = write_dead_session(
        tmp_path,
        planned=planned,
        records=[make_record(planned[1], score=1.0), make_record(planned[0], "infra_error", agent="gpt")],
        agents=[GPT],
        broken=[BrokenFamily(folder="f", message="broken")],
        protocol=PROTOCOL.to_json(),
    )
    runs = read_runs([folder])
    assert [(row.run, row.status, row.score, row.agent_kind) for row in runs.rows] == [
        (1, "infra_error", None, "command"),
        (2, "scored", 1.0, "command"),
        (3, "not_run", None, "command"),
    ]
    assert [row.missing for row in runs.rows] == [True, False, True]
    assert runs.broken_families == 1
    assert runs.sources[0].protocol == PROTOCOL
    assert runs.notes == (
        f"{folder}: the session has no report: it died, or is still running",
        f"{folder}: 1 planned run has no record",
    )


def test_damaged_lines_of_a_dead_sessions_journal_are_told_and_passed_over(tmp_path: Path) -> None:
    planned = [make_plan(make_task())]
    folder = write_dead_session(tmp_path, planned=planned, records=[make_record(planned[0], score=1.0)], agents=[GPT])
    with (folder / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"kind": "run"}\n{"kind": "run", "run_id"')
    runs = read_runs([folder])
    assert len(runs.rows) == 1
    assert f"{folder}: lines of the journal could not be read: 4" in runs.notes
    assert f"{folder}: 1 lines of the journal are no records that this version can read" in runs.notes


def test_what_staging_has_left_out_of_a_dead_session_counts_as_zero(tmp_path: Path) -> None:
    def plan(minutes: float, run: int) -> PlannedRun:
        return make_plan(make_task(f"f/{minutes:g}", minutes), run)

    planned = [plan(5, 1), plan(50, 1), plan(5, 2), plan(50, 2)]
    folder = write_dead_session(
        tmp_path,
        planned=planned,
        records=[make_record(planned[0], score=0.0)],
        agents=[GPT],
        protocol=PROTOCOL.to_json(),
    )
    closed = [
        Decision(agent="gpt", stage=1, round=None, bracket="long", opened=False, rule="staging", sentence="too hard"),
        Decision(agent="gpt", stage=2, round=2, bracket=None, opened=False, rule="rounds", sentence="decided"),
    ]
    with (folder / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(json.dumps({"kind": "decision", **decision.to_json()}) + "\n" for decision in closed)
    runs = read_runs([folder])
    assert [(row.zero_by_rule, row.not_asked_for, row.missing) for row in runs.rows] == [
        (False, False, False),
        (True, False, False),
        (False, True, False),
        (True, False, False),
    ]
    assert runs.notes == (f"{folder}: the session has no report: it died, or is still running",)


def test_runs_that_a_report_says_were_left_out_count_as_zero(tmp_path: Path) -> None:
    failure = Failure(kind="not_run", cause="staging", message="too hard")
    record = make_record(make_plan(make_task()), "not_run", failure=failure)
    assert read_runs([write_report(tmp_path, report(report_run(record)))]).rows[0].zero_by_rule


def test_a_session_that_died_before_anything_was_planned_is_refused(tmp_path: Path) -> None:
    folder = write_dead_session(tmp_path, planned=[], agents=[GPT])
    (folder / "plan.json").unlink()
    assert refusal(folder) == f"{folder}: expected at least one run, found none planned and none recorded"


def test_a_plan_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = write_dead_session(tmp_path, planned=[], agents=[GPT])
    (folder / "plan.json").write_text('{"runs": [{}]}', encoding="utf-8")
    assert refusal(folder).startswith(f"{folder / 'plan.json'}: expected the plan of a session")


def test_agents_that_are_none_are_refused(tmp_path: Path) -> None:
    folder = write_dead_session(tmp_path, planned=[make_plan(make_task())], agents=[GPT])
    file = folder / "journal.jsonl"
    line = json.loads(file.read_text(encoding="utf-8"))
    line["agents"][0]["limits"] = 5
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert refusal(folder).startswith(f"{file}: session.agents: expected the agents of a session")
