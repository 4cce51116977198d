"""What a protocol says of one agent: numbers made by hand, and data that have no number."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import evaluate_agent
from pytest_metr.types import RECORDED_WEIGHTS, AgentResult, RunRow

from .runs import PROTOCOL, left_out_by_staging, make_row


def evaluated(*rows: RunRow, **choices: object) -> AgentResult:
    return evaluate_agent(rows, replace(PROTOCOL, **choices))  # type: ignore[arg-type]


#: a: two tasks (one of two runs), b: one task; invsqrt_family weights 1/sqrt(2) : 1/sqrt(2) : 1.
ROWS = (
    make_row("a/x", run=1, score=1.0, minutes=5),
    make_row("a/x", run=2, score=0.5, minutes=5),
    make_row("a/y", score=0.0, minutes=100),
    make_row("b/z", score=0.2, minutes=200),
)


def test_scores_are_weighted_means_and_successes_those_above_the_threshold() -> None:
    result = evaluated(*ROWS)
    root = math.sqrt(2)
    assert result.overall_score.value == pytest.approx((0.75 / root + 0.2) / (root + 1))
    assert result.success_rate.value == pytest.approx((0.5 / root) / (root + 1))
    assert (result.runs, result.tasks, result.families, result.missing, result.zeros_by_rule) == (4, 3, 2, 0, 0)


def test_brackets_have_the_weights_of_the_whole() -> None:
    short, long = evaluated(*ROWS).brackets
    assert (short.name, short.tasks, short.runs) == ("short", 1, 2)
    assert short.score.value == pytest.approx(0.75)
    assert (long.name, long.tasks, long.runs) == ("long", 2, 2)
    assert long.score.value == pytest.approx(0.2 / (1 / math.sqrt(2) + 1))
    # a/x is in no draw without family a (1/4), and may be in none with a once (1/2 * 1/4) or twice (1/4 * 1/16).
    assert short.score.left_out == pytest.approx(PROTOCOL.draws * 25 / 64, rel=0.3)


def test_a_bracket_without_runs_has_no_score_and_says_so() -> None:
    short, long = evaluated(make_row("a/x", minutes=5)).brackets
    assert short.score.value == 1.0
    assert (long.tasks, long.runs, long.score.value, long.score.problem) == (0, 0, None, "no_runs")


def test_each_task_has_its_plain_means_in_the_order_of_human_minutes() -> None:
    unknown = make_row("c/u", minutes=None)
    tasks = evaluated(*ROWS[::-1], unknown).task_results
    assert [(task.task_id, task.bracket, task.runs, task.score, task.success_rate) for task in tasks] == [
        ("a/x", "short", 2, 0.75, 0.5),
        ("a/y", "long", 1, 0.0, 0.0),
        ("b/z", "long", 1, 0.2, 0.0),
        ("c/u", None, 1, 1.0, 1.0),
    ]
    assert sum(task.weight for task in tasks) == pytest.approx(1)


def test_runs_that_staging_left_out_are_failures_and_missing_ones_are_in_no_number() -> None:
    rows = [
        make_row("a/x", score=1.0),
        left_out_by_staging("b/y", minutes=100.0),
        make_row("c/z", score=None, status="infra_error"),
        make_row("d/w", score=None, status="not_run", cause="rounds"),
    ]
    result = evaluated(*rows)
    assert (result.overall_score.value, result.success_rate.value) == (0.5, 0.5)
    assert (result.runs, result.zeros_by_rule, result.missing) == (2, 1, 1)
    assert result.horizon.slope is not None
    assert result.horizon.slope < 0


def test_rows_of_another_split_are_in_no_number() -> None:
    rows = [
        make_row("a/x", score=1.0, split="test"),
        make_row("a/y", score=0.0, split="dev"),
        make_row("a/z", score=None, split="dev", status="infra_error"),
        make_row("a/w", score=1.0),
    ]
    result = evaluated(*rows, split="test")
    assert (result.overall_score.value, result.runs, result.missing) == (1.0, 2, 0)


def test_the_protocols_threshold_goes_before_the_tasks_own() -> None:
    rows = [make_row("a/x", score=0.5, success=True), make_row("b/x", score=0.4, success=False)]
    assert evaluated(*rows).success_rate.value == 0.5
    assert evaluated(*rows, success_threshold=0.5).success_rate.value == 0.0
    assert evaluated(*rows, success_threshold=0.4).success_rate.value == 0.5
    assert evaluated(*rows, success_threshold=0.3).success_rate.value == 1.0


def test_weights_can_be_handed_in_and_those_of_rows_that_do_not_count_are_not_looked_at() -> None:
    rows = [make_row("a/x", score=1.0), make_row("b/y", score=0.0), make_row("c/z", score=None, status="infra_error")]
    result = evaluate_agent(rows, PROTOCOL, weights=[3.0, 1.0, math.nan])
    assert result.overall_score.value == 0.75
    with pytest.raises(ValueError, match="a weight for each of 3 rows, not 1"):
        evaluate_agent(rows, PROTOCOL, weights=[1.0])


def test_recorded_weights_are_those_of_the_rows() -> None:
    rows = [make_row("a/x", score=1.0, weight=0.3), make_row("b/y", score=0.0, weight=0.1)]
    assert evaluated(*rows, weighting=RECORDED_WEIGHTS).overall_score.value == pytest.approx(0.75)
    with pytest.raises(UsageMistake, match=r"^runs\.jsonl:7: weight: expected a recorded weight of 0 or more"):
        evaluated(make_row("a/x", place="runs.jsonl:7"), weighting=RECORDED_WEIGHTS)


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_told_with_its_place(score: float) -> None:
    with pytest.raises(UsageMistake, match=r"^runs\.jsonl:3: score: expected a finite score of run a/x-1, not"):
        evaluated(make_row("a/x", score=score, place="runs.jsonl:3"))


def test_scores_outside_of_fractions_are_told_only_where_they_are_fractions() -> None:
    row = make_row("a/x", score=1.5, place="runs.jsonl:3")
    assert evaluated(row).overall_score.value == 1.5
    with pytest.raises(UsageMistake, match=r"^runs\.jsonl:3: score: expected a score from 0 to 1 of run a/x-1"):
        evaluated(row, fractional=True)


def test_a_fraction_counts_as_a_weighted_success_and_a_weighted_failure() -> None:
    """Half a success in one run is the same curve as a success and a failure of half the weight each."""
    fractions = [make_row("a/x", score=0.5, minutes=2), make_row("b/y", score=0.25, minutes=64)]
    whole = [
        *(make_row("a/x", run=n, score=s, minutes=2) for n, s in enumerate([1.0, 0.0])),
        *(make_row("b/y", run=n, score=s, minutes=64) for n, s in enumerate([1.0, 0.0, 0.0, 0.0])),
    ]
    of_fractions, of_whole = evaluated(*fractions, fractional=True).horizon, evaluated(*whole).horizon
    assert of_fractions.slope == pytest.approx(of_whole.slope, rel=1e-12)
    assert of_fractions.intercept == pytest.approx(of_whole.intercept, rel=1e-12)


def test_the_rows_of_two_agents_are_refused() -> None:
    with pytest.raises(ValueError, match="of one agent, not of one, two"):
        evaluated(make_row(agent="two"), make_row(agent="one"))


def test_nothing_that_counts_has_no_numbers() -> None:
    result = evaluated(make_row("a/x", score=None, status="needs_score"))
    assert (result.agent, result.runs, result.missing, result.task_results) == ("agent", 0, 1, ())
    for estimate in (result.overall_score, result.success_rate, *result.horizon.at.values()):
        assert (estimate.value, estimate.interval, estimate.bounds, estimate.problem) == (None, None, None, "no_runs")
    assert (result.horizon.problem, result.warnings) == ("no_runs", ())


def test_a_result_survives_json() -> None:
    for result in (evaluated(*ROWS), evaluated(make_row("a/x", score=0.0)), evaluated(make_row("a/x"))):
        assert AgentResult.from_json(result.to_json()) == result
