"""One run chosen of each few, by nothing but what the agent itself could see of how well it did.

Source: METR's guidelines for capability elicitation v0.1 count sampling several solutions and keeping the best one
among the enhancements that a developer could add after training.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pytest_metr.types import BestOf, RunRow

Choice = Literal["by_log", "tied", "without_log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A run that can be chosen.

    :param log: the scores in its log, in order of time; empty where the task shows the agent no scores.
    :param session: the place of its session among the sources.
    """

    row: RunRow
    log: tuple[float, ...] = ()
    session: int = 0

    @property
    def took_place(self) -> bool:
        """Whether it was an attempt of the agent's, or one that staging left out and that counts as a failure."""
        return self.row.status not in ("infra_error", "not_run") or self.row.zero_by_rule

    @property
    def last_valid(self) -> float | None:
        """The last finite score of the log: that of the work as the agent left it; None where there is none."""
        return next((score for score in reversed(self.log) if math.isfinite(score)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The runs of a derived agent.

    :param rows: the chosen ones; and those that never took place, for they are missing here as well.
    :param groups: for each row all rows that it was chosen from.
    """

    rows: tuple[RunRow, ...]
    groups: tuple[tuple[RunRow, ...], ...]
    summary: BestOf


def choose_best(attempts: Sequence[Attempt], n: int, *, agent: str, step: str) -> Chosen:
    """Return one run of each *n*: the one whose score log ends highest.

    The runs of a task are taken in the order of sessions and run numbers, *n* at a time. The final score is never
    looked at. Of equal ends the first one counts, and where no run of a group has a valid score in its log, its first
    run does. Runs of different versions of a task are in different groups. A recorded weight becomes that of the task,
    shared out among its groups.

    :param attempts: of one agent, in any order.
    :param agent: the name of the derived agent.
    :param step: the name of the step that the runs are of.
    """
    tasks: dict[tuple[str, ...], list[Attempt]] = defaultdict(list)
    lost = []
    for attempt in sorted(attempts, key=_order):
        if attempt.took_place:
            tasks[_task(attempt.row)].append(attempt)
        elif attempt.row.missing:
            lost.append(replace(attempt.row, agent=agent))
    rows, groups, choices, left_over = [], [], Counter[Choice](), 0
    for of_task in tasks.values():
        whole = len(of_task) // n
        left_over += len(of_task) - whole * n
        weight = _shared_weight(of_task, whole)
        for number in range(whole):
            group = of_task[number * n : (number + 1) * n]
            best, choice = _best(group)
            choices[choice] += 1
            rows.append(replace(best.row, agent=agent, run=number + 1, weight=weight))
            groups.append(tuple(attempt.row for attempt in group))
    counts = {choice: choices[choice] for choice in ("by_log", "tied", "without_log")}
    summary = BestOf(step=step, n=n, groups=len(rows), left_over=left_over, **counts)
    return Chosen(rows=(*rows, *lost), groups=(*groups, *((row,) for row in lost)), summary=summary)


def _best(group: Sequence[Attempt]) -> tuple[Attempt, Choice]:
    ends = [attempt.last_valid for attempt in group]
    highest = max((end for end in ends if end is not None), default=None)
    if highest is None:
        return group[0], "without_log"
    return group[ends.index(highest)], "by_log" if ends.count(highest) == 1 else "tied"


def _order(attempt: Attempt) -> tuple[int, float, str]:
    run = attempt.row.run
    return attempt.session, math.inf if run is None else run, attempt.row.run_id


def _task(row: RunRow) -> tuple[str, ...]:
    return row.family, row.task_id, row.task_version or "", row.family_hash or ""


def _shared_weight(attempts: Sequence[Attempt], groups: int) -> float | None:
    weights = [attempt.row.weight for attempt in attempts if attempt.row.weight is not None]
    return math.fsum(weights) / groups if weights and groups else None
