"""Conditions on a comparison, for a job that is to fail on them: ``time_horizon_p50 < -20% possibly``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Literal, cast

from pytest_metr.errors import UsageMistake
from pytest_metr.types import (
    METRIC_FORMS,
    Change,
    Comparison,
    Condition,
    ConditionResult,
    Estimate,
    EvaluationProtocol,
    Interval,
)

Operator = Literal["<", "<=", ">", ">="]
Unit = Literal["%", "points", "x", "doublings"]
JudgedBy = Literal["estimate", "surely", "possibly"]

_CONDITION = re.compile(
    r"\s*([^<>=]*[^<>=\s])\s*(<=|>=|<|>)\s*([+-]?[0-9]+(?:\.[0-9]+)?)\s*(%|[a-z]*)(?:\s+([a-z]+))?\s*"
)
_METRIC = re.compile(r"overall_score|success_rate|time_horizon_p[1-9][0-9]?|bracket/.+")
_HORIZON = "time_horizon_p"
_UNITS: dict[str, Unit] = {
    "%": "%",
    "point": "points",
    "points": "points",
    "x": "x",
    "doubling": "doublings",
    "doublings": "doublings",
}
#: The units of a metric's changes, by whether it is a time horizon.
_UNITS_OF: dict[bool, tuple[Unit, ...]] = {False: ("points", "%", "x"), True: ("%", "x", "doublings")}
_EXAMPLE = "such as 'overall_score < -5 points' or 'time_horizon_p50 < -20% possibly'"
#: Numbers this close to a condition's own are equal to it: 0.85 - 0.9 is five points less, in binary a little more.
_CLOSE = 1e-9


def parse_condition(text: str, protocol: EvaluationProtocol | None = None) -> Condition:
    """Read a condition: a metric, an operator, a number with its unit, and how it is judged.

    :param protocol: where it is given, the metric must be one of its.
    :raises UsageMistake: for anything else, with what was expected.
    """
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise _mistake(text, f"expected a metric, one of < <= > >=, and a number with its unit, {_EXAMPLE}")
    metric, operator, digits, unit, word = found.groups()
    _check_metric(text, metric, protocol)
    number = float(digits)
    known = _check_unit(text, metric, number, unit)
    if word not in (None, "surely", "possibly"):
        raise _mistake(text, f"expected 'surely', 'possibly' or nothing after the number, found {word!r}")
    return Condition(
        text=" ".join(text.split()),
        metric=metric,
        operator=cast(Operator, operator),
        number=number,
        unit=known,
        judged_by=cast(JudgedBy, word or "estimate"),
    )


def judge_condition(condition: Condition, comparison: Comparison) -> ConditionResult:
    """Return whether a condition holds, and why.

    A condition whose number does not exist holds, however it is judged.

    :raises UsageMistake: where the comparison has no such metric.
    """
    change = comparison.change(condition.metric)
    if change is None:
        _check_metric(condition.text, condition.metric, comparison.protocol)
        raise _mistake(condition.text, f"the comparison says nothing of {condition.metric}")
    estimate, in_unit = _measured(condition, change)
    figure = _figure(condition, estimate, in_unit)
    holds = figure is None or _satisfies(figure, condition.operator, condition.number)
    return ConditionResult(
        condition=condition,
        holds=holds,
        figure=figure,
        sentence=_sentence(condition, estimate, in_unit, figure, holds, comparison.protocol.confidence),
    )


def condition_holds(condition: Condition, comparison: Comparison) -> bool:
    """Return whether a condition holds; see :func:`judge_condition`."""
    return judge_condition(condition, comparison).holds


def _check_metric(text: str, metric: str, protocol: EvaluationProtocol | None) -> None:
    there = METRIC_FORMS if protocol is None else protocol.metrics
    known = _METRIC.fullmatch(metric) is not None if protocol is None else metric in there
    if not known:
        raise _mistake(text, f"expected one of the metrics {', '.join(there)}, found {metric!r}")


def _check_unit(text: str, metric: str, number: float, given: str) -> Unit:
    units = _UNITS_OF[metric.startswith(_HORIZON)]
    unit = _UNITS.get(given)
    if unit not in units:
        found = repr(given) if given else "none"
        raise _mistake(text, f"expected a unit of {metric} ({', '.join(units)}) after the number, found {found}")
    lowest, highest = {"%": (-100, math.inf), "points": (-100, 100), "x": (0, math.inf)}.get(
        unit, (-math.inf, math.inf)
    )
    if not (lowest <= number <= highest and math.isfinite(number)):
        least, most = f"{lowest:g}", "" if math.isinf(highest) else f" to {highest:g}"
        raise _mistake(text, f"no change lies beyond it: expected a number from {least}{most} {unit}")
    return unit


def _measured(condition: Condition, change: Change) -> tuple[Estimate, Callable[[float], float]]:
    """Return the estimate that a condition is about, and what makes its numbers ones of the condition's unit."""
    if condition.unit == "%":
        return change.ratio, lambda ratio: (ratio - 1) * 100
    if condition.unit == "x":
        return change.ratio, lambda ratio: ratio
    return change.difference, lambda apart: apart * (100 if condition.unit == "points" else 1)


def _figure(condition: Condition, estimate: Estimate, in_unit: Callable[[float], float]) -> float | None:
    """Return what the condition's number is compared with; None where it does not exist."""
    if estimate.value is None:
        return None
    if condition.judged_by == "estimate":
        return in_unit(estimate.value)
    if estimate.bounds is None:
        return None
    below = condition.operator in ("<", "<=")
    wanted = estimate.bounds.low if below == (condition.judged_by == "possibly") else estimate.bounds.high
    return in_unit(wanted)


def _satisfies(figure: float, operator: Operator, number: float) -> bool:
    if math.isclose(figure, number, rel_tol=_CLOSE, abs_tol=_CLOSE):
        return operator in ("<=", ">=")
    return figure < number if operator in ("<", "<=") else figure > number


def _sentence(
    condition: Condition,
    estimate: Estimate,
    in_unit: Callable[[float], float],
    figure: float | None,
    holds: bool,
    confidence: float,
) -> str:
    if figure is None or estimate.value is None:
        why = f" ({estimate.problem})" if estimate.problem else ""
        return f"{condition.text}: holds, because nobody knows: there is no such number{why}"
    found = (
        f"{_shown(in_unit(estimate.value), condition.unit)}{_range(condition, estimate.bounds, in_unit, confidence)}"
    )
    return f"{condition.text}: {'holds' if holds else 'does not hold'}: {found}"


def _range(condition: Condition, bounds: Interval | None, in_unit: Callable[[float], float], confidence: float) -> str:
    if bounds is None:
        return ""
    ends = (_shown(in_unit(end), condition.unit) for end in (bounds.low, bounds.high))
    return f", with {100 * confidence:g} % confidence within [{', '.join(ends)}]"


def _shown(number: float, unit: Unit) -> str:
    if math.isinf(number):
        return "infinity" if number > 0 else "minus infinity"
    text = f"{number + 0.0:.4g}" if unit == "x" else f"{number + 0.0:+.4g}"
    return f"{text}{'' if unit in ('%', 'x') else ' '}{unit}"


def _mistake(text: str, message: str) -> UsageMistake:
    return UsageMistake(f"{message}, in {text!r}", key="condition")
