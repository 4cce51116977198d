"""Conditions on a comparison."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import condition_holds, judge_condition, parse_condition
from pytest_metr.types import (
    Change,
    ComparedAgent,
    Comparison,
    Condition,
    ConditionResult,
    Estimate,
    Interval,
)

from .runs import PROTOCOL


def estimate(value: float | None, low: float = 0.0, high: float = 0.0, problem: str | None = None) -> Estimate:
    bounds = Interval(low=low, high=high)
    return Estimate(value=value, interval=bounds, bounds=bounds, problem=problem)


def score(difference: Estimate, ratio: Estimate) -> Change:
    return Change(
        metric="overall_score",
        kind="score",
        tasks=9,
        before=estimate(0.9),
        after=estimate(0.85),
        difference=difference,
        ratio=ratio,
        improved=0.2,
    )


def horizon(ratio: Estimate, doublings: Estimate) -> Change:
    change = score(doublings, ratio)
    return replace(change, metric="time_horizon_p50", kind="horizon")


#: The score went from 0.9 to 0.85, between 15 points down and 1 point up; the horizon was halved, or less.
COMPARISON = Comparison(
    before=ComparedAgent(agent="old", runs=9),
    after=ComparedAgent(agent="new", runs=9),
    protocol=PROTOCOL,
    tasks=9,
    families=9,
    changes=(
        score(estimate(0.85 - 0.9, -0.15, 0.01), estimate(0.85 / 0.9, 0.8, 1.02)),
        horizon(estimate(0.5, 0.1, 0.75), estimate(-1.0, -3.3, -0.4)),
    ),
)


def with_horizon(ratio: Estimate) -> Comparison:
    return replace(COMPARISON, changes=(horizon(ratio, ratio),))


def holds(text: str, comparison: Comparison = COMPARISON) -> bool:
    return condition_holds(parse_condition(text, comparison.protocol), comparison)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("overall_score < -4 points", True),
        ("overall_score < -6 points", False),
        ("overall_score < -5 points", False),  # in binary it fell by a little more than 5 points
        ("overall_score <= -5 points", True),
        ("overall_score > -6 points", True),
        ("overall_score >= -5 points", True),
        ("overall_score < -5%", True),
        ("overall_score < -6 %", False),
        ("overall_score < 0.95x", True),
        ("time_horizon_p50 < -40%", True),
        ("time_horizon_p50 < -60%", False),
        ("time_horizon_p50 > 0.4x", True),
        ("time_horizon_p50 <= -1 doubling", True),
        ("time_horizon_p50 > +1.5 doublings", False),
    ],
)
def test_a_condition_is_judged_by_the_estimate(text: str, expected: bool) -> None:
    assert holds(text) is expected


@pytest.mark.parametrize(
    ("text", "possibly", "surely"),
    [
        ("overall_score < -5 points", True, False),
        ("overall_score < -15 points", False, False),
        ("overall_score <= -15 points", True, False),
        ("overall_score < 2 points", True, True),
        ("overall_score > 0 points", True, False),
        ("time_horizon_p50 < -20%", True, True),
        ("time_horizon_p50 < -30%", True, False),
        ("time_horizon_p50 > 0.05x", True, True),
        ("time_horizon_p50 > 0.2x", True, False),
        ("time_horizon_p50 > 0.8x", False, False),
    ],
)
def test_possibly_takes_the_end_that_satisfies_it_and_surely_the_other(text: str, possibly: bool, surely: bool) -> None:
    assert holds(f"{text} possibly") is possibly
    assert holds(f"{text} surely") is surely


@pytest.mark.parametrize("word", ["", " possibly", " surely"])
def test_a_condition_whose_number_does_not_exist_holds_and_says_so(word: str) -> None:
    comparison = with_horizon(estimate(None, 0.0, math.inf, problem="both: all_failures"))
    result = judge_condition(parse_condition(f"time_horizon_p50 < -20%{word}"), comparison)
    assert result.holds
    assert result.figure is None
    assert result.sentence.endswith("holds, because nobody knows: there is no such number (both: all_failures)")


@pytest.mark.parametrize("word", ["possibly", "surely"])
def test_a_condition_on_the_bounds_holds_where_there_are_none(word: str) -> None:
    comparison = with_horizon(Estimate(value=0.5))
    assert holds(f"time_horizon_p50 < -90% {word}", comparison)
    assert not holds("time_horizon_p50 < -90%", comparison)


def test_infinite_changes_are_compared_as_what_they_are() -> None:
    grown = with_horizon(estimate(math.inf, 1.0, math.inf, problem="before: all_failures"))
    assert holds("time_horizon_p50 > 1000x", grown)
    assert holds("time_horizon_p50 > 1000x possibly", grown)
    assert not holds("time_horizon_p50 > 1000x surely", grown)
    assert not holds("time_horizon_p50 < -20% possibly", grown)
    assert (
        "infinity, with 95 % confidence within [1x, infinity]"
        in judge_condition(parse_condition("time_horizon_p50 > 2x"), grown).sentence
    )


def test_the_sentence_has_the_change_and_its_bounds() -> None:
    result = judge_condition(parse_condition("overall_score  <  -5 points possibly"), COMPARISON)
    assert result.figure == pytest.approx(-15)
    assert result.sentence == (
        "overall_score < -5 points possibly: holds: -5 points, with 95 % confidence within [-15 points, +1 points]"
    )


def test_a_condition_and_its_result_are_json_and_back() -> None:
    result = judge_condition(parse_condition("time_horizon_p50 < -20% possibly"), COMPARISON)
    assert Condition.from_json(result.condition.to_json()) == result.condition
    assert ConditionResult.from_json(result.to_json()) == result


def test_spaces_and_plurals_do_not_matter() -> None:
    for text in ("overall_score<-5points", " overall_score  <  -5   points ", "overall_score < -5 point"):
        condition = parse_condition(text)
        assert (condition.metric, condition.operator, condition.number, condition.unit, condition.judged_by) == (
            "overall_score",
            "<",
            -5.0,
            "points",
            "estimate",
        )


def test_a_bracket_can_have_any_name() -> None:
    condition = parse_condition("bracket/1-4 min < -5 points")
    assert condition.metric == "bracket/1-4 min"


@pytest.mark.parametrize(
    ("text", "expectation"),
    [
        ("", "expected a metric, one of < <= > >=, and a number with its unit"),
        ("overall_score", "expected a metric, one of"),
        ("overall_score = 5 points", "expected a metric, one of"),
        ("overall_score < five points", "expected a metric, one of"),
        ("overall_score < nan points", "expected a metric, one of"),
        ("overall_score < -5", r"expected a unit of overall_score \(points, %, x\) after the number, found none"),
        ("overall_score < -1 doublings", "expected a unit of overall_score"),
        ("time_horizon_p50 < -5 points", r"expected a unit of time_horizon_p50 \(%, x, doublings\)"),
        ("time_horizon_p50 < 5 min", "found 'min'"),
        ("overall_score < -5 points maybe", "expected 'surely', 'possibly' or nothing after the number, found 'maybe'"),
        ("overall_score < -101%", "expected a number from -100 %"),
        ("overall_score < -101 points", "expected a number from -100 to 100 points"),
        ("overall_score < -0.5x", "expected a number from 0 x"),
        ("time_horizon_p50 < " + "9" * 400 + "%", "expected a number from -100 %"),
        ("score < 1%", "expected one of the metrics overall_score, success_rate, .*found 'score'"),
        ("time_horizon_p100 < 1%", "found 'time_horizon_p100'"),
    ],
)
def test_a_wrong_condition_is_refused_with_what_was_expected(text: str, expectation: str) -> None:
    with pytest.raises(UsageMistake, match=f"condition: .*{expectation}") as caught:
        parse_condition(text)
    assert "\n" not in str(caught.value)


def test_a_metric_that_the_protocol_does_not_have_is_refused_with_those_that_it_has() -> None:
    listed = "overall_score, success_rate, time_horizon_p50, time_horizon_p80, bracket/short, bracket/long"
    for text in ("time_horizon_p10 < 0%", "bracket/medium < 0 points"):
        with pytest.raises(UsageMistake, match=f"expected one of the metrics {listed}, found"):
            parse_condition(text, PROTOCOL)
        with pytest.raises(UsageMistake, match=f"expected one of the metrics {listed}, found"):
            condition_holds(parse_condition(text), COMPARISON)


def test_a_metric_that_this_comparison_says_nothing_of_is_refused() -> None:
    with pytest.raises(UsageMistake, match="the comparison says nothing of success_rate"):
        condition_holds(parse_condition("success_rate < -5 points"), COMPARISON)
