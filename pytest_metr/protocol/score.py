"""The overall score, and the check of weights that somebody else made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Real

from pytest_metr.errors import UsageMistake


def weighted_mean(scores: Sequence[float], weights: Sequence[float]) -> float | None:
    """Return the sum of weight * score, METR's average; None for no scores.

    Source: METR's time-horizon analysis of 2025 (``average``). Added up without rounding between the terms, so
    the order does not matter. A score that is not finite makes the result infinite or NaN, never an error.

    :param weights: as many as scores, adding up to 1.
    :raises ValueError: where their numbers differ.
    """
    products = [weight * score for score, weight in zip(scores, weights, strict=True)]
    if not products:
        return None
    try:
        return math.fsum(products)
    except (ValueError, OverflowError):  # inf - inf, or a sum beyond the largest float
        return sum(products)


#: Where weights come from when nothing else is said.
HOOK = "pytest_metr_task_weights"


def check_weights(weights: Iterable[object], n: int, *, key: str = HOOK) -> list[float]:
    """Return the weights that somebody else made, as floats that add up to 1.

    :param n: the number of runs that they are for.
    :param key: where they come from, as a mistake names it.
    :raises UsageMistake: where they are not *n* finite numbers, none below 0, with a sum above 0.
    """
    try:
        given = list(weights)
    except TypeError:
        raise UsageMistake(f"expected {n} numbers, not {weights!r}", key=key) from None
    if len(given) != n:
        raise UsageMistake(f"expected {n} numbers, one for each run, not {len(given)}", key=key)
    checked = []
    for index, value in enumerate(given):
        number = _number(value)
        if not 0 <= number < math.inf:
            raise UsageMistake(f"expected finite numbers of 0 or more, not {value!r} for run {index}", key=key)
        checked.append(number)
    largest = max(checked, default=1.0)
    if largest == 0:
        raise UsageMistake("expected at least one above 0", key=key)
    # Divided by the largest first, so that neither huge nor tiny weights leave the range of floats.
    scaled = [value / largest for value in checked]
    total = math.fsum(scaled)
    return [value / total for value in scaled]


def _number(value: object) -> float:
    """Return a number as a float; NaN for what is none, and for what no float can hold."""
    if isinstance(value, float):
        return value
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan
