"""The axis of human time that all panels share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from pytest_metr.report.results.numbers import format_duration
from pytest_metr.types import AgentResult

#: Ends of the usual brackets and what goes on from them, in minutes: five times a week of work is about a month.
_NAMED = (1 / 60, 4 / 60, 15 / 60, 1.0, 4.0, 15.0, 60.0, 240.0, 960.0, 4800.0)
_STEP_UP, _STEP_DOWN = 5.0, 10.0
_FEWEST_DOUBLINGS = 4.0
_MARGIN = 0.6
#: How many doublings beyond all tasks a horizon may lie and still be shown in its place.
_REACH = 3.0
_NOTHING_KNOWN = (1.0, 960.0)
#: A float's exponents end near here, and no axis has use for more.
_EXTREME = 300.0


def task_minutes(agent: AgentResult) -> list[float]:
    """Return the human minutes of an agent's tasks, where they can be drawn on a logarithmic axis."""
    return [minutes for task in agent.task_results if (minutes := task.human_minutes) is not None and drawn(minutes)]


def drawn(minutes: float | None) -> bool:
    """Whether a duration has a place on a logarithmic axis."""
    return minutes is not None and 0 < minutes < math.inf and abs(math.log2(minutes)) < _EXTREME


def shared_limits(agents: Iterable[AgentResult]) -> tuple[float, float]:
    """Return the human minutes at both ends: all tasks are between them, and horizons that are not far off."""
    agents = list(agents)
    known = [math.log2(minutes) for agent in agents for minutes in task_minutes(agent)]
    if not known:
        return _NOTHING_KNOWN
    low, high = min(known), max(known)
    horizons = [estimate.value for agent in agents for estimate in agent.horizon.at.values()]
    near = [math.log2(h) for h in horizons if h is not None and drawn(h)]
    near = [place for place in near if low - _REACH <= place <= high + _REACH]
    low, high = min([low, *near]) - _MARGIN, max([high, *near]) + _MARGIN
    lacking = max(_FEWEST_DOUBLINGS - (high - low), 0.0) / 2
    return 2 ** (low - lacking), 2 ** (high + lacking)


def ticks(limits: tuple[float, float], most: int) -> tuple[list[float], list[str]]:
    """Return at most that many durations between the limits, and their names."""
    inside = [minutes for minutes in _round_durations(limits) if limits[0] <= minutes <= limits[1]]
    every = max(math.ceil(len(inside) / max(most, 1)), 1)
    chosen = inside[::every]
    return chosen, [format_duration(minutes) for minutes in chosen]


def _round_durations(limits: tuple[float, float]) -> Sequence[float]:
    durations = list(_NAMED)
    while durations[0] > limits[0]:
        durations.insert(0, durations[0] / _STEP_DOWN)
    while durations[-1] < limits[1]:
        durations.append(durations[-1] * _STEP_UP)
    return durations
