"""The runs of one agent as arrays: groups of runs that are alike, in an order that follows from what they are.

Tasks are ordered by their human minutes, weights and outcomes and never by their names or their place in a file. So the
order of rows, the number of files, and the names of tasks and families change no number, not even in its last digit.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol.fit import BoolArray, FloatArray, IntArray
from pytest_metr.protocol.rows import is_success, score_of
from pytest_metr.types import EvaluationProtocol, RunRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Number = TypeVar("_Number", np.int64, np.float64)

#: What runs of one task have in common that are one group, in the order by which groups are sorted: human minutes
#: (infinite where they are not known, so that these come last), score, success, weight, whether they took place, mark.
Key: TypeAlias = tuple[float, float, bool, float, bool, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The counted runs of one agent: T tasks of F families, G groups of runs that are alike.

    :param tasks: (T) task ids.
    :param families: (T) the family of each.
    :param family_of_task: (T,) the index of each task's family, 0..F-1.
    :param task_of_group: (G,) the index of each group's task, rising.
    :param runs: (G,) how many runs a group has.
    :param weight: (G,) the weight of each run of a group.
    :param score: (G,) the score of each run of a group.
    :param success: (G,) whether it is a success.
    :param minutes: (G,) human minutes, NaN where they are not known.
    :param took_place: (G,) whether the runs took place (else they are zeros by rule).
    :param mark: (G,) what else tells runs apart, see :func:`tabulate`.
    """

    tasks: tuple[str, ...]
    families: tuple[str, ...]
    family_of_task: IntArray
    task_of_group: IntArray
    runs: IntArray
    weight: FloatArray
    score: FloatArray
    success: BoolArray
    minutes: FloatArray
    took_place: BoolArray
    mark: IntArray

    @property
    def family_of_group(self) -> IntArray:
        """(G,) the index of each group's family."""
        return self.family_of_task[self.task_of_group]

    def shares(self, *, fractional: bool) -> FloatArray:
        """Return (G,) what share of each run counts as a success when the curve is fitted."""
        return self.score if fractional else self.success.astype(np.float64)


def tabulate(
    rows: Sequence[RunRow],
    weights: Sequence[float],
    protocol: EvaluationProtocol,
    *,
    marks: Sequence[int] | None = None,
) -> Table:
    """Return the table of rows that all count.

    :param rows: counted rows of one agent, see :func:`pytest_metr.protocol.rows.counted`.
    :param weights: one for each row.
    :param marks: one for each row, where runs that are alike in all else are to be told apart.
    :raises UsageMistake: for a score that no mean can be made of, or none between 0 and 1 where scores are fractions.
    """
    tasks: dict[tuple[str, str], Counter[Key]] = defaultdict(Counter)
    for row, weight, mark in zip(rows, weights, [0] * len(rows) if marks is None else marks, strict=True):
        tasks[row.family, row.task_id][_key(row, weight, mark, protocol)] += 1
    content = {task: sorted(groups.items()) for task, groups in tasks.items()}
    members: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for task in sorted(content, key=content.__getitem__):
        members[task[0]].append(task)
    families = sorted(members, key=lambda family: [content[task] for task in members[family]])
    index = {family: place for place, family in enumerate(families)}
    ordered = sorted(content, key=lambda task: (content[task], index[task[0]]))
    groups = [(place, runs, *key) for place, task in enumerate(ordered) for key, runs in content[task]]
    columns = list(zip(*groups, strict=True)) if groups else [()] * 8
    minutes = np.array(columns[2], dtype=np.float64)
    minutes[np.isinf(minutes)] = np.nan
    return Table(
        tasks=tuple(task for _, task in ordered),
        families=tuple(family for family, _ in ordered),
        family_of_task=np.array([index[family] for family, _ in ordered], dtype=np.int64),
        task_of_group=np.array(columns[0], dtype=np.int64),
        runs=np.array(columns[1], dtype=np.int64),
        weight=np.array(columns[5], dtype=np.float64),
        score=np.array(columns[3], dtype=np.float64),
        success=np.array(columns[4], dtype=np.bool_),
        minutes=minutes,
        took_place=np.array(columns[6], dtype=np.bool_),
        mark=np.array(columns[7], dtype=np.int64),
    )


def _key(row: RunRow, weight: float, mark: int, protocol: EvaluationProtocol) -> Key:
    score = score_of(row)
    if not math.isfinite(score):
        raise UsageMistake(f"expected a finite score of run {row.run_id}, not {score}", file=row.place, key="score")
    if protocol.fractional and not 0 <= score <= 1:
        raise UsageMistake(
            f"expected a score from 0 to 1 of run {row.run_id}, as scores are fractions of success, not {score:g}",
            file=row.place,
            key="score",
        )
    minutes = row.human_minutes
    if minutes is None or not 0 < minutes < math.inf:
        minutes = math.inf
    return (minutes, score, is_success(row, protocol), weight, row.score is not None, mark)


def distinct(values: NDArray[_Number]) -> NDArray[_Number]:
    """Return the distinct ones of (n,) values without NaN, rising.

    What ``numpy.unique`` returns, which imports all of ``numpy.ma`` for it when it is first called.
    """
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered
