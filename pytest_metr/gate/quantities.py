"""Thresholds, margins and confidences as people write them: each with a unit that cannot be mistaken."""

from __future__ import annotations

import math
import re

from pytest_metr.fields import describe

_MINUTES_OF = {"s": 1 / 60, "min": 1.0, "h": 60.0}
_WITH_UNIT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z%]+)\s*")


class Unexpected(ValueError):
    """A value is not what it should be; the text says what was expected and found."""


def minutes(value: object) -> float:
    """Return human minutes from a number of minutes, or from text with a unit: ``30 s``, ``60 min``, ``2 h``.

    :raises Unexpected: where it is no such thing, or not above 0. Days and weeks are refused: whether a day is
        24 hours or a working day would be anybody's guess.
    """
    expected = "expected human minutes above 0, or text such as 30 s, 60 min or 2 h"
    if isinstance(value, str):
        amount, unit = _split(value)
        if unit in ("d", "day", "days", "w", "week", "weeks"):
            raise Unexpected(f"{expected} (a working day is not 24 hours: say hours), found {describe(value)}")
        if amount is None or unit not in _MINUTES_OF:
            raise Unexpected(f"{expected}, found {describe(value)}")
        number = amount * _MINUTES_OF[unit]
    else:
        number = _plain(value, expected)
    if not 0 < number < math.inf:
        raise Unexpected(f"{expected}, found {describe(value)}")
    return number


def share(value: object) -> float:
    """Return a share of 1 from a number, or from text in percent: ``30 %``.

    :raises Unexpected: where it is no such thing, or not in 0..1.
    """
    expected = "expected a share from 0 to 1, or text such as 30%"
    if isinstance(value, str):
        amount, unit = _split(value)
        if amount is None or unit != "%":
            raise Unexpected(f"{expected}, found {describe(value)}")
        number = amount / 100
    else:
        number = _plain(value, expected)
    if 1 < number <= 100 and not isinstance(value, str):
        raise Unexpected(f"{expected}, found {describe(value)}; {number:g} % is {number / 100:g}")
    if not 0 <= number <= 1:
        raise Unexpected(f"{expected}, found {describe(value)}")
    return number


def points(value: object) -> float:
    """Return percentage points from a number, or from text: ``10 points``.

    :raises Unexpected: where it is no such thing, or not from 0 to below 100. A bare number between 0 and 1 is
        refused: it is more likely a share that was meant than a margin of less than a point.
    """
    expected = "expected percentage points from 0 to below 100, such as 10"
    if isinstance(value, str):
        amount, unit = _split(value)
        if amount is None or unit not in ("point", "points"):
            raise Unexpected(f"{expected} or '10 points', found {describe(value)}")
        number = amount
    else:
        number = _plain(value, expected)
        if 0 < number < 1:
            raise Unexpected(
                f"{expected}, found {describe(value)}; {number:g} of 1 is {number * 100:g}, "
                f"less than a point is written '{number:g} points'"
            )
    if not 0 <= number < 100:
        raise Unexpected(f"{expected}, found {describe(value)}")
    return number


def factor(value: object) -> float:
    """Return a factor of at least 1.

    :raises Unexpected: where it is no such number.
    """
    expected = "expected a factor of at least 1, such as 1.5"
    number = _plain(value, expected)
    if not 1 <= number < math.inf:
        raise Unexpected(f"{expected}, found {describe(value)}")
    return number


def _split(text: str) -> tuple[float | None, str]:
    found = _WITH_UNIT.fullmatch(text)
    return (float(found[1]), found[2]) if found else (None, "")


def _plain(value: object, expected: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unexpected(f"{expected}, found {describe(value)}")
    try:
        return float(value)
    except OverflowError:
        return math.inf
