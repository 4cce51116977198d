"""How far two numbers are apart, draw by draw: as a difference, and as a difference of their logarithms.

Everything here is antisymmetric to the last digit: with the two sides swapped every difference is negated. So the upper
end of an interval is found as the lower end for the negated draws, and a ratio is a power of 2 of a difference of log2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pytest_metr.protocol.fit import Fits, FloatArray
from pytest_metr.protocol.intervals import quantiles
from pytest_metr.types import Interval

#: Numbers that differ by no more than this share of the larger one differ by rounding alone.
ROUNDING = 1e-12
EVERYTHING = Interval(low=-math.inf, high=math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """(D,) log2 of a number in each draw, or how far two of these are apart.

    :param inside: finite, and NaN in draws where the number does not exist, is 0 or infinite.
    :param low: the lowest that it can be in the draw: minus infinity where nobody knows, NaN in a draw that has no
        run of it.
    :param high: likewise the highest.
    """

    inside: FloatArray
    low: FloatArray
    high: FloatArray


def logs_of_scores(scores: FloatArray) -> Logs:
    """Return log2 of scores that are not negative."""
    with np.errstate(divide="ignore"):
        logs = np.log2(scores)
    return Logs(inside=np.where(np.isfinite(logs), logs, np.nan), low=logs, high=logs)


def logs_of_horizons(fits: Fits, p: float) -> Logs:
    """Return log2 of the time horizons at *p*: (log(p / (1 - p)) - a) / b.

    As METR's code has it, *inside* are all curves, those that do not fall among them; these can be anything between
    *low* and *high*.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = (math.log(p / (1 - p)) - fits.intercept) / fits.slope
    classes = [fits.falling, fits.failures_only, fits.successes_only, fits.empty]
    return Logs(
        inside=np.where(fits.fitted & np.isfinite(crossing), crossing, np.nan),
        low=np.select(classes, [crossing, -np.inf, np.inf, np.nan], -np.inf),
        high=np.select(classes, [crossing, -np.inf, np.inf, np.nan], np.inf),
    )


def logs_apart(before: Logs, after: Logs) -> Logs:
    """Return log2(after / before); 0 / 0 and infinity / infinity can be anything."""
    low, high = apart(before.high, after.low, least=1.0), apart(before.low, after.high, least=1.0)
    there = ~np.isnan(before.low) & ~np.isnan(after.low)
    return Logs(
        inside=apart(before.inside, after.inside, least=1.0),
        low=np.where(there & np.isnan(low), -np.inf, low),
        high=np.where(there & np.isnan(high), np.inf, high),
    )


def apart(before: FloatArray, after: FloatArray, *, least: float = 0.0) -> FloatArray:
    """Return after - before: 0 where they differ by rounding alone, NaN where either is, or both are one infinity.

    :param least: numbers below it are rounded as if they were as large, which is right for logarithms.
    """
    with np.errstate(invalid="ignore"):
        difference = after - before
        larger = np.maximum(np.maximum(np.abs(before), np.abs(after)), least)
        same = np.isfinite(larger) & (np.abs(difference) <= ROUNDING * larger)
    return np.where(same, 0.0, difference)


def apart_of(before: float, after: float, *, least: float = 0.0) -> float:
    """Return the same of two single numbers."""
    return float(apart(np.array([before]), np.array([after]), least=least)[0])


def middle(values: FloatArray, confidence: float) -> Interval | None:
    """Return the quantiles of *values* without NaN, as the negated ones of the negated values."""
    return _between(values, values, confidence)


def all_draws(logs: Logs, confidence: float) -> Interval | None:
    """Return the range of all draws, those where nobody knows beyond both ends."""
    return _between(logs.low, logs.high, confidence)


def quotient(before: Interval | None, after: Interval | None) -> Interval:
    """Return the range of log2(after / before) for numbers, not below 0, that are anywhere in their ranges."""
    if before is None or after is None:
        return EVERYTHING
    low, high = apart_of(_log2(before.high), _log2(after.low)), apart_of(_log2(before.low), _log2(after.high))
    return Interval(low=-math.inf if math.isnan(low) else low, high=math.inf if math.isnan(high) else high)


def powers(interval: Interval | None) -> Interval | None:
    """Return the ratios that a range of log2 stands for."""
    return None if interval is None else Interval(low=power(interval.low), high=power(interval.high))


def power(log2: float) -> float:
    """Return 2 ** log2, infinite where that is beyond what a float can hold."""
    try:
        return math.pow(2.0, log2)
    except OverflowError:
        return math.inf


def _between(lows: FloatArray, highs: FloatArray, confidence: float) -> Interval | None:
    low = quantiles(lows[~np.isnan(lows)], confidence)
    high = quantiles(-highs[~np.isnan(highs)], confidence)
    return None if low is None or high is None else Interval(low=low.low, high=0.0 - high.low)


def _log2(number: float) -> float:
    return math.log2(number) if number > 0 else -math.inf
