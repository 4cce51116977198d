"""What the commands about read runs have in common: the session, its labels, and the corrected numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol.elicitation import elicit
from pytest_metr.report.labels import Labels, agreements, findings, read_labels, stale_words
from pytest_metr.report.reading import WholeSession, read_session
from pytest_metr.scoring import rows_by_agent
from pytest_metr.types import (
    AgentResult,
    Agreement,
    Elicitation,
    EvaluationProtocol,
    Finding,
    Guidance,
    GuidedRuns,
    RunRecord,
    RunRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A session and what its readers say of it.

    :param findings: by run id.
    """

    session: WholeSession
    labels: Labels
    findings: Mapping[str, Finding]

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the labels, as sentences."""
        stale = {label.run_id for label in stale_words(self.labels.labels, self.session.scores)}
        runs = "1 run" if len(stale) == 1 else f"{len(stale)} runs"
        told = f"labels of {runs} do not count: gone, or scored otherwise than when they were given"
        return [*self.labels.notes, *([told] if stale else [])]

    def agreements_on(self, agents: Collection[str]) -> tuple[Agreement, ...]:
        """Return how far readers agree on the runs of some agents; of none named, on those of all."""
        runs = [run for run in self.session.runs if run.own and (not agents or run.agent in agents)]
        return agreements(self.labels.labels, {run.run_id: run.score for run in runs})


def read_labelled(folder: Path) -> Labelled:
    """Return a session with its labels.

    :raises UsageMistake: where it is no session with a report.
    :raises OSError: where its labels cannot be read.
    """
    session, labels = read_session(folder), read_labels(folder)
    return Labelled(session=session, labels=labels, findings=findings(labels.labels, session.scores))


def only_session(paths: Sequence[Path], option: str) -> Path:
    """Return the folder of the one session that is asked about: labels stand beside their session.

    :raises UsageMistake: where there are several, or it is no folder.
    """
    if len(paths) != 1 or not paths[0].is_dir():
        raise UsageMistake("expected the folder of one session, which its labels stand beside", key=option)
    return paths[0]


def elicit_agents(
    rows: Sequence[RunRow],
    protocol: EvaluationProtocol,
    labelled: Labelled,
    measured: Sequence[AgentResult],
    *,
    guided: Sequence[Path] = (),
) -> tuple[Elicitation, ...]:
    """Return the corrected numbers of agents.

    :param rows: of all agents.
    :param measured: what the protocol says of those that are asked for.
    :param guided: folders of sessions with guided runs.
    :raises UsageMistake: where the rows have no such numbers, or a folder is no session of guided runs of these agents.
    """
    asked = [result.agent for result in measured]
    own = rows_by_agent(rows)
    again = [run for folder in {path.resolve(): path for path in guided}.values() for run in _guided_of(folder, asked)]
    return tuple(
        elicit(
            own[result.agent],
            protocol,
            measured=result,
            findings=labelled.findings,
            samples=labelled.labels.samples,
            guided=[runs for name, runs in again if name == result.agent],
        )
        for result in measured
    )


def _guided_of(folder: Path, agents: Sequence[str]) -> list[tuple[str, GuidedRuns]]:
    found = guided_runs(folder)
    names = dict.fromkeys(name for name, _ in found)
    if not any(name in agents for name in names):
        message = f"expected guided runs of {', '.join(agents)}, found those of {', '.join(names)}"
        raise UsageMistake(message, key="--guided")
    return found


def guided_runs(folder: Path) -> list[tuple[str, GuidedRuns]]:
    """Return the agents of a session of guided runs, and what became of each one's runs with each fix.

    :raises UsageMistake: where it is no session, or none of its runs is guided.
    """
    session = read_session(folder)
    found: dict[tuple[str, Guidance], list[RunRecord]] = {}
    for run in session.runs:
        if run.guidance is not None and run.score is not None:
            found.setdefault((run.agent, run.guidance), []).append(run)
    if not found:
        raise UsageMistake("expected a session of guided runs (--metr-guided), found none with a score", file=folder)
    return [(agent, _guided(guidance, runs, folder)) for (agent, guidance), runs in found.items()]


def _guided(guidance: Guidance, runs: Sequence[RunRecord], folder: Path) -> GuidedRuns:
    return GuidedRuns(
        fix=guidance.fix,
        why=guidance.why,
        tasks=tuple(sorted({run.task_id for run in runs})),
        runs=len(runs),
        successes=sum(run.success is True for run in runs),
        source=str(folder),
    )
