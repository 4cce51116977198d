"""The runs of a study's steps, and the runs that are chosen of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.impact.session_records import SessionRecords, together
from pytest_metr.impact.study import Study, StudyStep
from pytest_metr.protocol.best_of import Attempt, Chosen, choose_best
from pytest_metr.protocol.impact import Step
from pytest_metr.report.reading import RunSet, Source, read_runs
from pytest_metr.scoring import measured_agents
from pytest_metr.texts import none_of
from pytest_metr.types import RunRow, UsagePerRun


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSteps:
    """The steps of a study with their runs.

    :param sources: everything that was read, each once.
    :param notes: what a reader must know about the sources, each with the name of its source.
    """

    steps: tuple[Step, ...]
    sources: tuple[Source, ...]
    notes: tuple[str, ...]


def read_steps(study: Study) -> ReadSteps:
    """Read the runs of each step.

    :raises UsageMistake: where runs cannot be read, or a step's agent is not among them, or is not the only one;
        where a best of n is asked for of runs whose score logs are not to be had, or of too few.
    """
    reader = _Reader(study)
    steps: dict[str, Step] = {}
    for step in study.steps:
        steps[step.name] = reader.best_of(step, steps[step.best_of]) if step.best_of else reader.step(step)
    sources = {source.path: source for runs in reader.read.values() for source in runs.sources}
    notes = dict.fromkeys(note for runs in reader.read.values() for note in (*runs.notes, *_broken(runs)))
    return ReadSteps(steps=tuple(steps.values()), sources=tuple(sources.values()), notes=tuple(notes))


class _Reader:
    """Reads what several steps name together once."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._sessions: dict[str, SessionRecords] = {}
        self.read: dict[tuple[Path, ...], RunSet] = {}

    def step(self, step: StudyStep) -> Step:
        runs = self._runs(step)
        agent = self._agent(step, runs)
        own = [(source, row) for source, row in _with_sources(runs) if row.agent == agent]
        usage = {
            row.place: self._session(source).usage(row)
            for source, row in own
            if source.kind == "session" and row.place is not None
        }
        return Step(name=step.name, rows=tuple(row for _, row in own), usage=usage, sources=runs.paths)

    def best_of(self, step: StudyStep, of: Step) -> Step:
        agent = of.rows[0].agent
        runs = self._runs(next(other for other in self._study.steps if other.name == step.best_of))
        for source in runs.sources:
            if source.kind != "session":
                expected = f"expected a step of folders of sessions with a report.json, found {source.path}"
                raise self._study.mistake(step, "best_of.step", f"{expected}: only there are logs to choose by")
        attempts = [
            Attempt(row=row, log=self._session(source).visible_log(row), session=runs.sources.index(source))
            for source, row in _with_sources(runs)
            if row.agent == agent
        ]
        chosen = choose_best(attempts, step.n, agent=f"{agent}+best{step.n}", step=step.best_of)
        if not chosen.summary.groups:
            message = f"expected a task with at least {step.n} runs in the step {step.best_of!r}, found none"
            raise self._study.mistake(step, "best_of.n", message)
        usage = _usage_of_groups(chosen, of)
        return Step(name=step.name, rows=chosen.rows, best_of=chosen.summary, usage=usage, sources=of.sources)

    def _runs(self, step: StudyStep) -> RunSet:
        if step.runs not in self.read:
            self.read[step.runs] = read_runs(step.runs)
        return self.read[step.runs]

    def _session(self, source: Source) -> SessionRecords:
        if source.path not in self._sessions:
            self._sessions[source.path] = SessionRecords(Path(source.path))
        return self._sessions[source.path]

    def _agent(self, step: StudyStep, runs: RunSet) -> str:
        if step.agent is not None:
            if step.agent not in runs.agents:
                raise self._study.mistake(step, "agent", none_of(runs.agents, step.agent))
            return step.agent
        names = measured_agents(runs.rows)
        if len(names) > 1:
            message = f"missing; expected one of {', '.join(names)}, since the runs are of several agents"
            raise self._study.mistake(step, "agent", message)
        return names[0]


def _broken(runs: RunSet) -> Iterator[str]:
    for source in runs.sources:
        if source.broken_families:
            families = "1 family" if source.broken_families == 1 else f"{source.broken_families} families"
            yield f"{source.path}: {families} could not be read, so that the tasks are missing"


def _with_sources(runs: RunSet) -> Iterator[tuple[Source, RunRow]]:
    """Yield each row with the source that it is from: the rows stand in the order of the sources."""
    rows = iter(runs.rows)
    for source in runs.sources:
        for _ in range(source.rows):
            yield source, next(rows)


def _usage_of_groups(chosen: Chosen, of: Step) -> dict[str, UsagePerRun]:
    """Return for each chosen run, by its place, what all runs of its group used."""
    return {
        row.place: together([of.usage[each.place] for each in group if each.place is not None])
        for row, group in zip(chosen.rows, chosen.groups, strict=True)
        if row.place is not None
    }
