"""Which tasks two agents are compared on, and the paired draws of these tasks.

Source: METR's elicitation results compare two agents on the same tasks, by a bootstrap over families and tasks. Both
agents get the same draw of families and tasks, so that what is hard for both is hard in the same draws, and only what
differs between the two is left in the difference. The runs within a drawn task are each agent's own, and are drawn
independently of the other's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from pytest_metr.protocol.fit import IntArray
from pytest_metr.protocol.measures import Measurer, Measures, joined
from pytest_metr.protocol.resample import chunks, generator, outcome_counts, task_counts
from pytest_metr.protocol.rows import counted
from pytest_metr.protocol.table import Table
from pytest_metr.types import EvaluationProtocol, LeftOut, RunRow

#: A task by its family and its id.
Task: TypeAlias = tuple[str, str]
#: All that counts of a task's runs: for each group its minutes, score, success, weight, reality and number of runs.
Content: TypeAlias = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows that are compared: those that count, of the tasks that both agents have such rows of."""

    before: tuple[RunRow, ...]
    after: tuple[RunRow, ...]
    left_out: LeftOut


def select(
    before: Sequence[RunRow], after: Sequence[RunRow], protocol: EvaluationProtocol, *, same_versions_only: bool
) -> Selection:
    """Return the rows that are compared, and the names of the tasks that are not, by the reason.

    A version or family hash that one side does not state agrees with any.
    """
    sides = [asked_for(before, protocol), asked_for(after, protocol)]
    both = sides[0].keys() & sides[1].keys()
    kept = [that_count(side, protocol) for side in sides]
    scored = both & kept[0].keys() & kept[1].keys()
    others = {task for task in scored if not one_version([*kept[0][task], *kept[1][task]])}
    compared = scored - others if same_versions_only else scored
    return Selection(
        before=tuple(row for task in kept[0] if task in compared for row in kept[0][task]),
        after=tuple(row for task in kept[1] if task in compared for row in kept[1][task]),
        left_out=LeftOut(
            only_before=_ids(sides[0].keys() - both),
            only_after=_ids(sides[1].keys() - both),
            without_score=_ids(both - scored),
            other_versions=_ids(others),
        ),
    )


def paired(first: Table, second: Table) -> tuple[Table, Table]:
    """Return two tables of the same tasks with their tasks in one order, which follows from what both hold of them."""
    joint = _joint(first, second)
    members = _members(joint)
    families = sorted(members, key=lambda family: [joint[task] for task in members[family]])
    place = {family: index for index, family in enumerate(families)}
    order = sorted(joint, key=lambda task: (joint[task], place[task[0]]))
    return _reordered(first, order, place), _reordered(second, order, place)


def joint_content(first: Table, second: Table) -> list[list[tuple[Content, Content]]]:
    """Return what two tables hold of their common tasks, by family, without any names and in a fixed order."""
    joint = _joint(first, second)
    return sorted([joint[task] for task in tasks] for tasks in _members(joint).values())


def paired_draws(first: Table, second: Table, protocol: EvaluationProtocol, *names: str) -> tuple[Measures, Measures]:
    """Return the numbers of both tables in all draws of the paired bootstrap.

    :param first: see :func:`paired`, as *second*.
    :param names: what the random numbers follow from beside the protocol's seed: the names of both agents.
    """
    shared, *own = (generator(protocol.seed, *names, part) for part in ("tasks", "first", "second"))
    tables = (first, second)
    measurers = [Measurer(table, protocol) for table in tables]
    parts: tuple[list[Measures], list[Measures]] = ([], [])
    for draws in chunks(protocol.draws, len(first.runs) + len(second.runs)):
        tasks = task_counts(shared, first.family_of_task, draws)
        for table, rng, measurer, found in zip(tables, own, measurers, parts, strict=True):
            found.append(measurer.measure(outcome_counts(rng, tasks, table.task_of_group, table.runs)))
    return joined(parts[0]), joined(parts[1])


