"""How well a number is known: quantiles of draws, and what is left where draws know nothing."""

from __future__ import annotations

import math

import numpy as np

from pytest_metr.protocol.fit import FloatArray
from pytest_metr.types import Interval


def quantiles(values: FloatArray, confidence: float) -> Interval | None:
    """Return the middle range of *values*, as METR's code has it: quantiles (1 - c) / 2 and 1 - (1 - c) / 2, linear.

    Between a number and an infinity there is no line: an end that falls there is the value further out.

    :param values: (n,) without NaN; infinities are allowed.
    :returns: None where there are fewer than two values, which have no spread.
    """
    if len(values) < 2:
        return None
    tail = (1 - confidence) / 2
    ordered = np.sort(values)
    return Interval(low=_quantile(ordered, tail, outward=0), high=_quantile(ordered, 1 - tail, outward=1))


def hull(*intervals: Interval | None) -> Interval | None:
    """Return the smallest interval that holds all of them; None for none."""
    given = [interval for interval in intervals if interval is not None]
    if not given:
        return None
    return Interval(low=min(i.low for i in given), high=max(i.high for i in given))


def exact_share(value: float, families: int, confidence: float) -> Interval:
    """Return the range of a mean score when all scores seen are *value*, so that no draw differs from another.

    For 0 and 1 it is the exact binomial interval (Clopper and Pearson, 1934) for none, or all, of *families* trials:
    families are the unit, because the runs and tasks of one may stand and fall together. Scores that are all alike
    at another value tell nothing of how far others may lie, within 0 to 1.

    :param families: those with a run that took place; 0 where none did.
    """
    alpha = 1 - confidence
    if families and value == 0:
        return Interval(low=0.0, high=1 - (alpha / 2) ** (1 / families))
    if families and value == 1:
        return Interval(low=(alpha / 2) ** (1 / families), high=1.0)
    return Interval(low=min(0.0, value), high=max(1.0, value))


def longest_after_failures(shortest: FloatArray, p: float, confidence: float) -> float:
    """Return how long the horizon at *p* can be, at most, when every run failed.

    Assumed is only that the chance of success does not rise with human time. Take the m families with the shortest
    tasks: if the chance is at least *p* up to the m-th of them, then all m fail with a chance of at most (1 - p) ** m,
    which is alpha / 2 or less for m = ceil(log(alpha / 2) / log(1 - p)). So the horizon is below the m-th.

    :param shortest: (n,) the human minutes of the shortest task of each family that took place.
    :returns: human minutes; infinite with fewer than m families.
    """
    m = _families_needed(1 - p, confidence)
    return float(np.sort(shortest)[m - 1]) if m <= len(shortest) else math.inf


def shortest_after_successes(longest: FloatArray, p: float, confidence: float) -> float:
    """Return how short the horizon at *p* can be, at least, when every run succeeded.

    The mirror of :func:`longest_after_failures`: with a chance below *p* from the m-th longest family on, all m
    succeed with a chance of at most p ** m.

    :param longest: (n,) the human minutes of the longest task of each family that took place.
    :returns: human minutes; 0 with fewer than m families.
    """
    m = _families_needed(p, confidence)
    return float(np.sort(longest)[-m]) if m <= len(longest) else 0.0


def _families_needed(chance: float, confidence: float) -> int:
    """Return how many independent events of a chance happen together with a chance of at most alpha / 2."""
    return math.ceil(math.log((1 - confidence) / 2) / math.log(chance))


def _quantile(ordered: FloatArray, q: float, *, outward: int) -> float:
    place = q * (len(ordered) - 1)
    below = min(int(place), len(ordered) - 2)
    low, high = float(ordered[below]), float(ordered[below + 1])
    part = place - below
    if part <= 0 or low == high:
        return low
    if math.isinf(low) or math.isinf(high):
        return high if outward else low
    return low + (high - low) * part
