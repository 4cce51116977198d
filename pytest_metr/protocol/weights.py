"""How much each run counts: weights over the runs of one agent.

Every weighting treats the runs of one task alike, adds up to 1 and depends neither on the order of the runs
nor on the names of tasks and families.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Protocol

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol.rows import counted
from pytest_metr.protocol.score import check_weights
from pytest_metr.types import RECORDED_WEIGHTS, EvaluationProtocol, RunRow

DEFAULT_WEIGHTING = "invsqrt_family"


class Weighable(Protocol):
    """What a weighting looks at; run records and rows both have it."""

    @property
    def agent(self) -> str:
        """The agent's name."""

    @property
    def family(self) -> str:
        """The family's name."""

    @property
    def task_id(self) -> str:
        """METR's task id, ``family/task``."""

    @property
    def human_minutes(self) -> float | None:
        """How long a person takes, None where nobody knows."""


def run_weights(rows: Sequence[RunRow], protocol: EvaluationProtocol) -> list[float]:
    """Return the weight of each of *rows* by a protocol: together 1, and 0 for the rows that do not count.

    :param rows: of one agent; what is counted (runs of a task, tasks of a family) is counted among those that count.
    :raises UsageMistake: where the protocol goes by recorded weights and a run has none, for a weighting that there
        is not, and for ``log_time`` where a task has no human minutes.
    :raises ValueError: where the rows are of several agents.
    """
    places = counted(rows, protocol)
    weights = [0.0] * len(rows)
    for place, weight in zip(places, weights_of_counted([rows[place] for place in places], protocol), strict=True):
        weights[place] = weight
    return weights


def weights_of_counted(rows: Sequence[RunRow], protocol: EvaluationProtocol) -> list[float]:
    """Return the weight of each of *rows*, which all count, as :func:`run_weights` does."""
    if protocol.weighting == RECORDED_WEIGHTS:
        return check_weights([_recorded(row) for row in rows], len(rows), key="weight")
    return task_weights(rows, weighting=protocol.weighting)


def task_weights(runs: Sequence[Weighable], *, weighting: str = DEFAULT_WEIGHTING) -> list[float]:
    """Return one weight for each of *runs*, in their order, adding up to 1.

    :param runs: the runs of one agent that count; what is counted (runs of a task, tasks of a family)
        is counted among these.
    :param weighting: one of :data:`WEIGHTINGS`.
    :returns: as many weights as runs, each above 0; the empty list for no runs.
    :raises UsageMistake: for a weighting that there is not, and for ``log_time`` where a task has no human minutes.
    :raises ValueError: where the runs are of several agents: their weights would mean nothing.
    """
    if weighting not in WEIGHTINGS:
        raise UsageMistake(f"expected one of {', '.join(WEIGHTINGS)}, not {weighting!r}", key="weighting")
    agents = {run.agent for run in runs}
    if len(agents) > 1:
        raise ValueError(f"weights are for the runs of one agent, not of {', '.join(sorted(agents))}")
    raw = WEIGHTINGS[weighting](runs)
    total = math.fsum(raw)
    return [weight / total for weight in raw]


def _recorded(row: RunRow) -> float:
    if row.weight is None or not 0 <= row.weight < math.inf:
        raise UsageMistake(
            f"expected a recorded weight of 0 or more for run {row.run_id}, not {row.weight}",
            file=row.place,
            key="weight",
        )
    return row.weight


def _equal_task(runs: Sequence[Weighable]) -> list[float]:
    """1 / runs(t).

    Source: METR's time-horizon analysis of 2025, column ``equal_task_weight``.
    """
    runs_of = Counter(run.task_id for run in runs)
    return [1 / runs_of[run.task_id] for run in runs]


def _invsqrt_family(runs: Sequence[Weighable]) -> list[float]:
    """1 / (runs(t) * sqrt(tasks(f))): a family counts with the square root of its number of tasks.

    Source: METR's time-horizon analysis of 2025, column ``invsqrt_task_weight``.
    """
    runs_of = Counter(run.task_id for run in runs)
    tasks_of = Counter(family for family, _ in {(run.family, run.task_id) for run in runs})
    return [1 / (runs_of[run.task_id] * math.sqrt(tasks_of[run.family])) for run in runs]


def _log_time(runs: Sequence[Weighable]) -> list[float]:
    """1 / bins * the ``invsqrt_family`` weight within the bin, where bin(t) = floor(log2(human minutes of t)).

    Every doubling of human minutes that has a task weighs the same. Within a bin the tasks of a family are
    counted among those of the bin. Source: METR's core protocol draft, in the reading of this package.
    """
    bins: dict[int, list[int]] = defaultdict(list)
    for index, run in enumerate(runs):
        bins[_doubling(run)].append(index)
    weights = [0.0] * len(runs)
    for members in bins.values():
        within = _invsqrt_family([runs[index] for index in members])
        total = math.fsum(within)
        for index, weight in zip(members, within, strict=True):
            weights[index] = weight / total
    return weights


def _doubling(run: Weighable) -> int:
    minutes = run.human_minutes
    if minutes is None or not 0 < minutes < math.inf:
        raise UsageMistake(
            f"log_time needs the human minutes of every task, and {run.task_id} has {minutes}", key="weighting"
        )
    # frexp is exact at the powers of two, where a rounded logarithm may fall into the bin below.
    return math.frexp(minutes)[1] - 1


#: The weightings by the names that protocols and reports use.
WEIGHTINGS: dict[str, Callable[[Sequence[Weighable]], list[float]]] = {
    "invsqrt_family": _invsqrt_family,
    "equal_task": _equal_task,
    "log_time": _log_time,
}
