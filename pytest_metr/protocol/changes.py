"""What has become of one number between two agents, and how well that is known.

A paired bootstrap knows no uncertainty where nothing differs from draw to draw: where all runs of an agent are alike,
or where both agents have the same outcomes. The bounds then go by what the families can tell as single trials.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from pytest_metr.protocol.apart import (
    EVERYTHING,
    Logs,
    all_draws,
    apart,
    apart_of,
    logs_apart,
    logs_of_horizons,
    logs_of_scores,
    middle,
    power,
    powers,
    quotient,
)
from pytest_metr.protocol.fit import Fits, FloatArray
from pytest_metr.protocol.intervals import exact_share, hull
from pytest_metr.types import Change, Estimate, HorizonResult, Interval


def score_change(
    metric: str,
    before: Estimate,
    after: Estimate,
    draws: tuple[FloatArray, FloatArray],
    *,
    tasks: int,
    families: int,
    confidence: float,
) -> Change:
    """Return what has become of a score.

    :param draws: (D,) the score before and after in each draw; NaN in a draw without any run of it.
    :param tasks: the number of tasks that it is of.
    :param families: the number of families in which runs of both agents took place.
    """
    differences = apart(*draws)
    known = differences[~np.isnan(differences)]
    left_out = len(differences) - len(known)
    difference = Estimate(value=None, problem=_problem(before, after), left_out=left_out)
    if before.value is not None and after.value is not None:
        value, interval = apart_of(before.value, after.value), middle(known, confidence)
        bounds = _score_bounds(value, interval, before, after, exact_share(0.0, families, confidence).high)
        difference = Estimate(value=value, interval=interval, bounds=bounds, left_out=left_out)
    return Change(
        metric=metric,
        kind="score",
        tasks=tasks,
        before=before,
        after=after,
        difference=difference,
        ratio=_score_ratio(before, after, draws, confidence),
        improved=_share_above(np.sign(known)),
    )


def horizon_change(
    percent: int,
    before: HorizonResult,
    after: HorizonResult,
    fits: tuple[Fits, Fits],
    *,
    tasks: int,
    confidence: float,
) -> Change:
    """Return what has become of the time horizon at *percent*.

    :param fits: (D,) the curves before and after of each draw.
    :param tasks: the number of tasks that have human minutes.
    """
    numbers, p = (before.at[str(percent)], after.at[str(percent)]), percent / 100
    logs = logs_apart(logs_of_horizons(fits[0], p), logs_of_horizons(fits[1], p))
    alike = any(number.problem in ("all_failures", "all_successes") for number in numbers)
    value = apart_of(_log2_horizon(before, p), _log2_horizon(after, p), least=1.0)
    difference = _of_logs(value, logs, _problem(*numbers), confidence)
    if alike or not _has_spread(difference.interval):
        difference = _widened(difference, quotient(numbers[0].bounds, numbers[1].bounds))
    # What can be either in a draw, or is 0 or infinite on both sides, tells nothing.
    known = ~np.isnan(logs.low)
    signs = np.where(logs.low == logs.high, np.sign(logs.low), 0.0)[known]
    return Change(
        metric=f"time_horizon_p{percent}",
        kind="horizon",
        tasks=tasks,
        before=numbers[0],
        after=numbers[1],
        difference=difference,
        ratio=_power(difference),
        improved=_share_above(signs),
    )


def _score_bounds(
    value: float, interval: Interval | None, before: Estimate, after: Estimate, unseen: float
) -> Interval:
    """Return what a difference of scores is judged by; scores are taken to lie within 0..1, or what was seen.

    :param unseen: the share of families that can still be other than all that were seen, see :func:`exact_share`.
    """
    if interval is None:
        return EVERYTHING
    if not _has_spread(interval):
        reach = max(1.0, abs(value))
        low, high = value - unseen * (reach + value), value + unseen * (reach - value)
        return Interval(low=min(low, interval.low), high=max(high, interval.high))
    # An agent whose runs are all alike never moves in a draw: what it could move by its own bounds comes on top.
    (before_down, before_up), (after_down, after_up) = _unmoved(before), _unmoved(after)
    return Interval(low=interval.low - (before_up + after_down), high=interval.high + (before_down + after_up))


def _unmoved(number: Estimate) -> tuple[float, float]:
    """Return how far below and above its value a number can be without any draw showing it."""
    if number.value is None or number.bounds is None or _has_spread(number.interval):
        return 0.0, 0.0
    return number.value - number.bounds.low, number.bounds.high - number.value


def _score_ratio(
    before: Estimate, after: Estimate, draws: tuple[FloatArray, FloatArray], confidence: float
) -> Estimate:
    words = [_word(number, values) for number, values in zip((before, after), draws, strict=True)]
    problem = _by_side(*words)
    if before.value is None or after.value is None or "negative" in words:
        return Estimate(value=None, problem=problem, left_out=len(draws[0]))
    logs = logs_apart(logs_of_scores(draws[0]), logs_of_scores(draws[1]))
    estimate = _of_logs(math.nan, logs, problem, confidence)
    if not all(_has_spread(interval) for interval in (before.interval, after.interval, estimate.interval)):
        estimate = _widened(estimate, quotient(before.bounds, after.bounds))
    return replace(_power(estimate), value=_ratio(before.value, after.value))


def _ratio(before: float, after: float) -> float | None:
    """Return after / before for numbers that are not negative; None for 0 / 0."""
    if before == 0:
        return None if after == 0 else math.inf
    return 1.0 if apart_of(before, after) == 0 else after / before


def _word(number: Estimate, draws: FloatArray) -> str | None:
    """Return why a score can make no ratio, or one that is no ordinary number."""
    if number.value is None:
        return number.problem
    if number.value < 0 or (draws < 0).any():
        return "negative"
    return "zero" if number.value == 0 else None


def _of_logs(value: float, logs: Logs, problem: str | None, confidence: float) -> Estimate:
    """Return the estimate of a difference of log2.

    :param value: NaN for none.
    """
    inside = logs.inside[~np.isnan(logs.inside)]
    interval = middle(inside, confidence)
    return Estimate(
        value=None if math.isnan(value) else value,
        interval=interval,
        bounds=hull(interval, all_draws(logs, confidence)),
        problem=problem,
        left_out=len(logs.inside) - len(inside),
    )


def _log2_horizon(result: HorizonResult, p: float) -> float:
    """Return log2 of the human minutes, of any size; NaN where there is no horizon."""
    if result.problem == "all_failures":
        return -math.inf
    if result.problem == "all_successes":
        return math.inf
    if result.problem is not None or result.intercept is None or result.slope is None:
        return math.nan
    return (math.log(p / (1 - p)) - result.intercept) / result.slope


def _power(estimate: Estimate) -> Estimate:
    """Return the estimate of a ratio from that of its log2."""
    value = None if estimate.value is None else power(estimate.value)
    return replace(estimate, value=value, interval=powers(estimate.interval), bounds=powers(estimate.bounds))


def _widened(estimate: Estimate, by: Interval) -> Estimate:
    return replace(estimate, bounds=hull(estimate.bounds, by))


def _has_spread(interval: Interval | None) -> bool:
    return interval is not None and interval.low < interval.high


def _share_above(signs: FloatArray) -> float | None:
    """Return the share of draws in which *after* is higher, with half of those that are level."""
    if not len(signs):
        return None
    return float(np.count_nonzero(signs > 0) + np.count_nonzero(signs == 0) / 2) / len(signs)


def _problem(before: Estimate, after: Estimate) -> str | None:
    return _by_side(before.problem, after.problem)


def _by_side(before: str | None, after: str | None) -> str | None:
    """Return problems with the side that has them, for example ``before: all_failures`` or ``both: zero``."""
    if before == after:
        return None if before is None else f"both: {before}"
    named = (("before", before), ("after", after))
    return "; ".join(f"{side}: {problem}" for side, problem in named if problem is not None)
