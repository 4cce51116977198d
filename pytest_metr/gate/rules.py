"""One rule of a gate, applied to what is known of one agent."""

from __future__ import annotations

import math
from typing import Literal

from pytest_metr.gate import words
from pytest_metr.gate.evidence import Evidence
from pytest_metr.gate.metrics import estimate_of, is_horizon, title
from pytest_metr.gate.model import Rule
from pytest_metr.types import Estimate, Interval, RuleResult

RuleVerdict = Literal["passed", "failed", "inconclusive"]

_NO_NUMBER = {
    "no_runs": "no run of it counts",
    "no_human_minutes": "no run that counts has human minutes",
    "not_falling": "success does not become rarer with longer tasks, so there is no time horizon",
}
_ALIKE = {"all_failures": " (every run failed)", "all_successes": " (every run succeeded)"}
#: What is known where nothing is.
_ANYTHING = Interval(low=0.0, high=math.inf)


def judge_rule(rule: Rule, evidence: Evidence, confidence: float | None) -> RuleResult:
    """Compare an agent's interval, margin added, with the threshold of a rule.

    The interval is :attr:`Estimate.bounds`, never the narrower :attr:`Estimate.interval`. With runs missing it goes
    from the lowest to the highest end of all ways to count them.

    A rule passes only where an agent whose every run goes its way would pass too. Resampling takes a few runs that
    differ for all the difference there is; without this, one success could bring an agent below a threshold that it
    would not pass by failing everything.

    :param evidence: of the rule's direction.
    :param confidence: for the sentence; None where it is not known.
    """
    worst = estimate_of(evidence.worst, rule.metric)
    mixed = [estimate_of(result, rule.metric) for result in evidence.mixed] if is_horizon(rule.metric) else []
    span = _span(worst, estimate_of(evidence.best, rule.metric), *mixed)
    if span is None:
        told = _NO_NUMBER.get(worst.problem or "", "there is no interval to go by")
        return _result(rule, evidence, worst, None, "inconclusive", told)
    judged = _with_margin(rule, span)
    verdict = _decide(rule, judged)
    told = _figures(rule, worst, span, confidence) + _told_margin(rule, judged, verdict)
    if verdict == "passed" and evidence.ideal is not None:
        ideal = _with_margin(rule, _span(estimate_of(evidence.ideal, rule.metric)) or _ANYTHING)
        if _decide(rule, ideal) != "passed":
            verdict, judged = "inconclusive", _hull(judged, ideal)
            told += _told_ideal(rule, judged)
    return _result(rule, evidence, worst, judged, verdict, told)


def _result(
    rule: Rule, evidence: Evidence, estimate: Estimate, judged: Interval | None, verdict: RuleVerdict, told: str
) -> RuleResult:
    missing = evidence.missing
    counted = f", with {words.count(missing, 'missing run')} counted in the worst way" if missing else ""
    return RuleResult(
        name=rule.name,
        agent=evidence.agent,
        metric=rule.metric,
        must_stay=rule.must_stay,
        threshold=rule.threshold,
        margin=rule.margin,
        estimate=estimate,
        judged=judged,
        verdict=verdict,
        sentence=f"{words.name(evidence.agent)}: {_claim(rule, verdict)}: {told}{counted}",
    )


def _span(*estimates: Estimate) -> Interval | None:
    """Return the range of all bounds; None where one of the estimates is no number or has no sound bounds."""
    bounds = [_sound_bounds(estimate) for estimate in estimates]
    known = [found for found in bounds if found is not None]
    return _hull(*known) if len(known) == len(bounds) else None


def _hull(*intervals: Interval) -> Interval:
    return Interval(low=min(each.low for each in intervals), high=max(each.high for each in intervals))


def _sound_bounds(estimate: Estimate) -> Interval | None:
    bounds = estimate.bounds
    if estimate.value is None or math.isnan(estimate.value) or bounds is None:
        return None
    return bounds if bounds.low <= bounds.high else None  # false with a NaN as well


def _with_margin(rule: Rule, span: Interval) -> Interval:
    if is_horizon(rule.metric):
        return Interval(low=span.low * rule.margin, high=span.high * rule.margin)
    return Interval(low=span.low + rule.margin / 100, high=span.high + rule.margin / 100)


def _decide(rule: Rule, judged: Interval) -> RuleVerdict:
    if rule.must_stay == "below":
        if not _reaches(judged.high, rule.threshold):
            return "passed"
        return "failed" if _reaches(judged.low, rule.threshold) else "inconclusive"
    if not _reaches(rule.threshold, judged.low):
        return "passed"
    return "failed" if _reaches(rule.threshold, judged.high) else "inconclusive"


def _reaches(number: float, other: float) -> bool:
    """Whether *number* is at or above *other*. Rounding makes no equal numbers unequal: 0.7 + 10 points is 0.8."""
    return number >= other or math.isclose(number, other, rel_tol=1e-9, abs_tol=1e-12)


def _claim(rule: Rule, verdict: RuleVerdict) -> str:
    subject, goal = title(rule.metric), f"{rule.must_stay} {words.quantity(rule.metric, rule.threshold)}"
    if verdict == "passed":
        return f"{subject} stays {goal}"
    if verdict == "failed":
        return f"{subject} does not stay {goal}"
    return f"it is not decided whether {subject} stays {goal}"


def _figures(rule: Rule, estimate: Estimate, span: Interval, confidence: float | None) -> str:
    value = math.nan if estimate.value is None else estimate.value
    told = words.quantity(rule.metric, value, beside=rule.threshold) + _ALIKE.get(estimate.problem or "", "")
    of = "interval" if confidence is None else words.share(confidence)
    return f"{told}, {of} {words.interval(rule.metric, span, beside=rule.threshold)}"


def _told_margin(rule: Rule, judged: Interval, verdict: RuleVerdict) -> str:
    if rule.margin == (1.0 if is_horizon(rule.metric) else 0.0):
        return ""
    low, high = (words.quantity(rule.metric, end, beside=rule.threshold) for end in (judged.low, judged.high))
    reach = {"passed": f"at most {high}", "failed": f"at least {low}", "inconclusive": f"from {low} to {high}"}
    return f", with the margin of {words.margin(rule.metric, rule.margin)} {reach[verdict]}"


def _told_ideal(rule: Rule, judged: Interval) -> str:
    outcome, end = ("failed", judged.high) if rule.must_stay == "below" else ("succeeded", judged.low)
    return (
        f"; but families are too few to tell: had every run {outcome}, "
        f"{words.quantity(rule.metric, end, beside=rule.threshold)} would still be possible"
    )
