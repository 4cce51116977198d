"""The time horizon where there is one, and its problem where there is none."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import evaluate_agent
from pytest_metr.types import AgentResult, Estimate, EvaluationProtocol, Interval, RunRow

from .runs import PROTOCOL, left_out_by_staging, make_row


def evaluated(*rows: RunRow, protocol: EvaluationProtocol = PROTOCOL) -> AgentResult:
    return evaluate_agent(rows, protocol)


def bounds_of(estimate: Estimate) -> Interval:
    assert estimate.bounds is not None
    return estimate.bounds


def many(score: float, families: int = 30) -> list[RunRow]:
    """Families f0, f1, ... with one task of 1, 2, ... human minutes."""
    return [make_row(f"f{n}/t", score=score, minutes=n + 1.0) for n in range(families)]


MIXED = [make_row(f"f{n}/t", score=float(n % 7 > n // 5), minutes=2.0 ** (n / 4)) for n in range(36)]


def test_a_falling_curve_has_horizons_that_fall_with_the_chance_asked_for() -> None:
    horizon = evaluated(*MIXED).horizon
    assert horizon.problem is None
    assert horizon.slope is not None
    assert horizon.intercept is not None
    fifty, eighty = horizon.at["50"], horizon.at["80"]
    assert fifty.value == pytest.approx(2 ** (-horizon.intercept / horizon.slope))
    assert fifty.value is not None
    assert eighty.value is not None
    assert eighty.value < fifty.value
    for at in (fifty, eighty):
        assert at.interval is not None
        assert at.value is not None
        assert at.interval.low <= at.value <= at.interval.high
        assert bounds_of(at).low <= at.interval.low <= at.interval.high <= bounds_of(at).high


def test_all_failures_have_the_horizon_zero_and_bounds_by_families() -> None:
    horizon = evaluated(*many(0.0)).horizon
    assert (horizon.slope, horizon.intercept, horizon.problem) == (-math.inf, None, "all_failures")
    fifty, eighty = horizon.at["50"], horizon.at["80"]
    assert (fifty.value, fifty.interval, fifty.left_out) == (0.0, None, PROTOCOL.draws)
    assert fifty.bounds == Interval(low=0.0, high=6.0)
    assert eighty.bounds == Interval(low=0.0, high=3.0)


def test_failures_that_staging_made_bound_nothing() -> None:
    rows = [left_out_by_staging(f"f{n}/t", minutes=n + 1.0) for n in range(30)]
    assert evaluated(*rows).horizon.at["50"].bounds == Interval(low=0.0, high=math.inf)
    assert evaluated(*rows[:10], *many(0.0)[10:]).horizon.at["50"].bounds == Interval(low=0.0, high=16.0)


def test_a_family_bounds_the_horizon_once_by_its_shortest_task() -> None:
    rows = [make_row(f"f{n % 5}/t{n}", score=0.0, minutes=n + 1.0) for n in range(30)]
    assert evaluated(*rows).horizon.at["50"].bounds == Interval(low=0.0, high=math.inf)
    assert evaluated(*rows).horizon.at["80"].bounds == Interval(low=0.0, high=3.0)


def test_all_successes_have_an_infinite_horizon_and_a_lower_bound() -> None:
    horizon = evaluated(*many(1.0)).horizon
    assert (horizon.slope, horizon.intercept, horizon.problem) == (None, None, "all_successes")
    assert (horizon.at["50"].value, horizon.at["50"].interval) == (math.inf, None)
    assert horizon.at["50"].bounds == Interval(low=25.0, high=math.inf)
    assert horizon.at["80"].bounds == Interval(low=14.0, high=math.inf)


def test_success_that_rises_with_human_minutes_has_no_horizon_and_warns() -> None:
    horizon = evaluated(*(replace(row, score=1 - (row.score or 0), success=not row.success) for row in MIXED)).horizon
    assert horizon.slope is not None
    assert horizon.slope > 0
    assert horizon.problem == "not_falling"
    assert [at.value for at in horizon.at.values()] == [None, None]
    assert bounds_of(horizon.at["50"]) == Interval(low=0.0, high=math.inf)
    assert horizon.warnings == ("success does not fall with human minutes, so there is no horizon",)


def test_one_task_has_a_level_curve_and_so_no_horizon() -> None:
    rows = [make_row("a/x", run=n, score=float(n % 2)) for n in range(8)]
    horizon = evaluated(*rows).horizon
    assert (horizon.slope, horizon.problem) == (0.0, "not_falling")
    assert bounds_of(horizon.at["50"]) == Interval(low=0.0, high=math.inf)


def test_draws_of_one_class_are_left_out_of_the_interval_and_not_of_the_bounds() -> None:
    rows = [make_row("easy/x", score=1.0, minutes=1), *many(0.0, families=5)]
    fifty = evaluated(*rows).horizon.at["50"]
    assert fifty.left_out == pytest.approx(PROTOCOL.draws * (5 / 6) ** 6, rel=0.3)  # the easy family is in no draw
    assert fifty.interval is not None
    assert fifty.interval.low > 0.0
    assert bounds_of(fifty).low == 0.0


@pytest.mark.parametrize("minutes", [None, 0.0, -5.0, math.inf, math.nan])
def test_tasks_without_human_minutes_are_in_the_score_and_not_in_the_horizon(minutes: float | None) -> None:
    with_minutes = evaluated(*MIXED)
    more = [make_row("u/x", score=1.0, minutes=minutes), make_row("u/y", score=1.0, minutes=minutes)]
    both = evaluated(*MIXED, *more)
    assert both.overall_score.value is not None
    assert both.overall_score.value > (with_minutes.overall_score.value or 0)
    assert both.horizon.warnings == ("2 tasks without human minutes: in the overall score, but not in the horizon",)
    alone = evaluated(*more)
    assert (alone.overall_score.value, alone.horizon.problem) == (1.0, "no_human_minutes")
    assert alone.horizon.at["50"].value is None
    assert alone.horizon.at["50"].bounds is None


def test_runs_of_one_task_with_differing_human_minutes_count_with_their_own_and_are_told() -> None:
    rows = [make_row("a/x", run=1, score=1.0, minutes=2), make_row("a/x", run=2, score=0.0, minutes=64)]
    horizon = evaluated(*rows).horizon
    assert horizon.slope is not None
    assert horizon.slope < 0
    assert horizon.warnings == ("1 task with differing human minutes: each run counts with its own",)


def test_scores_that_are_all_alike_have_bounds_by_families_that_took_place() -> None:
    result = evaluated(*many(0.0, families=9))
    assert result.success_rate.interval == Interval(low=0.0, high=0.0)
    assert bounds_of(result.success_rate).high == pytest.approx(1 - 0.025 ** (1 / 9))
    assert bounds_of(evaluated(*many(1.0, families=9)).overall_score).low == pytest.approx(0.025 ** (1 / 9))
    assert bounds_of(evaluated(*many(0.5, families=9)).overall_score) == Interval(low=0.0, high=1.0)
    staged = evaluated(*many(0.0, families=2), *(left_out_by_staging(f"g{n}/t") for n in range(7)))
    assert bounds_of(staged.overall_score).high == pytest.approx(1 - 0.025 ** (1 / 2))
    bracket = evaluated(*MIXED, *many(0.0, families=1)).brackets[0]
    assert bracket.score.interval is not None
    assert bounds_of(bracket.score).low <= bracket.score.interval.low
    assert bounds_of(bracket.score).high >= bracket.score.interval.high


def test_a_single_family_is_told_for_it_shows_no_spread() -> None:
    rows = [make_row("a/x", score=1.0, minutes=1), make_row("a/y", score=0.0, minutes=64)]
    assert evaluated(*rows).warnings == (
        "all runs are of one family: the interval does not tell how other families would go",
    )
    assert evaluated(*MIXED).warnings == ()


def test_a_regularization_too_small_for_separated_runs_is_told() -> None:
    rows = [
        make_row("a/x", score=1.0, minutes=9),
        make_row("b/y", score=0.0, minutes=10),
        make_row("c/z", minutes=1e-3),
    ]
    protocol = replace(PROTOCOL, regularization=1e-300, file="tiny.yaml")
    with pytest.raises(UsageMistake, match=r"^tiny\.yaml: horizon\.regularization: expected more than 1e-300, for"):
        evaluated(*rows, protocol=protocol)
