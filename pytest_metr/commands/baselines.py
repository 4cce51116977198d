"""How long people took for tasks: the runs of agents of the kind ``human``, and what to put into a manifest."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.commands.answer import Answer, json_lines
from pytest_metr.report import journal_of, read_journal
from pytest_metr.report.layout import format_table
from pytest_metr.reporting import read_past
from pytest_metr.texts import printable
from pytest_metr.types import AgentSpec, Record, RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting(Record):
    """One attempt of a person.

    :param person: as the agent's file names them, else the agent's name.
    :param minutes: their time; breaks, setting up and scoring are not in it.
    :param success: whether the score is above the task's threshold; None where it has none.
    """

    task_id: str
    task_version: str | None
    person: str
    minutes: float
    score: float | None
    success: bool | None
    status: str
    completed_at: str
    run_id: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline(Record):
    """What the attempts at one task come to.

    :param minutes: the geometric mean of the successful ones, as METR takes it; None where none was.
    """

    task_id: str
    attempts: int
    successes: int
    minutes: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baselines(Record):
    """The attempts of people in some sessions."""

    tasks: tuple[Baseline, ...]
    attempts: tuple[Sitting, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("sessions", nargs="+", type=Path, metavar="DIR", help="the folders of sessions")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Show the attempts and the times they come to; the status is 1 where there are none.

    :raises UsageMistake: where a folder is no session's.
    """
    attempts = [sitting for folder in arguments.sessions for sitting in _sittings(folder)]
    baselines = Baselines(tasks=_baselines(attempts), attempts=tuple(attempts))
    lines = json_lines("baselines", baselines.to_json()) if arguments.json else _lines(baselines)
    return Answer(lines=lines, status=0 if attempts else 1)


def _sittings(folder: Path) -> Iterable[Sitting]:
    facts = read_journal(journal_of(folder)).facts
    agents = [AgentSpec.from_json(agent) for agent in facts.get("agents", ())]
    people = {agent.name: str(agent.settings.get("person") or agent.name) for agent in agents if agent.kind == "human"}
    for record in read_past(folder).records:
        if record.agent in people and record.settled:
            yield _sitting(record, people[record.agent], folder)


def _sitting(record: RunRecord, person: str, folder: Path) -> Sitting:
    return Sitting(
        task_id=record.task_id,
        task_version=record.task_version,
        person=person,
        minutes=record.usage.seconds / 60,
        score=record.score,
        success=record.success,
        status=record.status,
        completed_at=record.completed_at,
        run_id=record.run_id,
        session=str(folder),
    )


def _baselines(attempts: Sequence[Sitting]) -> tuple[Baseline, ...]:
    found = []
    for task_id in sorted({sitting.task_id for sitting in attempts}):
        own = [sitting for sitting in attempts if sitting.task_id == task_id]
        times = [sitting.minutes for sitting in own if sitting.success and sitting.minutes > 0]
        mean = math.exp(math.fsum(map(math.log, times)) / len(times)) if times else None
        found.append(Baseline(task_id=task_id, attempts=len(own), successes=len(times), minutes=mean))
    return tuple(found)


def _lines(baselines: Baselines) -> list[str]:
    if not baselines.attempts:
        return ["no attempts of people"]
    rows = [
        [
            s.task_id.ljust(24),
            s.person,
            f"{s.minutes:.1f}",
            "-" if s.score is None else f"{s.score:.3f}",
            s.completed_at,
        ]
        for s in baselines.attempts
    ]
    table = format_table(["task", "person", "minutes", "score", "completed"], [[*map(printable, row)] for row in rows])
    means = [
        [task.task_id.ljust(24), str(task.attempts), str(task.successes), _minutes(task.minutes)]
        for task in baselines.tasks
    ]
    means = [[*map(printable, row)] for row in means]
    return [
        *table,
        "",
        *format_table(["task", "attempts", "successes", "human_minutes"], means),
        "",
        "human_minutes: the geometric mean of the successful attempts; in a manifest with human_source: baseline",
    ]


def _minutes(minutes: float | None) -> str:
    return "-" if minutes is None else f"{minutes:.3g}"
