"""The tasks that several agents have runs of, for a chain of comparisons that adds up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_metr.protocol.pairing import Task, asked_for, one_version, that_count
from pytest_metr.types import EvaluationProtocol, NotCompared, RunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonTasks:
    """What is compared.

    :param tasks: how many tasks that is.
    :param rows: of each step the rows of these tasks, those without a score among them.
    :param not_compared: all other tasks that the protocol counts, sorted by id.
    """

    tasks: int
    rows: tuple[tuple[RunRow, ...], ...]
    not_compared: tuple[NotCompared, ...]


def common_tasks(
    steps: Sequence[tuple[str, Sequence[RunRow]]], protocol: EvaluationProtocol, *, same_versions_only: bool
) -> CommonTasks:
    """Return the rows of the tasks that every step has runs of that count.

    :param steps: the name of each step with all of its rows.
    :param same_versions_only: leave out the tasks whose version or family hash is not one and the same in all steps;
        else they are compared, and named all the same.
    """
    names = [name for name, _ in steps]
    asked = [asked_for(rows, protocol) for _, rows in steps]
    kept = [that_count(tasks, protocol) for tasks in asked]
    everywhere = set(kept[0]).intersection(*kept[1:])
    others = {task for task in everywhere if not one_version([row for tasks in kept for row in tasks[task]])}
    compared = everywhere - others if same_versions_only else everywhere
    left_out = [NotCompared(task_id=task[1], reason="other_versions") for task in others]
    for task in set().union(*asked) - everywhere:
        left_out += _lacking(task, names, asked, kept)
    return CommonTasks(
        tasks=len(compared),
        rows=tuple(tuple(row for row in rows if (row.family, row.task_id) in compared) for _, rows in steps),
        not_compared=tuple(sorted(left_out, key=lambda task: (task.task_id, task.reason))),
    )


def _lacking(
    task: Task,
    names: Sequence[str],
    asked: Sequence[dict[Task, list[RunRow]]],
    kept: Sequence[dict[Task, list[RunRow]]],
) -> Iterator[NotCompared]:
    without = tuple(name for name, tasks in zip(names, asked, strict=True) if task not in tasks)
    unscored = tuple(
        name for name, own, scored in zip(names, asked, kept, strict=True) if task in own and task not in scored
    )
    if without:
        yield NotCompared(task_id=task[1], reason="no_runs", steps=without)
    if unscored:
        yield NotCompared(task_id=task[1], reason="no_score", steps=unscored)
