"""What a live session asks before another round of runs."""

from __future__ import annotations

import pytest

from pytest_metr.gate import thresholds, undecided
from pytest_metr.types import Estimate

from .fakes import estimate, gate, result, rule

ONCE = {"f/a": 1, "f/b": 1}


def test_thresholds_are_listed_by_metric() -> None:
    found = gate(rule(threshold=0.3), rule("time_horizon_p50", threshold=60), rule(must_stay="above", threshold=0.1))
    assert thresholds(found) == {"overall_score": (0.3, 0.1), "time_horizon_p50": (60,)}


@pytest.mark.parametrize(
    ("low", "high", "is_open"), [(0.1, 0.4, False), (0.1, 0.5, True), (0.4, 0.6, True), (0.5, 0.6, False)]
)
def test_another_round_is_needed_while_a_threshold_lies_in_the_interval(low: float, high: float, is_open: bool) -> None:
    found = result(overall=estimate(0.3, low, high), tasks=ONCE)
    assert (undecided(gate(rule(threshold=0.5)), found) is not None) == is_open


def test_the_margin_counts() -> None:
    found = result(overall=estimate(0.3, 0.2, 0.4), tasks=ONCE)
    assert undecided(gate(rule(threshold=0.5, margin=5)), found) is None
    assert undecided(gate(rule(threshold=0.5, margin=15)), found) == (
        "a: it is not decided whether the overall score stays below 50 %: 30 %, interval [20 %, 40 %], "
        "with the margin of 15 points from 35 % to 55 %"
    )


def test_the_confidence_is_told_where_the_gate_has_one() -> None:
    found = result(overall=estimate(0.5, 0.4, 0.6), tasks=ONCE)
    assert "50 %, 80 % [40 %, 60 %]" in (undecided(gate(confidence=0.8), found) or "")


@pytest.mark.parametrize(
    ("problem", "is_open"), [("no_runs", True), ("not_falling", True), ("no_human_minutes", False)]
)
def test_without_a_number_more_runs_may_help_unless_no_task_has_minutes(problem: str, is_open: bool) -> None:
    found = result(horizon=Estimate(value=None, problem=problem), tasks=ONCE)
    assert (undecided(gate(rule("time_horizon_p50", threshold=60)), found) is not None) == is_open


def test_rounds_go_on_until_tasks_have_their_least_number_of_runs() -> None:
    decided = estimate(0.1, 0.0, 0.2)
    asked = gate(minimum_runs=2)
    assert undecided(asked, result(overall=decided, tasks=ONCE)) == "a: 1 of at least 2 runs of each task"
    assert undecided(asked, result(overall=decided, tasks={"f/a": 2, "f/b": 2})) is None
    # One that has lost a run does not get it back by being run once more than all others.
    assert undecided(asked, result(overall=decided, tasks={"f/a": 2, "f/b": 1})) is None


def test_agents_that_the_gate_does_not_judge_need_no_rounds() -> None:
    wide = result("b", overall=estimate(0.5, 0.0, 1.0), tasks=ONCE)
    assert undecided(gate(agents=("a",)), wide) is None
    assert undecided(gate(agents=("b",)), wide) is not None
