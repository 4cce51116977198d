"""The time horizon: where the curve of success over human time crosses a chance of success.

Source: METR's time-horizon analysis of 2025. Data that have no horizon are named by their problem; nothing is hidden
behind a number.
"""

from __future__ import annotations

import numpy as np

from pytest_metr.protocol.fit import Fits, FloatArray, horizon_at
from pytest_metr.protocol.intervals import hull, longest_after_failures, quantiles, shortest_after_successes
from pytest_metr.protocol.table import Table, distinct
from pytest_metr.types import Estimate, EvaluationProtocol, HorizonResult, Interval


def horizon_result(table: Table, point: Fits, draws: Fits, loose: Fits, protocol: EvaluationProtocol) -> HorizonResult:
    """Return the horizon of one agent.

    :param point: one curve, of the runs as they are.
    :param draws: (D,) the curves of the bootstrap.
    :param loose: (D,) the same with next to no regularization, which the bounds hold as well.
    """
    problem = _problem(table, point)
    has_curve = bool(point.fitted[0])
    slope = float(point.slope[0])
    return HorizonResult(
        intercept=float(point.intercept[0]) if has_curve else None,
        slope=slope if has_curve or problem == "all_failures" else None,
        at={
            str(percent): _estimate(table, percent, problem, point, draws, loose, protocol)
            for percent in protocol.percents
        },
        problem=problem,
        warnings=tuple(_warnings(table, problem)),
    )


def _problem(table: Table, point: Fits) -> str | None:
    if not len(table.runs):
        return "no_runs"
    if np.isnan(table.minutes).all():
        return "no_human_minutes"
    if point.failures_only[0]:
        return "all_failures"
    if point.successes_only[0]:
        return "all_successes"
    if point.empty[0]:  # all the weight is on runs without human minutes
        return "no_human_minutes"
    return None if point.falling[0] else "not_falling"


def _estimate(
    table: Table,
    percent: int,
    problem: str | None,
    point: Fits,
    draws: Fits,
    loose: Fits,
    protocol: EvaluationProtocol,
) -> Estimate:
    if problem in ("no_runs", "no_human_minutes"):
        return Estimate(value=None, problem=problem, left_out=len(draws.slope))
    p = percent / 100
    minutes = horizon_at(draws, p)
    # As METR's code has it: draws of one class are left out, and the formula is applied to all others. A curve that
    # is level at exactly p has no place where it crosses.
    inside = draws.fitted & ~np.isnan(minutes)
    interval = quantiles(minutes[inside], protocol.confidence)
    value = None if problem == "not_falling" else float(horizon_at(point, p)[0])
    bounds = hull(
        interval,
        _all_draws(draws, minutes, protocol.confidence),
        _all_draws(loose, horizon_at(loose, p), protocol.confidence),
        _one_class(table, problem, p, protocol),
    )
    return Estimate(
        value=value, interval=interval, bounds=bounds, problem=problem, left_out=int(np.count_nonzero(~inside))
    )


def _all_draws(draws: Fits, minutes: FloatArray, confidence: float) -> Interval | None:
    """Return the quantiles over all draws: a draw without a horizon lies below the low end and above the high one."""
    known = draws.falling | draws.failures_only | draws.successes_only
    low = quantiles(np.where(known, minutes, 0.0), confidence)
    high = quantiles(np.where(known, minutes, np.inf), confidence)
    return None if low is None or high is None else Interval(low=low.low, high=high.high)


def _one_class(table: Table, problem: str | None, p: float, protocol: EvaluationProtocol) -> Interval | None:
    """Return what is known when all runs failed, or all succeeded, so that no draw differs from another."""
    if problem not in ("all_failures", "all_successes"):
        return None
    groups = np.flatnonzero(table.took_place & (table.weight > 0) & ~np.isnan(table.minutes))
    families, minutes = table.family_of_group[groups], table.minutes[groups]
    shortest = np.full(len(table.tasks), np.inf)
    longest = np.full(len(table.tasks), -np.inf)
    np.minimum.at(shortest, families, minutes)
    np.maximum.at(longest, families, minutes)
    there = distinct(families)
    if problem == "all_failures":
        return Interval(low=0.0, high=longest_after_failures(shortest[there], p, protocol.confidence))
    return Interval(low=shortest_after_successes(longest[there], p, protocol.confidence), high=np.inf)


def _warnings(table: Table, problem: str | None) -> list[str]:
    warnings = []
    unknown = len(distinct(table.task_of_group[np.isnan(table.minutes)]))
    if unknown and problem not in ("no_runs", "no_human_minutes"):
        warnings.append(f"{_tasks(unknown)} without human minutes: in the overall score, but not in the horizon")
    # The groups of a task are in the order of their minutes, so that differing ones are neighbours somewhere.
    differing = ~np.isclose(table.minutes[1:], table.minutes[:-1], rtol=0, atol=0, equal_nan=True)
    differing &= table.task_of_group[1:] == table.task_of_group[:-1]
    several = len(distinct(table.task_of_group[1:][differing]))
    if several:
        warnings.append(f"{_tasks(several)} with differing human minutes: each run counts with its own")
    if problem == "not_falling":
        warnings.append("success does not fall with human minutes, so there is no horizon")
    return warnings


def _tasks(n: int) -> str:
    return "1 task" if n == 1 else f"{n} tasks"
