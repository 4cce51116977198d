"""How one rule is judged: the interval, the margin, equality, and the sentence."""

from __future__ import annotations

import math
from typing import Literal

import pytest

from pytest_metr.gate import Rule
from pytest_metr.gate.evidence import Evidence
from pytest_metr.gate.rules import judge_rule
from pytest_metr.types import AgentResult, Estimate, Interval, RuleResult

from .fakes import estimate, result, rule

Verdicts = Literal["passed", "failed", "inconclusive"]


def judged(given: Rule, found: AgentResult, confidence: float | None = 0.95) -> RuleResult:
    return judge_rule(given, Evidence(agent=found.agent, missing=0, worst=found, best=found), confidence)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.1, 0.4, "passed"),
        (0.1, 0.5, "inconclusive"),
        (0.1, 0.6, "inconclusive"),
        (0.4999, 0.6, "inconclusive"),
        (0.5, 0.6, "failed"),
        (0.6, 0.7, "failed"),
        (0.5, 0.5, "failed"),
    ],
)
def test_below_goes_by_the_upper_end_and_equality_never_passes(low: float, high: float, verdict: Verdicts) -> None:
    found = result(overall=estimate(0.2, low, high))
    assert judged(rule(threshold=0.5), found).verdict == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.6, 0.7, "passed"),
        (0.5, 0.7, "inconclusive"),
        (0.4, 0.5001, "inconclusive"),
        (0.4, 0.5, "failed"),
        (0.1, 0.2, "failed"),
        (0.5, 0.5, "failed"),
    ],
)
def test_above_goes_by_the_lower_end_and_equality_never_passes(low: float, high: float, verdict: Verdicts) -> None:
    found = result(overall=estimate(0.9, low, high))
    assert judged(rule(must_stay="above", threshold=0.5), found).verdict == verdict


def test_points_are_added_to_both_ends_of_a_score() -> None:
    found = result(overall=estimate(0.2, 0.1, 0.3))
    with_margin = judged(rule(threshold=0.45, margin=10), found)
    assert with_margin.judged is not None
    assert [with_margin.judged.low, with_margin.judged.high] == pytest.approx([0.2, 0.4])
    assert with_margin.verdict == "passed"
    assert judged(rule(threshold=0.35, margin=10), found).verdict == "inconclusive"
    assert judged(rule(threshold=0.15, margin=10), found).verdict == "failed"


def test_a_factor_multiplies_both_ends_of_a_horizon() -> None:
    found = result(horizon=estimate(30, 20, 45))
    assert judged(rule("time_horizon_p50", threshold=60), found).verdict == "passed"
    with_margin = judged(rule("time_horizon_p50", threshold=60, margin=2), found)
    assert (with_margin.judged, with_margin.verdict) == (Interval(low=40, high=90), "inconclusive")
    assert judged(rule("time_horizon_p50", threshold=60, margin=3), found).verdict == "failed"


@pytest.mark.parametrize(("high", "margin", "threshold"), [(0.1, 70, 0.8), (0.7, 10, 0.8), (0.2, 10, 0.3)])
def test_rounding_does_not_make_what_is_equal_pass(high: float, margin: float, threshold: float) -> None:
    found = result(overall=estimate(0.0, 0.0, high))
    assert judged(rule(threshold=threshold, margin=margin), found).verdict == "inconclusive"


@pytest.mark.parametrize(
    "nothing",
    [
        estimate(None, problem="no_runs"),
        estimate(None, problem="no_human_minutes"),
        estimate(None, problem="not_falling"),
        estimate(None, 0.0, 0.1, problem="not_falling"),
        estimate(0.1),
        estimate(math.nan, 0.0, 0.1),
        estimate(0.1, 0.0, math.nan),
        estimate(0.1, math.nan, 0.1),
        estimate(0.1, 0.2, 0.1),
    ],
)
@pytest.mark.parametrize("must_stay", ["below", "above"])
def test_without_a_number_or_sound_bounds_nothing_passes_or_fails(
    nothing: Estimate, must_stay: Literal["below", "above"]
) -> None:
    for metric, threshold in (("overall_score", 0.5), ("time_horizon_p50", 1e-9), ("time_horizon_p50", 60)):
        found = judged(rule(metric, must_stay, threshold), result(overall=nothing, horizon=nothing), confidence=0.95)
        assert (found.verdict, found.judged) == ("inconclusive", None)


def test_a_metric_that_the_result_lacks_is_inconclusive() -> None:
    for metric in ("time_horizon_p80", "time_horizon_p33", "bracket/under_an_hour", "bracket/of_nobody"):
        assert judged(rule(metric), result()).verdict == "inconclusive"


