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


def exact_weighted_share(value: float, weights: FloatArray, confidence: float) -> Interval:
    """Return what :func:`exact_share` does where families weigh differently.

    All of them fail with a chance of prod(1 - p_f). The highest weighted mean of the p_f for which that is alpha / 2
    has 1 - p_f = min(1, m / w_f) for one m; with equal weights it is the binomial one.

    :param weights: (F,) of the families with a run that took place, each above 0.
    """
    if not len(weights) or value not in (0.0, 1.0):
        return exact_share(value, len(weights), confidence)
    if weights.min() == weights.max():
        return exact_share(value, len(weights), confidence)
    shares = np.sort(weights / weights.sum())[::-1]
    least = math.log((1 - confidence) / 2)
    logs = np.cumsum(np.log(shares))
    for used in range(len(shares), 0, -1):  # the heaviest ones can have a chance above 0
        log_m = (least + float(logs[used - 1])) / used
        if log_m <= math.log(shares[used - 1]):
            break
    rest = float(shares[used:].sum()) + used * math.exp(log_m)
    return Interval(low=0.0, high=1 - rest) if value == 0 else Interval(low=rest, high=1.0)


#: Draws worth more trials than this differ by their rounding.
MOST_TRIALS = 1e12
FEWEST_HITS = 1e-12


def binomial_like(value: float, draws: FloatArray, families: int, confidence: float) -> Interval | None:
    """Return the exact binomial interval (Clopper and Pearson, 1934) for the trials that the draws are worth.

    Quantiles of draws are too narrow where few families differ from the others: with one success in 20 families the
    97.5 % quantile is 15 %, although with a rate of 17 % there are no more than that in one of eight evaluations.
    The number of trials is the one whose binomial variance is the draws'. Source: Korn and Graubard (1998),
    "Confidence intervals for proportions with small expected number of positive counts".

    :param draws: (n,) the numbers in the draws.
    :returns: None where *value* is no share between 0 and 1, or no draw differs from another.
    """
    if not 0 < value < 1 or families < 2 or len(draws) < 2:
        return None
    with np.errstate(over="ignore"):
        variance = float(np.var(draws))
    if not 0 < variance < math.inf:
        return None
    trials = value * (1 - value) / variance * (families - 1) / families
    if trials > MOST_TRIALS:
        return None
    tail, hits, misses = (1 - confidence) / 2, value * trials, (1 - value) * trials
    # Next to no hits leave nothing below, and next to no misses nothing above.
    return Interval(
        low=_beta_quantile(tail, hits, misses + 1) if hits > FEWEST_HITS else 0.0,
        high=1 - _beta_quantile(tail, misses, hits + 1) if misses > FEWEST_HITS else 1.0,
    )


def exact_binomial(hits: int, trials: int, confidence: float) -> Interval:
    """Return the exact binomial interval of a chance (Clopper and Pearson, 1934); 0 to 1 for no trials."""
    tail = (1 - confidence) / 2
    return Interval(
        low=_beta_quantile(tail, hits, trials - hits + 1) if hits else 0.0,
        high=1 - _beta_quantile(tail, trials - hits, hits + 1) if hits < trials else 1.0,
    )


#: A step of less than this part of the distribution's width is the last one: what it leaves is about its third power.
_LAST_STEP = 1e-5


def _beta_quantile(q: float, a: float, b: float) -> float:
    """Return the place below which a beta distribution has the share *q*: Halley's method, kept inside by bisection."""
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    width = math.sqrt(a * b / (a + b + 1)) / (a + b)
    low, high, place = 0.0, 1.0, _near_beta_quantile(q, a, b)
    for _ in range(100):
        over = _beta_share(place, a, b, scale) - q
        low, high = (low, place) if over > 0 else (place, high)
        density = math.exp(scale + (a - 1) * math.log(place) + (b - 1) * math.log1p(-place))
        newton = over / density if density > 0 else math.inf
        bend = newton * ((a - 1) / place - (b - 1) / (1 - place))
        step = newton / (1 - min(bend, 1.0) / 2)
        if abs(step) <= _LAST_STEP * min(width, place, 1 - place):
            return min(max(place - step, low), high)
        place = place - step if low < place - step < high else (low + high) / 2
        if not 0 < place < 1:
            break
    return place


def _near_beta_quantile(q: float, a: float, b: float) -> float:
    """Return a place near the quantile, to begin with.

    Sources: Abramowitz and Stegun (1964), 26.5.22 with 26.2.22; where the density is infinite at an end, the share
    that each end has by its power alone.
    """
    if a >= 1 and b >= 1:
        t = math.sqrt(-2 * math.log(min(q, 1 - q)))
        y = t - (2.30753 + 0.27061 * t) / (1 + 0.99229 * t + 0.04481 * t * t)
        y = y if q < 0.5 else -y
        h = 2 / (1 / (2 * a - 1) + 1 / (2 * b - 1))
        r = (y * y - 3) / 6
        w = y * math.sqrt(max(h + r, 0.0)) / h - (1 / (2 * b - 1) - 1 / (2 * a - 1)) * (r + 5 / 6 - 2 / (3 * h))
        place = a / (a + b * math.exp(min(2 * w, 700.0)))
    else:
        lower = math.exp(a * math.log(a / (a + b))) / a
        upper = math.exp(b * math.log(b / (a + b))) / b
        both = lower + upper
        place = (a * both * q) ** (1 / a) if q < lower / both else 1 - (b * both * (1 - q)) ** (1 / b)
    return min(max(place, FEWEST_HITS), 1 - FEWEST_HITS)


def _beta_share(x: float, a: float, b: float, scale: float) -> float:
    """Return the regularised incomplete beta function, by its continued fraction (Lentz's method).

    :param scale: the logarithm of 1 / B(a, b).
    """
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(1 - x, b, a, scale)
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    result = d
    for n in range(1, 10_000):
        at = a + 2 * n
        even = n * (b - n) * x / ((at - 1) * at)
        odd = -(a + n) * (a + b + n) * x / (at * (at + 1))
        d = 1 / _off_zero(1 + even * d)
        c = _off_zero(1 + even / c)
        result *= c * d
        d = 1 / _off_zero(1 + odd * d)
        c = _off_zero(1 + odd / c)
        change = c * d
        result *= change
        if abs(change - 1) < 1e-15:
            break
    return math.exp(scale + a * math.log(x) + b * math.log1p(-x)) * result / a


def _off_zero(number: float) -> float:
    return number if abs(number) > 1e-300 else 1e-300


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
