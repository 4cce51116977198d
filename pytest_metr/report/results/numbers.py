"""Estimates and durations as a person reads them."""

from __future__ import annotations

import math

from pytest_metr.types import Estimate, Interval

#: (unit, its human minutes, how many make the next). Nothing above the hour: a day of work is no 24 hours, and
#: everybody means another one.
_UNITS: tuple[tuple[str, float, float], ...] = (("s", 1 / 60, 60), ("min", 1.0, 60), ("h", 60.0, math.inf))
_SHORTEST = 0.001 / 60

_WITHOUT_A_NUMBER = {
    "no_runs": "-",
    "no_human_minutes": "none (no human minutes)",
    "all_successes": "none (all succeed)",
    "not_falling": "none (not falling)",
}


def shown_interval(estimate: Estimate) -> Interval | None:
    """Return the interval that is shown beside a number.

    It is METR's, from the bootstrap. Where that has no spread, because all runs are alike, it is the bounds that a gate
    goes by.
    """
    return estimate.interval if estimate.spread else estimate.bounds


def three_digits(number: float) -> str:
    """Return a number with three significant digits, and without an exponent between 0.0001 and a million."""
    if not math.isfinite(number):
        return "inf" if number > 0 else "-inf" if number < 0 else "nan"
    rounded = float(f"{number:.3g}")
    return f"{rounded:,.0f}" if 1000 <= abs(rounded) < 1e6 else f"{rounded:g}"


def format_duration(minutes: float) -> str:
    """Return human minutes as seconds, minutes or hours with three significant digits, for example ``3.43 min``.

    What is less than a thousandth of a second is said to be so: that is no time that anybody takes for a task.
    """
    if minutes == 0 or not math.isfinite(minutes):
        return three_digits(minutes)
    if minutes < _SHORTEST:
        return "<1 ms"
    unit, size = _unit_of(minutes)
    # What rounds up to a whole larger unit is one.
    number = minutes / size if unit == _UNITS[0][0] else max(minutes / size, 1.0)
    return f"{three_digits(number)} {unit}"


def format_score(estimate: Estimate) -> tuple[str, str]:
    """Return a score and its interval, ``("0.243", "[0.185, 0.305]")``; ``-`` and nothing where there is none."""
    if estimate.value is None:
        return "-", ""
    interval = shown_interval(estimate)
    return _decimals(estimate.value), "" if interval is None else _brackets(
        _decimals(interval.low), _decimals(interval.high)
    )


def format_horizon(estimate: Estimate) -> tuple[str, str]:
    """Return a time horizon and its interval, ``("3.43 min", "[0.272, 13.8]")``.

    The ends are in the unit of the horizon where that reads well, else each has its own unit. A horizon that does not
    exist is told in words; one of successes alone is ``> 16 h`` where its bounds say so much.
    """
    value, bounds = estimate.value, estimate.bounds
    if estimate.problem == "all_successes" and bounds is not None and 0 < bounds.low < math.inf:
        return f"> {format_duration(bounds.low)}", "(all succeed)"
    if value is None or not math.isfinite(value):
        # An infinite value without a named problem is an extrapolation beyond what a float can hold.
        return _WITHOUT_A_NUMBER.get(estimate.problem or "", "none"), ""
    interval = shown_interval(estimate)
    return format_duration(value), "" if interval is None else _duration_interval(value, interval)


def _duration_interval(value: float, interval: Interval) -> str:
    unit_size = _unit_of(value)[1] if value > 0 else None
    ends = (interval.low, interval.high)
    if unit_size is None or value < _SHORTEST or not all(_reads_well(end / unit_size) for end in ends):
        return _brackets(*(format_duration(end) for end in ends))
    return _brackets(*(three_digits(end / unit_size) for end in ends))


def _reads_well(number: float) -> bool:
    return 0.01 <= number < 1000


def _unit_of(minutes: float) -> tuple[str, float]:
    """Return the smallest unit of which there are not as many as make the next, after rounding to what is shown."""
    return next((unit, size) for unit, size, most in _UNITS if float(f"{minutes / size:.3g}") < most)


def _decimals(score: float) -> str:
    if not math.isfinite(score) or abs(score) >= 1e6:
        return three_digits(score)
    # Without the sign of a zero.
    return f"{round(score, 3) + 0.0:.3f}"


def _brackets(low: str, high: str) -> str:
    return f"[{low}, {high}]"
