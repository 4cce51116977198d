"""What is drawn of one agent: its tasks, its brackets, its curve, its time horizons."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from matplotlib.axes import Axes

from pytest_metr.report.pictures.page import INK
from pytest_metr.report.pictures.timescale import drawn, task_minutes
from pytest_metr.report.results.numbers import shown_interval
from pytest_metr.types import AgentResult, Estimate, HorizonResult, TaskResult

#: Told apart by shape and by lightness, so that nothing depends on colour.
TASK: dict[str, Any] = {
    "marker": "o",
    "linestyle": "none",
    "markersize": 4.5,
    "markerfacecolor": "#c9d7e8",
    "markeredgecolor": "#7f97b2",
    "markeredgewidth": 0.6,
}
BRACKET: dict[str, Any] = {"marker": "s", "color": INK, "linestyle": "none", "markersize": 4}
CURVE: dict[str, Any] = {"color": "#1f4e9c", "linewidth": 1.5, "linestyle": "-"}
HORIZONS: tuple[dict[str, Any], ...] = tuple(
    {"marker": marker, "color": color, "markersize": 6.5, "markeredgecolor": "white", "markeredgewidth": 0.7}
    for marker, color in (("D", "#b8460e"), ("^", "#e08a1e"), ("v", "#8c2d04"), ("P", "#c46a1c"), ("X", "#6b3a1f"))
)

_POINTS_OF_A_CURVE = 160
#: Points: the diameter of a task of the mean weight, and of the lightest and the heaviest that are told apart.
_MEAN_SIZE, _SMALLEST, _LARGEST = 4.5, 2.5, 11.0


def draw_agent(axes: Axes, agent: AgentResult, *, fractional: bool) -> None:
    """Draw an agent into axes whose scales are set.

    :param fractional: whether the curve was fitted to scores; they are then what is drawn of tasks and brackets.
    """
    _draw_tasks(axes, agent, fractional)
    _draw_brackets(axes, agent, fractional)
    _draw_curve(axes, agent)
    of_percents = sorted((int(percent), estimate) for percent, estimate in agent.horizon.at.items())
    for (percent, estimate), style in zip(of_percents, cycle(HORIZONS), strict=False):
        _draw_horizon(axes, percent / 100, estimate, style)


def _timed(agent: AgentResult) -> Iterator[tuple[float, TaskResult]]:
    for task in agent.task_results:
        if task.human_minutes is not None and drawn(task.human_minutes):
            yield task.human_minutes, task


def _draw_tasks(axes: Axes, agent: AgentResult, fractional: bool) -> None:
    timed = list(_timed(agent))
    mean = math.fsum(task.weight for _, task in timed) / max(len(timed), 1)
    by_size: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for minutes, task in timed:
        by_size[_size(task.weight, mean)].append((minutes, task.score if fractional else task.success_rate))
    # The small ones last, because they could hide behind the large ones.
    for size, points in sorted(by_size.items(), reverse=True):
        axes.plot(*zip(*points, strict=True), alpha=0.75, zorder=2, **{**TASK, "markersize": size})


def _size(weight: float, mean: float) -> float:
    """Return the diameter of a task in points, in steps that an eye can see: its area stands for the weight."""
    share = weight / mean if mean > 0 else 1.0
    return min(max(round(2 * _MEAN_SIZE * math.sqrt(share)) / 2, _SMALLEST), _LARGEST)


def _draw_brackets(axes: Axes, agent: AgentResult, fractional: bool) -> None:
    for bracket in agent.brackets:
        tasks = [(minutes, task.weight) for minutes, task in _timed(agent) if task.bracket == bracket.name]
        estimate = bracket.score if fractional else bracket.success_rate
        total = math.fsum(weight for _, weight in tasks)
        if estimate.value is None or not total > 0:
            continue
        # In the middle of its tasks as the fit sees them: by weight, on the logarithmic scale.
        place = 2 ** (math.fsum(weight * math.log2(minutes) for minutes, weight in tasks) / total)
        interval = shown_interval(estimate)
        if interval is not None:
            axes.plot([place, place], [interval.low, interval.high], color=INK, linewidth=1, zorder=4)
        axes.plot([place], [estimate.value], zorder=4, **BRACKET)


def _draw_curve(axes: Axes, agent: AgentResult) -> None:
    horizon = agent.horizon
    known = task_minutes(agent)
    if horizon.intercept is None or horizon.slope is None or not math.isfinite(horizon.slope) or not known:
        return
    low, high = axes.get_xlim()
    first, last = min(known), max(known)
    for start, end, style in ((low, first, "--"), (first, last, "-"), (last, high, "--")):
        places = _between(start, end)
        axes.plot(places, [_chance(horizon, x) for x in places], zorder=3, **{**CURVE, "linestyle": style})


def _between(start: float, end: float) -> list[float]:
    low, high = math.log2(start), math.log2(end)
    return [2 ** (low + (high - low) * n / _POINTS_OF_A_CURVE) for n in range(_POINTS_OF_A_CURVE + 1)]


def _chance(horizon: HorizonResult, minutes: float) -> float:
    """Return P(success) = sigmoid(a + b * log2(minutes)), the model of METR's time-horizon analysis of 2025."""
    logit = (horizon.intercept or 0.0) + (horizon.slope or 0.0) * math.log2(minutes)
    return 0.5 * (1 + math.tanh(logit / 2))


def _draw_horizon(axes: Axes, height: float, estimate: Estimate, style: dict[str, Any]) -> None:
    """Draw the interval as a bar, with an arrow where it goes on beyond the axis, and the horizon as a mark on it."""
    low, high = axes.get_xlim()
    interval = shown_interval(estimate)
    if interval is not None and not math.isnan(interval.low) and not math.isnan(interval.high):
        start, end = (min(max(side, low), high) for side in (interval.low, interval.high))
        axes.plot([start, end], [height, height], color=style["color"], linewidth=1.6, zorder=5)
        arrows = [("<", low)] if interval.low < low else []
        arrows += [(">", high)] if interval.high > high else []
        for marker, place in arrows:
            axes.plot([place], [height], marker=marker, color=style["color"], markersize=5, clip_on=False, zorder=5)
    if estimate.value is not None and low <= estimate.value <= high:
        axes.plot([estimate.value], [height], linestyle="none", zorder=6, **style)
