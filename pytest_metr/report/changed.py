"""How a change is written, wherever one is shown: in points or as a factor, and how well it is known."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator, Sequence

from pytest_metr.report.layout import shorten
from pytest_metr.report.results.numbers import three_digits
from pytest_metr.texts import printable
from pytest_metr.types import Change, Estimate, Interval

_HORIZON = "time_horizon_p"
_BRACKET = "bracket/"
_FEW = 3
_LONGEST_NAME = 40


def is_bracket(metric: str) -> bool:
    """Whether a metric is the score of a bracket."""
    return metric.startswith(_BRACKET)


def metric_title(metric: str) -> str:
    """Return the name of a metric in words."""
    if metric.startswith(_HORIZON):
        return f"horizon at {metric.removeprefix(_HORIZON)} %"
    return metric.removeprefix(_BRACKET).replace("_", " ")


def factor_text(change: Change) -> str:
    """Return after / before, for example ``0.94x [0.05, 6.4]``."""
    return _estimate(change.ratio, three_digits, unit="x")


def difference_text(change: Change, *, unit: bool = True) -> str:
    """Return the difference, for example ``+0.5 points [-8.3, +9.0]``, of time horizons in doublings."""
    if change.kind == "horizon":
        return _estimate(change.difference, _doublings, unit=" doublings" if unit else "")
    return _estimate(change.difference, points_text, unit=" points" if unit else "")


def shown_range(estimate: Estimate) -> Interval | None:
    """Return the interval of the draws; the bounds where draws do not differ, or the number is no ordinary one."""
    return estimate.interval if estimate.problem is None and estimate.spread else estimate.bounds


def range_text(interval: Interval, write: Callable[[float], str]) -> str:
    """Return a range whose ends are written by *write*."""
    return f"[{write(interval.low)}, {write(interval.high)}]"


def points_text(share: float) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    points = 100 * share
    if math.isinf(points):
        return three_digits(points)
    return f"{round(points, 1) + 0.0:+.1f}"  # without the minus of a zero


def percent_text(share: float | None) -> str:
    """Return a share in whole percent, ``-`` for none."""
    return "-" if share is None else f"{100 * share:.0f} %"


def few_names(names: Sequence[str], verbose: bool) -> str:
    """Return the first few names, or all of them."""
    shown = names if verbose else names[:_FEW]
    more = len(names) - len(shown)
    return ", ".join(map(short_name, shown)) + (f" and {more} more" if more else "")


def short_name(text: str) -> str:
    """Return anybody's name as it may be shown."""
    return shorten(printable(text), _LONGEST_NAME)


def coverage_sentences(name: str, missing: int, zeros_by_rule: int) -> Iterator[str]:
    """Yield what to say of runs of one side that have no score of their own."""
    if missing:
        yield f"coverage: {name}: {count_of(missing, 'run')} without a score, in no number here"
    if zeros_by_rule:
        runs = count_of(zeros_by_rule, "run")
        yield f"coverage: {name}: {runs} left out by staging, each a failure with score 0 by rule"


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def wrapped_sentence(text: str, width: int) -> list[str]:
    """Return a sentence on lines of a width."""
    return textwrap.wrap(printable(text), width, subsequent_indent="  ", break_on_hyphens=False)


def _doublings(number: float) -> str:
    return f"{'+' if number > 0 else ''}{three_digits(number + 0.0)}"


def _estimate(estimate: Estimate, write: Callable[[float], str], *, unit: str) -> str:
    if estimate.value is None:
        return f"none ({(estimate.problem or 'unknown').replace('_', ' ')})"
    interval = shown_range(estimate)
    number = f"{write(estimate.value)}{unit}"
    if math.isinf(estimate.value):
        number = "infinite" if estimate.value > 0 else "minus infinity"
    return f"{number}{'' if interval is None else ' ' + range_text(interval, write)}"
