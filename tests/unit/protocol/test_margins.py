"""The safety margins that gains suggest: which end, rounded how, and when there is none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.gate.quantities import factor, points
from pytest_metr.protocol.margins import suggest_margins
from pytest_metr.types import Change, Estimate, Gain, Interval, MarginEnd, SuggestedMargin

from .runs import properties

ANY = Estimate(value=1.0)


def estimate(value: float | None, low: float, high: float, bounds_high: float | None = None) -> Estimate:
    wide = Interval(low=low, high=high if bounds_high is None else bounds_high)
    return Estimate(value=value, interval=Interval(low=low, high=high), bounds=wide)


def gain(
    after: str, changed: Estimate, *, metric: str = "overall_score", tasks: int = 20, before: str = "base"
) -> Gain:
    kind = "horizon" if metric.startswith("time_") else "score"
    nothing = Estimate(value=None)
    change = Change(
        metric=metric,
        kind="horizon" if kind == "horizon" else "score",
        tasks=tasks,
        before=ANY,
        after=ANY,
        difference=nothing if kind == "horizon" else changed,
        ratio=changed if kind == "horizon" else nothing,
        improved=0.5,
    )
    return Gain(before="base", after=after, changes=(change,))


def only(*gains: Gain, end: MarginEnd = "bounds") -> SuggestedMargin:
    (margin,) = suggest_margins(gains, end)
    return margin


P50 = "time_horizon_p50"


def test_the_highest_end_counts_and_not_the_end_of_the_largest_estimate() -> None:
    margin = only(gain("sure", estimate(0.20, 0.15, 0.25)), gain("doubtful", estimate(0.10, -0.2, 0.4)))
    assert (margin.after, margin.end, margin.margin, margin.remarks) == ("doubtful", 0.4, "40 points", ())


def test_each_end_that_can_be_asked_for() -> None:
    one = gain("one", estimate(0.1004, 0.0, 0.2, bounds_high=0.3))
    assert [only(one, end=end).margin for end in ("bounds", "interval", "estimate")] == [
        "30 points",
        "20 points",
        "10.1 points",
    ]


def test_an_interval_that_tells_nothing_gives_way_to_the_bounds() -> None:
    alike = gain("alike", estimate(0.0, 0.0, 0.0, bounds_high=0.195))
    assert only(alike, end="interval").margin == "19.5 points"


@pytest.mark.parametrize(
    ("high", "margin"),
    [
        (0.2, "20 points"),
        (0.2001, "20.1 points"),
        (0.3 - 0.1, "20 points"),
        (0.00001, "0.1 points"),
        (0.999, "99.9 points"),
    ],
)
def test_points_are_rounded_up_to_a_tenth(high: float, margin: str) -> None:
    assert only(gain("up", estimate(0.0, -0.1, high))).margin == margin


@pytest.mark.parametrize(
    ("high", "margin"),
    [
        (1.0, "1"),
        (1.001, "1.01"),
        (1.5, "1.5"),
        (9.991, "10"),
        (12.34, "12.4"),
        (100.0, "100"),
        (999.1, "1000"),
        (12345.0, "12400"),
        (1_000_000.0, "1000000"),
    ],
)
def test_factors_are_rounded_up_to_three_digits(high: float, margin: str) -> None:
    assert only(gain("up", estimate(1.0, 0.5, high), metric=P50)).margin == margin


def test_losses_suggest_no_margin_and_say_what_that_does_not_show() -> None:
    lost = only(gain("worse", estimate(-0.3, -0.4, -0.2)))
    assert (lost.margin, lost.end) == ("0 points", 0.0)
    shorter = only(gain("worse", estimate(0.5, 0.2, 0.9), metric=P50))
    assert (shorter.margin, shorter.end) == ("1", 1.0)
    for margin in (lost, shorter):
        assert margin.remarks == ("no gain was seen: that none can come is not shown by this",)


@pytest.mark.parametrize("high", [1.0, 0.9995, 1.2, math.inf])
def test_what_no_gate_takes_is_no_margin(high: float) -> None:
    margin = only(gain("all", estimate(0.8, 0.5, high)))
    assert margin.margin is None
    assert margin.remarks == ("no margin: what all gained on base can be more than 100 points",)


def test_an_infinite_factor_is_no_margin_and_the_interval_is_told() -> None:
    margin = only(gain("up", estimate(2.0, 0.5, 6.3721, bounds_high=math.inf), metric=P50))
    assert (margin.margin, margin.end) == (None, math.inf)
    assert margin.remarks == (
        "no margin: what up gained on base can be more than a factor of 1,000,000; "
        "the interval, which leaves out the draws that tell nothing, ends at 6.37x",
    )


def test_a_gain_that_does_not_exist_leaves_no_margin_however_large_the_others_are() -> None:
    unknown = gain("odd", Estimate(value=None, problem="after: not_falling"), metric=P50)
    margin = only(gain("up", estimate(2.0, 1.0, 3.0), metric=P50), unknown)
    assert (margin.margin, margin.end, margin.after) == (None, None, None)
    assert margin.remarks == ("no margin: what odd gained on base is not known (after: not falling)",)


def test_few_tasks_are_told_and_metrics_without_any_are_left_out() -> None:
    assert only(gain("up", estimate(0.1, 0.0, 0.2), tasks=9)).remarks == ("of 9 tasks alone",)
    assert only(gain("up", estimate(0.1, 0.0, 0.2), tasks=1)).remarks == ("of 1 task alone",)
    assert suggest_margins([gain("up", estimate(0.1, 0.0, 0.2), tasks=0)], "bounds") == ()


@properties
@given(st.floats(-1, 2), st.floats(1e-6, 1e7))
def test_a_gate_reads_what_is_suggested_and_it_is_never_less_than_the_gain(high: float, ratio: float) -> None:
    of_points = only(gain("up", estimate(high, high - 1, high))).margin
    if of_points is not None:
        assert high * 100 - 1e-6 <= points(of_points) < max(high * 100, 0) + 0.1 + 1e-6
    of_ratio = only(gain("up", estimate(ratio, ratio / 2, ratio), metric=P50)).margin
    if of_ratio is not None:
        assert ratio * (1 - 1e-9) <= factor(float(of_ratio)) <= max(ratio, 1.0) * 1.01 + 1e-9
