"""Comparisons where an agent, or both, never differ from draw to draw."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pytest_metr.protocol import compare_agents, evaluate_agent
from pytest_metr.types import Change, Interval, RunRow

from .compare_rows import change_of, compared, runs_of
from .runs import PROTOCOL, make_row

FAMILIES = 8
#: What share of families can be unlike all of eight that were seen: 1 - 0.025 ** (1 / 8).
UNSEEN = 1 - 0.025 ** (1 / FAMILIES)
P50, P80 = "time_horizon_p50", "time_horizon_p80"


def all_of(score: float) -> dict[str, list[float]]:
    return {f"f{place}/t": [score] * 2 for place in range(FAMILIES)}


def some(good: int) -> dict[str, list[float]]:
    return {f"f{place}/t": [float(place < good)] * 2 for place in range(FAMILIES)}


def bounds_of(change: Change) -> tuple[float, float]:
    bounds = change.difference.bounds
    assert bounds is not None
    return bounds.low, bounds.high


def test_two_agents_that_fail_everything_may_still_differ() -> None:
    comparison = compared(all_of(0), all_of(0))
    change = change_of(comparison)
    assert (change.difference.value, change.difference.interval) == (0.0, Interval(low=0.0, high=0.0))
    assert bounds_of(change) == pytest.approx((-UNSEEN, UNSEEN))
    assert (change.ratio.value, change.ratio.problem) == (None, "both: zero")
    assert change.improved == 0.5


def test_from_all_failures_to_all_successes_leaves_what_families_can_hide() -> None:
    change = change_of(compared(all_of(0), all_of(1)))
    assert change.difference.value == 1.0
    # At least q of the families gain 1, the others lose 1 at most.
    assert bounds_of(change) == pytest.approx((1 - 2 * UNSEEN, 1.0))
    assert change.improved == 1.0
    assert (change.ratio.value, change.ratio.problem) == (math.inf, "before: zero")


def test_the_same_outcomes_under_two_names_leave_what_families_can_hide() -> None:
    change = change_of(compared(some(4), some(4)))
    assert (change.difference.value, change.difference.interval) == (0.0, Interval(low=0.0, high=0.0))
    assert bounds_of(change) == pytest.approx((-UNSEEN, UNSEEN))
    assert change.ratio.value == 1.0
    # With no spread at all the ratio goes by what is known of each agent alone.
    before, after = change.before.bounds, change.after.bounds
    assert before is not None
    assert after is not None
    assert change.ratio.bounds is not None
    assert change.ratio.bounds.low == pytest.approx(after.low / before.high)
    assert change.ratio.bounds.high == pytest.approx(after.high / before.low)


def test_what_an_agent_of_failures_alone_could_be_is_added_to_the_bounds() -> None:
    change = change_of(compared(all_of(0), some(4)))
    interval = change.difference.interval
    assert interval is not None
    assert interval.low > 0
    # Before can be as high as UNSEEN, of which no draw knows.
    assert bounds_of(change) == pytest.approx((interval.low - UNSEEN, interval.high))
    turned = change_of(compared(some(4), all_of(0)))
    assert turned.difference.interval is not None
    assert bounds_of(turned) == pytest.approx(
        (turned.difference.interval.low, turned.difference.interval.high + UNSEEN)
    )


def test_the_horizon_of_failures_alone_is_told_and_bounded() -> None:
    lengths = [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]
    before = [make_row(f"f{place}/t", agent="old", minutes=m, score=0.0) for place, m in enumerate(lengths)]
    after = [make_row(f"f{place}/t", agent="new", minutes=m, score=float(m < 9)) for place, m in enumerate(lengths)]
    change = change_of(compare_agents(before, after, PROTOCOL), P50)
    assert (change.before.value, change.before.problem) == (0.0, "all_failures")
    assert (change.ratio.value, change.difference.value) == (math.inf, math.inf)
    assert change.ratio.problem == "before: all_failures"
    assert change.ratio.interval is None
    assert change.ratio.left_out == PROTOCOL.draws
    # ceil(log(0.025) / log(0.5)) = 6: the sixth family failed at 64 minutes.
    assert change.before.bounds == Interval(low=0.0, high=64.0)
    after_bounds = evaluate_agent(after, PROTOCOL).horizon.at["50"].bounds
    assert after_bounds is not None
    assert change.ratio.bounds is not None
    assert change.ratio.bounds.low <= after_bounds.low / 64 * (1 + 1e-12)
    assert change.ratio.bounds.high == math.inf
    turned = change_of(compare_agents(after, before, PROTOCOL), P50)
    assert (turned.ratio.value, turned.difference.value) == (0.0, -math.inf)


def test_zero_to_zero_and_infinite_to_infinite_have_no_ratio() -> None:
    for score, problem in ((0.0, "both: all_failures"), (1.0, "both: all_successes")):
        change = change_of(compared(all_of(score), all_of(score)), P80)
        assert (change.ratio.value, change.difference.value) == (None, None)
        assert change.ratio.problem == problem
        assert change.ratio.bounds == Interval(low=0.0, high=math.inf)
        assert change.improved == 0.5


def test_from_all_failures_to_all_successes_the_horizon_has_grown_beyond_measure() -> None:
    change = change_of(compared(all_of(0), all_of(1)), P50)
    assert change.ratio.value == math.inf
    assert change.ratio.problem == "before: all_failures; after: all_successes"
    assert change.improved == 1.0


def test_a_curve_that_does_not_fall_has_no_ratio_and_can_be_anything() -> None:
    rising = [make_row(f"f{n}/t", agent="new", minutes=2.0**n, score=float(n > 4)) for n in range(FAMILIES)]
    falling = [make_row(f"f{n}/t", agent="old", minutes=2.0**n, score=float(n < 4)) for n in range(FAMILIES)]
    change = change_of(compare_agents(falling, rising, PROTOCOL), P50)
    assert (change.ratio.value, change.ratio.problem) == (None, "after: not_falling")
    assert change.ratio.bounds == Interval(low=0.0, high=math.inf)


def test_without_human_minutes_there_is_no_horizon_to_compare() -> None:
    before, after = ([make_row(task, agent=agent, minutes=None) for task in ("a/x", "b/y")] for agent in ("old", "new"))
    change = change_of(compare_agents(before, after, PROTOCOL), P50)
    assert (change.difference.value, change.tasks) == (None, 0)
    assert change.difference.problem == "both: no_human_minutes"
    assert change.improved is None


def test_draws_without_a_task_of_a_bracket_are_left_out_and_counted() -> None:
    def rows(agent: str, long: float) -> list[RunRow]:
        return [*runs_of(agent, some(4)), make_row("g/long", agent=agent, minutes=100.0, score=long)]

    change = change_of(compare_agents(rows("old", 0.0), rows("new", 1.0), PROTOCOL), "bracket/long")
    assert (change.tasks, change.difference.value) == (1, 1.0)
    # One of nine families: (8 / 9) ** 9 = 0.346 of the draws miss it.
    assert change.difference.left_out / PROTOCOL.draws == pytest.approx(0.346, abs=0.1)
    assert bounds_of(change) == pytest.approx((1 - 2 * 0.975, 1.0))


def test_scores_below_zero_have_a_difference_but_no_ratio() -> None:
    change = change_of(compared({"a/x": [-1.0], "b/y": [0.5]}, {"a/x": [0.5], "b/y": [0.5]}))
    assert change.difference.value == pytest.approx(0.75)
    assert (change.ratio.value, change.ratio.problem) == (None, "before: negative")


def test_numbers_that_differ_by_rounding_alone_do_not_differ() -> None:
    ten = {"a/x": [0.1] * 10, "b/y": [0.7] * 3}
    change = change_of(compared(ten, {"a/x": [0.1] * 3, "b/y": [0.7] * 7}))
    assert change.difference.value == 0.0
    assert change.improved == 0.5
    assert change.ratio.value == 1.0


def test_the_same_runs_on_both_sides_are_told() -> None:
    rows = runs_of("old", {"a/x": [1, 0], "b/y": [0, 1]})
    comparison = compare_agents(rows, rows, PROTOCOL)
    change = change_of(comparison)
    assert change.difference.value == 0.0
    # Drawn independently, as two sessions of one agent are, and the same seen from both sides.
    assert change.difference.interval is not None
    assert change.difference.interval.low == -change.difference.interval.high < 0
    assert change.improved == 0.5
    assert "the same name and the same outcomes" in comparison.warnings[0]


def test_one_draw_gives_no_interval_and_bounds_without_end() -> None:
    change = change_of(compared({"a/x": [1], "b/y": [0]}, {"a/x": [1], "b/y": [1]}, replace(PROTOCOL, draws=1)))
    assert change.difference.value == pytest.approx(0.5)
    assert change.difference.interval is None
    assert bounds_of(change) == (-math.inf, math.inf)
