"""Folders of sessions with score logs, as a study reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pytest_metr.report import write_json
from pytest_metr.types import AgentSpec, Plan, ScoreEntry, Scoring, Usage
from tests.unit.report.reading import report, report_run, write_report
from tests.unit.report.records import make_plan, make_record, make_task


class Run(NamedTuple):
    """A run: its final score, and the scores in its log."""

    score: float
    log: Sequence[float] = ()


def entry(score: float, place: int) -> ScoreEntry:
    return ScoreEntry(score=score, scored_at="2025-03-01T12:00:00.000Z", elapsed_seconds=float(place))


def write_session(
    folder: Path, runs: Mapping[str, Sequence[Run]], *, agent: str = "tuned", hidden: Sequence[str] = (), **more: Any
) -> Path:
    """Write the folder of a session: for each task the runs of an agent, which used 10 s and 100 tokens each.

    :param hidden: the tasks that do not show the agent their scores.
    """
    planned, records = [], []
    for task_id, of_task in runs.items():
        task = make_task(task_id, scoring=Scoring(visible_to_agent=task_id not in hidden))
        for number, run in enumerate(of_task, start=1):
            plan = make_plan(task, number, agent)
            log = tuple(entry(score, place) for place, score in enumerate(run.log))
            usage = Usage(seconds=10.0, tokens=100)
            planned.append(plan)
            records.append(make_record(plan, score=run.score, intermediate_scores=log, usage=usage))
    document = report(*map(report_run, records), agents=[AgentSpec(name=agent, kind="command")], **more)
    write_report(folder, document)
    write_json(folder / "plan.json", Plan(runs=tuple(planned)).to_json())
    return folder


def write_study(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file
