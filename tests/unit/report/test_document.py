"""The report document: nothing planned is left out, and the numbers can be made again from it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given

from pytest_metr.errors import UsageMistake
from pytest_metr.types import AgentSpec, BrokenFamily, LimitHit, Limits, PlannedRun, RunRecord

from .records import broken, make_plan, make_record, make_session, make_task, many_records, properties, report_of

SHORT, LONG, UNKNOWN = make_task("a/short", 3), make_task("a/long", 100), make_task("b/unknown", None)


def one_of_each() -> tuple[list[PlannedRun], list[RunRecord]]:
    plans = [make_plan(SHORT, run) for run in range(1, 7)]
    records = [
        make_record(plans[0], "scored", 1.0),
        make_record(plans[1], "limit", 0.0, limit_hit=LimitHit(name="wall_seconds", allowed=60)),
        make_record(plans[2], "agent_error", 0.0, failure=broken("exit_code", "agent")),
        make_record(plans[3], "needs_score"),
        make_record(plans[4], "infra_error", failure=broken("sandbox")),
    ]
    return plans, records


def test_coverage_accounts_for_every_planned_run() -> None:
    report = report_of(*one_of_each(), created_at="2025-03-01T12:02:00.000Z")
    assert report["coverage"] == {
        "planned": 6,
        "unplanned": 0,
        "finished": 3,
        "scored": 1,
        "limit": 1,
        "agent_error": 1,
        "needs_score": 1,
        "infra_error": 1,
        "not_run": 1,
        "causes": {
            "agent_error": {"exit_code": 1},
            "infra_error": {"sandbox": 1},
            "limit": {"wall_seconds": 1},
            "not_run": {"no_record": 1},
        },
    }
    assert report["agents"][0]["coverage"] == report["coverage"]
    assert report["created_at"] == "2025-03-01T12:02:00.000Z"


def test_only_runs_with_a_score_count_in_the_overall_score() -> None:
    result = report_of(*one_of_each())["agents"][0]["result"]
    assert result["overall_score"]["value"] == pytest.approx(1 / 3)
    assert result["floor"] == pytest.approx(1 / 6)
    assert (result["runs"], result["tasks"], result["missing"]) == (3, 1, 3)


def test_an_infrastructure_error_has_no_weight_and_is_no_zero() -> None:
    plans, records = one_of_each()
    report = report_of(plans, [records[0], records[4]])
    assert report["agents"][0]["result"]["overall_score"]["value"] == 1.0
    assert [run["weight"] for run in report["runs"]] == [1.0, None, None, None, None, None]


def test_a_planned_run_without_a_record_is_there_as_not_run_with_its_reason() -> None:
    plans = [make_plan(SHORT, 1), make_plan(SHORT, 2)]
    agent = AgentSpec(name="gpt", kind="command", identity="1d", model="m", scaffold="s", limits=Limits(wall_seconds=9))
    why = broken("interrupted", "not_run")
    report = report_of(plans, [], session=make_session(agent), not_run={plans[0].run_id: why})
    first, second = (RunRecord.from_json(run) for run in report["runs"])
    assert (first.status, first.failure, first.started_at) == ("not_run", why, "")
    assert (first.agent_identity, first.model, first.scaffold, first.limits.wall_seconds) == ("1d", "m", "s", 9)
    assert (first.bracket, first.human_minutes, first.success) == ("few_minutes", 3, None)
    assert second.failure is not None
    assert second.failure.cause == "no_record"
    assert report["agents"][0]["result"]["overall_score"]["value"] is None


def test_a_plan_that_names_no_agent_means_the_only_one() -> None:
    report = report_of([make_plan(SHORT, agent=None)], [])
    assert report["runs"][0]["agent"] == "gpt"
    assert len(report["agents"]) == 1


def test_a_plan_that_could_mean_several_agents_means_none_of_them() -> None:
    session = make_session(AgentSpec(name="one", kind="noop"), AgentSpec(name="two", kind="noop"))
    report = report_of([make_plan(SHORT, agent=None)], [], session=session)
    assert [agent["name"] for agent in report["agents"]] == ["one", "two", "none"]
    assert report["agents"][2]["coverage"]["not_run"] == 1


def test_brackets_count_their_runs_and_end_with_the_unknown() -> None:
    plans = [make_plan(UNKNOWN), make_plan(LONG), *(make_plan(SHORT, run) for run in (1, 2))]
    other = make_plan(make_task("c/short", 4))
    records = [
        make_record(plans[0], "scored", 0.25),
        make_record(plans[1], "infra_error", failure=broken("sandbox")),
        make_record(plans[2], "scored", 1.0),
        make_record(plans[3], "scored", 0.5),
        make_record(other, "scored", 0.95),
    ]
    few, hours, unknown = report_of([*plans, other], records)["agents"][0]["brackets"]
    assert few == {
        "bracket": "few_minutes",
        "tasks": 2,
        "runs": 3,
        "runs_with_score": 3,
        "passed": 2,
        "infra_error": 0,
        "needs_score": 0,
        "not_run": 0,
    }
    assert (hours["bracket"], hours["passed"], hours["infra_error"]) == ("few_hours", 0, 1)
    assert (unknown["bracket"], unknown["runs_with_score"], unknown["passed"]) == (None, 1, 0)


def test_tasks_show_each_score() -> None:
    plans, records = one_of_each()
    (task,) = report_of(plans, records)["agents"][0]["tasks"]
    assert task == {
        "task_id": "a/short",
        "task_version": None,
        "human_minutes": 3,
        "bracket": "few_minutes",
        "runs": 6,
        "scores": [1.0, 0.0, 0.0],
        "mean_score": pytest.approx(1 / 3),
        "passed": 1,
    }


def test_agents_are_weighed_and_reported_apart() -> None:
    plans = [make_plan(SHORT, agent="gpt"), make_plan(SHORT, agent="guest")]
    records = [make_record(plans[0], "scored", 1.0), make_record(plans[1], "scored", 0.5, model="g")]
    report = report_of(plans, records)
    scores = [(a["name"], a["model"], a["result"]["overall_score"]["value"]) for a in report["agents"]]
    assert scores == [("gpt", None, 1.0), ("guest", "g", 0.5)]


def test_weights_that_cannot_be_made_leave_a_report_that_says_why() -> None:
    def refuse(runs: Sequence[RunRecord]) -> list[float]:
        raise UsageMistake("expected numbers", key="hook")

    report = report_of(*one_of_each(), weigh=refuse)
    agent = report["agents"][0]
    assert (agent["result"], agent["problem"]) == (None, "hook: expected numbers")
    assert agent["coverage"]["finished"] == 3
    assert {run["weight"] for run in report["runs"]} == {None}


def test_weights_of_a_hook_are_named_as_recorded_ones() -> None:
    assert report_of(*one_of_each())["protocol"]["weighting"] == "recorded"
    assert report_of(*one_of_each(), weigh=None)["protocol"]["weighting"] == "invsqrt_family"
    assert report_of(*one_of_each(), weigh=lambda runs: None)["protocol"]["weighting"] == "invsqrt_family"


def test_a_run_that_staging_left_out_counts_as_a_zero() -> None:
    plans = [make_plan(SHORT), make_plan(LONG)]
    reasons = {plans[1].run_id: broken("staging", "not_run")}
    report = report_of(plans, [make_record(plans[0], "scored", 1.0)], not_run=reasons)
    result = report["agents"][0]["result"]
    assert (result["overall_score"]["value"], result["zeros_by_rule"], result["missing"]) == (0.5, 1, 0)
    assert [(run["score"], run["weight"]) for run in report["runs"]] == [(1.0, 0.5), (None, 0.5)]


def test_the_last_of_several_records_of_one_run_counts_with_a_note() -> None:
    plan = make_plan(SHORT)
    report = report_of([plan], [make_record(plan, "scored", 0.0), make_record(plan, "scored", 1.0)], notes=["hello"])
    assert [run["score"] for run in report["runs"]] == [1.0]
    assert report["notes"] == ["hello", f"run {plan.run_id} has 2 records; the last one counts"]


def test_runs_beside_the_plan_come_last_and_are_counted_apart() -> None:
    plan, extra = make_plan(SHORT), make_plan(LONG)
    report = report_of([plan], [make_record(extra, "scored", 1.0), make_record(plan, "scored", 0.0)])
    assert [run["task_id"] for run in report["runs"]] == ["a/short", "a/long"]
    assert (report["coverage"]["planned"], report["coverage"]["unplanned"]) == (1, 1)


def test_runs_of_several_versions_of_a_task_are_noted() -> None:
    plans = [make_plan(SHORT, 1), make_plan(SHORT, 2)]
    records = [make_record(plans[0], "scored", 1.0), make_record(plans[1], "scored", 1.0, family_hash="other")]
    assert report_of(plans, records)["notes"] == ["task a/short has runs of 2 versions of it"]


def test_broken_families_and_files_are_named() -> None:
    family = BrokenFamily(folder="tasks/bad", message="manifest.yaml: tasks: expected a mapping")
    report = report_of([], [], broken_families=[family], files={"report": "out/report.json"})
    assert report["broken_families"] == [{"folder": "tasks/bad", "message": "manifest.yaml: tasks: expected a mapping"}]
    assert report["files"] == {"report": "out/report.json"}


@properties
@given(many_records())
def test_the_overall_score_can_be_made_again_from_the_document_alone(records: list[RunRecord]) -> None:
    report = report_of([], records)
    for agent in report["agents"]:
        runs = [run for run in report["runs"] if run["agent"] == agent["name"] and run["weight"] is not None]
        if agent["result"] is None:  # an agent of the session that no run is of
            assert not runs
            continue
        score = agent["result"]["overall_score"]["value"]
        assert agent["result"]["runs"] == len(runs)
        if runs:
            again = math.fsum(run["weight"] * (run["score"] or 0.0) for run in runs)
            assert score == pytest.approx(again, rel=1e-9, abs=1e-9 * max(abs(run["score"] or 0.0) for run in runs))
        else:
            assert score is None


@properties
@given(many_records())
def test_every_run_is_counted_once_wherever_it_is_counted(records: list[RunRecord]) -> None:
    report = report_of([], records)
    coverage = report["coverage"]
    ends = ("finished", "needs_score", "infra_error", "not_run")
    assert coverage["unplanned"] == sum(coverage[end] for end in ends) == len(records) == len(report["runs"])
    for agent in report["agents"]:
        here = sum(run["agent"] == agent["name"] for run in report["runs"])
        assert sum(row["runs"] for row in agent["brackets"]) == here
        assert sum(row["runs"] for row in agent["tasks"]) == here
        assert sum(agent["coverage"][end] for end in ends) == here