def mirrored_draws(first: Table, second: Table, protocol: EvaluationProtocol, *names: str) -> tuple[Measures, Measures]:
    """Return paired draws each of which is there both ways round.

    For two agents that nothing tells apart, neither their names nor their outcomes: which of them is called the first
    then changes no number. An odd number of draws becomes the next even one.
    """
    halved = replace(protocol, draws=(protocol.draws + 1) // 2)
    one, other = paired_draws(first, second, halved, *names)
    return joined([one, other]), joined([other, one])


def asked_for(rows: Sequence[RunRow], protocol: EvaluationProtocol) -> dict[Task, list[RunRow]]:
    """Return the rows of a split that counts by their tasks, without those that rounds did not ask for."""
    tasks: dict[Task, list[RunRow]] = defaultdict(list)
    for row in rows:
        if protocol.counts(row.split) and not row.not_asked_for:
            tasks[row.family, row.task_id].append(row)
    return tasks


def that_count(tasks: dict[Task, list[RunRow]], protocol: EvaluationProtocol) -> dict[Task, list[RunRow]]:
    """Return those rows of each task that count, and no task without any."""
    found = {task: [rows[place] for place in counted(rows, protocol)] for task, rows in tasks.items()}
    return {task: rows for task, rows in found.items() if rows}


def one_version(rows: Sequence[RunRow]) -> bool:
    """Whether all rows are of one version and one hash of the family; one that is not stated agrees with any."""
    versions = {row.task_version for row in rows} - {None}
    hashes = {row.family_hash for row in rows} - {None}
    return len(versions) <= 1 and len(hashes) <= 1


def _ids(tasks: set[Task]) -> tuple[str, ...]:
    return tuple(sorted(task_id for _, task_id in tasks))


def _joint(first: Table, second: Table) -> dict[Task, tuple[Content, Content]]:
    one, other = _contents(first), _contents(second)
    return {task: (one[task], other[task]) for task in one}


def _contents(table: Table) -> dict[Task, Content]:
    groups: list[list[tuple[float, ...]]] = [[] for _ in table.tasks]
    minutes = np.where(np.isnan(table.minutes), np.inf, table.minutes)  # a NaN has no place in an order
    columns = (minutes, table.score, table.success, table.weight, table.took_place, table.runs)
    for task, *content in zip(table.task_of_group.tolist(), *(column.tolist() for column in columns), strict=True):
        groups[task].append(tuple(content))
    return {task: tuple(content) for task, content in zip(_tasks(table), groups, strict=True)}


def _tasks(table: Table) -> list[Task]:
    return list(zip(table.families, table.tasks, strict=True))


def _members(joint: dict[Task, tuple[Content, Content]]) -> dict[str, list[Task]]:
    """Return the tasks of each family, sorted by what is held of them."""
    members: dict[str, list[Task]] = defaultdict(list)
    for task in sorted(joint, key=joint.__getitem__):
        members[task[0]].append(task)
    return members


def _reordered(table: Table, order: Sequence[Task], place_of_family: dict[str, int]) -> Table:
    """Return a table with its tasks in *order* and its families numbered anew."""
    known = {task: index for index, task in enumerate(_tasks(table))}
    tasks: IntArray = np.array([known[task] for task in order], dtype=np.int64)
    task_of_group = np.empty(len(tasks), dtype=np.int64)
    task_of_group[tasks] = np.arange(len(tasks))
    task_of_group = task_of_group[table.task_of_group]
    groups = np.argsort(task_of_group, kind="stable")
    return replace(
        table,
        tasks=tuple(task_id for _, task_id in order),
        families=tuple(family for family, _ in order),
        family_of_task=np.array([place_of_family[family] for family, _ in order], dtype=np.int64),
        task_of_group=task_of_group[groups],
        runs=table.runs[groups],
        weight=table.weight[groups],
        score=table.score[groups],
        success=table.success[groups],
        minutes=table.minutes[groups],
        took_place=table.took_place[groups],
        mark=table.mark[groups],
    )
