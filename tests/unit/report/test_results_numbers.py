"""Numbers as a person reads them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.report.results.numbers import format_duration, format_horizon, format_score, shown_interval
from pytest_metr.types import Estimate, Interval

from .records import properties
from .results import estimate


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0.0, "0"),
        (1e-9, "<1 ms"),
        (1 / 6e4, "0.001 s"),
        (0.0015, "0.09 s"),
        (0.5, "30 s"),
        (0.9999, "1 min"),
        (3.4424, "3.44 min"),
        (59.94, "59.9 min"),
        (59.96, "1 h"),
        (60.0, "1 h"),
        (960.0, "16 h"),
        (4800.0, "80 h"),
        (123_456.0, "2,060 h"),
        (1e12, "1.67e+10 h"),
        (math.inf, "inf"),
    ],
)
def test_a_duration_has_three_digits_and_a_unit_that_suits_it(minutes: float, text: str) -> None:
    assert format_duration(minutes) == text


@properties
@given(st.floats(1e-4, 1e6))
def test_a_duration_can_be_read_back_to_three_digits(minutes: float) -> None:
    number, unit = format_duration(minutes).split(" ")
    size = {"s": 1 / 60, "min": 1.0, "h": 60.0}[unit]
    assert float(number.replace(",", "")) * size == pytest.approx(minutes, rel=0.005)


@pytest.mark.parametrize(
    ("horizon", "text"),
    [
        (estimate(3.4424, 0.272, 13.8), "3.44 min [0.272, 13.8]"),
        (estimate(0.5, 0.02, 240), "30 s [1.2 s, 4 h]"),
        (estimate(90, 20, math.inf), "1.5 h [20 min, inf]"),
        (estimate(90.0), "1.5 h "),
        (estimate(2e-6, 1e-175, 0.1), "<1 ms [<1 ms, 6 s]"),
        (estimate(0.0, bounds=Interval(low=0, high=12.5), problem="all_failures"), "0 [0, 12.5 min]"),
        (estimate(0.0, bounds=Interval(low=0, high=math.inf), problem="all_failures"), "0 [0, inf]"),
        (estimate(math.inf, bounds=Interval(low=960, high=math.inf), problem="all_successes"), "> 16 h (all succeed)"),
        (estimate(math.inf, bounds=Interval(low=0, high=math.inf), problem="all_successes"), "none (all succeed) "),
        (estimate(None, problem="not_falling"), "none (not falling) "),
        (estimate(None, problem="no_human_minutes"), "none (no human minutes) "),
        (estimate(None, problem="no_runs"), "- "),
        (estimate(math.inf), "none "),
    ],
)
def test_a_horizon_is_a_duration_with_its_interval_or_says_why_there_is_none(horizon: Estimate, text: str) -> None:
    assert " ".join(format_horizon(horizon)) == text


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (estimate(0.24286, 0.185, 0.305), "0.243 [0.185, 0.305]"),
        (estimate(-0.0001, -1, 2.5), "0.000 [-1.000, 2.500]"),
        (estimate(1.0, 1.0, 1.0, bounds=Interval(low=0.7, high=1.0)), "1.000 [0.700, 1.000]"),
        (estimate(1e300), "1e+300 "),
        (estimate(None, problem="no_runs"), "- "),
    ],
)
def test_a_score_has_three_decimals_and_its_interval(score: Estimate, text: str) -> None:
    assert " ".join(format_score(score)) == text


def test_the_interval_shown_is_that_of_the_bootstrap_unless_it_has_no_width() -> None:
    narrow, wide = Interval(low=0.2, high=0.3), Interval(low=0.1, high=0.9)
    point = Interval(low=0.2, high=0.2)
    assert shown_interval(Estimate(value=0.25, interval=narrow, bounds=wide)) == narrow
    assert shown_interval(Estimate(value=0.2, interval=point, bounds=wide)) == wide
    assert shown_interval(Estimate(value=0.2, interval=None, bounds=wide)) == wide
    assert shown_interval(Estimate(value=0.2)) is None
