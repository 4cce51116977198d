"""What only the folder of a session knows of its runs: their score logs, and what they used."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from pytest_metr.errors import UsageMistake
from pytest_metr.report import load_plan
from pytest_metr.report.reading import read_session
from pytest_metr.types import RunRow, UsagePerRun

_PLAN = "plan.json"


class SessionRecords:
    """The records of a session.

    :param folder: of the session, with a report.
    :raises UsageMistake: where the report cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._records = {(run.agent, run.run_id): run for run in read_session(folder).runs if run.own}

    def usage(self, row: RunRow) -> UsagePerRun:
        """Return what a run used."""
        used = self._records[row.agent, row.run_id].usage
        return UsagePerRun(seconds=used.seconds, tokens=used.tokens, cost=used.cost)

    def visible_log(self, row: RunRow) -> tuple[float, ...]:
        """Return the scores in a run's log, as far as its agent could see them: none where its task does not let it.

        :raises UsageMistake: where the folder has no plan with the task, which says whether it does.
        """
        shown = self._shown.get(row.task_id)
        if shown is None:
            message = f"expected the plan of the session's runs, found none of the task {row.task_id}"
            raise UsageMistake(message, file=self._folder / _PLAN, key="runs")
        if not shown:
            return ()
        return tuple(entry.score for entry in self._records[row.agent, row.run_id].intermediate_scores)

    @cached_property
    def _shown(self) -> dict[str, bool]:
        try:
            plan = load_plan(self._folder / _PLAN)
        except OSError as error:
            message = f"cannot be read, and only there it says which tasks show their scores: {error.strerror}"
            raise UsageMistake(message, file=self._folder / _PLAN) from None
        return {planned.task.id: planned.task.scoring.visible_to_agent for planned in plan.runs}


def together(used: Sequence[UsagePerRun]) -> UsagePerRun:
    """Return what several runs used together."""
    return UsagePerRun(
        seconds=math.fsum(each.seconds for each in used),
        tokens=_sum([each.tokens for each in used]),
        cost=_sum([each.cost for each in used]),
    )


def _sum(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return math.fsum(known) if len(known) == len(numbers) else None
