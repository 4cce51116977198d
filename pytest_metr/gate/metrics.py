"""The metrics that a rule can be about: their names, their units, and where a result has them."""

from __future__ import annotations

import re

from pytest_metr.types import AgentResult, Estimate

_SCORES = {"overall_score": "the overall score", "success_rate": "the success rate"}
_HORIZON = re.compile(r"time_horizon_p([1-9][0-9]?)")
_BRACKET = "bracket/"


def is_metric(name: str) -> bool:
    """Whether *name* has the form of a metric; whether a protocol has it is another question."""
    return name in _SCORES or is_horizon(name) or (name.startswith(_BRACKET) and name != _BRACKET)


def is_horizon(metric: str) -> bool:
    """Whether a metric is a time horizon, in human minutes; all others are shares of 1."""
    return _HORIZON.fullmatch(metric) is not None


def title(metric: str) -> str:
    """Return a metric as the subject of a sentence."""
    if metric in _SCORES:
        return _SCORES[metric]
    horizon = _HORIZON.fullmatch(metric)
    if horizon:
        return f"the time horizon at {horizon[1]} %"
    return f"the score in the bracket {metric.removeprefix(_BRACKET)}"


def estimate_of(result: AgentResult, metric: str) -> Estimate:
    """Return what a result says of a metric; an estimate without a value where it says nothing."""
    if metric == "overall_score":
        return result.overall_score
    if metric == "success_rate":
        return result.success_rate
    nothing = Estimate(value=None, problem="no_runs")
    horizon = _HORIZON.fullmatch(metric)
    if horizon:
        return result.horizon.at.get(horizon[1], nothing)
    return next((b.score for b in result.brackets if f"{_BRACKET}{b.name}" == metric), nothing)
