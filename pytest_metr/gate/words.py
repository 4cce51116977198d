"""Numbers and names as the sentences of a verdict have them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_metr.gate.metrics import is_horizon
from pytest_metr.texts import printable
from pytest_metr.types import Interval

_MOST_DIGITS = 12
_LONGEST_NAME = 80


def quantity(metric: str, value: float, *, beside: float | None = None) -> str:
    """Return a value of a metric: ``3.41 min``, ``2.1 h``, ``30.1 %``.

    :param beside: the threshold that it is compared with. A value that differs from it gets as many digits as it
        takes to look different, so that no sentence says that 60 min is below 60 min.
    """
    write = duration if is_horizon(metric) else share
    digits = 3
    if beside is not None and value != beside:
        while digits < _MOST_DIGITS and write(value, digits) == write(beside, digits):
            digits += 1
    return write(value, digits)


def duration(minutes: float, digits: int = 3) -> str:
    """Return human minutes in seconds, minutes or hours. There are no days: a working day is not 24 hours."""
    if math.isinf(minutes):
        return "infinite"
    if minutes >= 120:
        return f"{_number(minutes / 60, digits)} h"
    if minutes >= 1 or minutes <= 0:
        return f"{_number(minutes, digits)} min"
    if minutes * 60 < 0.001:
        return "under 1 ms"
    return f"{_number(minutes * 60, digits)} s"


def share(value: float, digits: int = 3) -> str:
    """Return a share of 1 in percent."""
    return "infinite" if math.isinf(value) else f"{_number(value * 100, digits)} %"


def interval(metric: str, found: Interval, *, beside: float | None = None) -> str:
    """Return an interval, each end with its unit; see :func:`quantity`."""
    return f"[{quantity(metric, found.low, beside=beside)}, {quantity(metric, found.high, beside=beside)}]"


def margin(metric: str, value: float) -> str:
    """Return a margin: ``x1.5`` for time horizons, ``10 points`` for scores."""
    return f"x{value:g}" if is_horizon(metric) else f"{value:g} {'point' if value == 1 else 'points'}"


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def few(names: Sequence[str], most: int = 3) -> str:
    """Return up to *most* names, and how many more there are."""
    shown = ", ".join(name(text) for text in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def name(text: str) -> str:
    """Return a name that somebody else chose as part of a sentence: on one line, printable and of bounded length."""
    line = printable(text)
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 20]}...{line[-17:]}"


def _number(value: float, digits: int) -> str:
    whole = len(str(int(abs(value)))) if abs(value) < 1e15 else 0
    return f"{value:.{max(digits, whole)}g}"