def test_an_infinite_end_is_above_every_threshold() -> None:
    endless = result(horizon=estimate(math.inf, 30, math.inf, problem="all_successes"))
    assert judged(rule("time_horizon_p50", threshold=60), endless).verdict == "inconclusive"
    assert judged(rule("time_horizon_p50", threshold=30), endless).verdict == "failed"
    assert judged(rule("time_horizon_p50", "above", threshold=29), endless).verdict == "passed"


def test_a_bracket_is_judged_by_its_score() -> None:
    found = result(bracket=estimate(0.1, 0.05, 0.2))
    told = judged(rule("bracket/under_an_hour", threshold=0.3), found)
    assert told.verdict == "passed"
    assert "the score in the bracket under_an_hour stays below 30 %: 10 %, 95 % [5 %, 20 %]" in told.sentence


def test_the_sentence_of_a_horizon_that_stays_below() -> None:
    found = result("GPT-4 Turbo", horizon=estimate(3.4, 0.27, 13.8))
    assert judged(rule("time_horizon_p50", threshold=60, margin=1.5), found).sentence == (
        "GPT-4 Turbo: the time horizon at 50 % stays below 60 min: "
        "3.4 min, 95 % [16.2 s, 13.8 min], with the margin of x1.5 at most 20.7 min"
    )


def test_the_sentences_of_scores_that_do_not_or_may_not_stay_below() -> None:
    found = result(overall=estimate(0.301, 0.25, 0.351))
    assert judged(rule(threshold=0.3, margin=10), found).sentence == (
        "a: the overall score does not stay below 30 %: 30.1 %, 95 % [25 %, 35.1 %], "
        "with the margin of 10 points at least 35 %"
    )
    assert judged(rule(threshold=0.4, margin=10), found, confidence=None).sentence == (
        "a: it is not decided whether the overall score stays below 40 %: 30.1 %, interval [25 %, 35.1 %], "
        "with the margin of 10 points from 35 % to 45.1 %"
    )


def test_the_sentences_of_what_cannot_be_told() -> None:
    falling = result(horizon=estimate(None, problem="not_falling"))
    assert judged(rule("time_horizon_p50"), falling).sentence.endswith(
        "success does not become rarer with longer tasks, so there is no time horizon"
    )
    all_failed = result(horizon=estimate(0.0, 0.0, 130, problem="all_failures"))
    assert "below 60 min: 0 min (every run failed), 95 % [0 min, 2.17 h]" in (
        judged(rule("time_horizon_p50", threshold=60), all_failed).sentence
    )
    all_passed = result(horizon=estimate(math.inf, 60, math.inf, problem="all_successes"))
    assert "infinite (every run succeeded), 95 % [60 min, infinite]" in (
        judged(rule("time_horizon_p50", threshold=90), all_passed).sentence
    )


def test_no_sentence_says_that_60_min_is_below_60_min() -> None:
    found = result(horizon=estimate(59.999, 50, 59.9999))
    assert judged(rule("time_horizon_p50", threshold=60), found).sentence == (
        "a: the time horizon at 50 % stays below 60 min: 59.999 min, 95 % [50 min, 59.9999 min]"
    )


def test_what_not_even_the_ideal_agent_would_pass_is_not_decided() -> None:
    found = result(overall=estimate(0.03, 0.0, 0.14))
    ideal = result(overall=estimate(0.0, 0.0, 0.7))
    evidence = Evidence(agent="a", missing=0, worst=found, best=found, ideal=ideal)
    told = judge_rule(rule(threshold=0.5), evidence, 0.95)
    assert (told.verdict, told.judged) == ("inconclusive", Interval(low=0.0, high=0.7))
    assert told.sentence == (
        "a: it is not decided whether the overall score stays below 50 %: 3 %, 95 % [0 %, 14 %]; "
        "but families are too few to tell: had every run failed, 70 % would still be possible"
    )
    assert judge_rule(rule(threshold=0.8), evidence, 0.95).verdict == "passed"


def test_the_ideal_agent_helps_nobody() -> None:
    found = result(overall=estimate(0.6, 0.5, 0.7))
    ideal = result(overall=estimate(0.0, 0.0, 0.1))
    evidence = Evidence(agent="a", missing=0, worst=found, best=found, ideal=ideal)
    assert judge_rule(rule(threshold=0.3), evidence, 0.95).verdict == "failed"
    assert judge_rule(rule(threshold=0.6), evidence, 0.95).verdict == "inconclusive"


def test_an_ideal_agent_of_which_nothing_is_known_passes_nothing() -> None:
    found, nothing = result(overall=estimate(0.6, 0.5, 0.7)), result()
    evidence = Evidence(agent="a", missing=0, worst=found, best=found, ideal=nothing)
    assert judge_rule(rule(threshold=0.9), evidence, 0.95).verdict == "inconclusive"
    assert judge_rule(rule(must_stay="above", threshold=0.1), evidence, 0.95).verdict == "inconclusive"
