"""A report on the elicitation of an agent, in Markdown."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pytest_metr.commands.answer import Answer, json_lines
from pytest_metr.commands.labelled import Labelled, elicit_agents, read_labelled
from pytest_metr.commands.runs import add_protocol, choose_protocol, require_agents
from pytest_metr.errors import UsageMistake
from pytest_metr.gate import CONTROL_KINDS
from pytest_metr.protocol import compare_agents
from pytest_metr.report import write_bytes
from pytest_metr.report.elicitation_report import Elicited, elicitation_markdown, runs_by_split
from pytest_metr.report.flags import red_flags
from pytest_metr.report.reading import RunSet, read_runs
from pytest_metr.scoring import score_rows
from pytest_metr.types import AgentSpec, Competence, EvaluationProtocol, RunRow

#: Human minutes up to which a task counts as basic: METR's brackets few_minutes and several_minutes.
BASIC = 15.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the session")
    parser.add_argument("--agent", metavar="NAME", help="the agent, where the session has several")
    parser.add_argument(
        "--earlier",
        type=Path,
        metavar="PATH",
        help="runs of an earlier agent, which must not be better on basic tasks",
    )
    parser.add_argument("--earlier-agent", metavar="NAME", help="its name, where there are several")
    parser.add_argument(
        "--guided", action="append", default=[], type=Path, metavar="DIR", help="sessions of guided runs"
    )
    add_protocol(parser)
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="write the report here (default: print it)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Report on an agent.

    :raises UsageMistake: where session, agent or protocol are not to be had.
    :raises OSError: where the report cannot be written.
    """
    labelled, runs = read_labelled(arguments.folder), read_runs([arguments.folder])
    name = _only_agent(arguments.agent, runs, "--agent")
    protocol = choose_protocol(arguments, runs.sources)
    elicited = _elicited(labelled, runs, name, protocol, arguments)
    if arguments.json:
        return Answer(lines=json_lines("elicitation", elicited.to_json()))
    text = elicitation_markdown(elicited)
    if arguments.out is None:
        return Answer(lines=text.splitlines())
    write_bytes(arguments.out, text.encode("utf-8", "backslashreplace"))
    return Answer(lines=[f"{arguments.out}: {len(elicited.flags)} red flags; to be read and signed"])


def _elicited(
    labelled: Labelled, runs: RunSet, name: str, protocol: EvaluationProtocol, arguments: argparse.Namespace
) -> Elicited:
    session = labelled.session
    own = [run for run in session.runs if run.agent == name and run.own]
    ids = {run.run_id for run in own}
    [elicitation] = elicit_agents(runs.rows, protocol, labelled, agents=[name], guided=arguments.guided)
    [result] = score_rows(
        runs.rows, protocol, agents=[name], sources=runs.paths, broken_families=runs.broken_families
    ).agents
    spec = next((spec for spec in session.info.agents if spec.name == name), AgentSpec(name=name, kind="unknown"))
    return Elicited(
        agent=spec,
        session=str(session.folder),
        started_at=session.info.started_at,
        ended_at=session.info.ended_at,
        protocol=protocol,
        runs=runs_by_split(own),
        result=result,
        elicitation=elicitation,
        findings=tuple(finding for run_id, finding in labelled.findings.items() if run_id in ids),
        samples=tuple(sample for sample in labelled.labels.samples if sample.agent == name),
        agreements=labelled.agreements,
        flags=red_flags(own, labelled.findings, elicitation),
        competence=_competence(runs.of_agents([name]), protocol, arguments),
        notes=(*runs.notes, *labelled.notes),
    )


def _only_agent(given: str | None, runs: RunSet, option: str) -> str:
    if given is not None:
        require_agents([given], runs, option)
        return given
    controls = {row.agent for row in runs.rows if row.agent_kind in CONTROL_KINDS}
    names = [name for name in runs.agents if name not in controls]
    if len(names) != 1:
        raise UsageMistake(f"expected one of {', '.join(names or runs.agents)}", key=option)
    return names[0]


def _competence(
    rows: Sequence[RunRow], protocol: EvaluationProtocol, arguments: argparse.Namespace
) -> Competence | None:
    """Compare with an earlier agent on basic tasks.

    :raises UsageMistake: where the earlier agent has no runs.
    """
    if arguments.earlier is None:
        if arguments.earlier_agent is not None:
            raise UsageMistake("expected --earlier PATH with it", key="--earlier-agent")
        return None
    runs = read_runs([arguments.earlier])
    name = _only_agent(arguments.earlier_agent, runs, "--earlier-agent")
    before, after = _basic(runs.of_agents([name])), _basic(rows)
    if not before or not after:
        raise UsageMistake(f"expected runs of tasks of up to {BASIC:g} human minutes", file=arguments.earlier)
    comparison = compare_agents(before, after, protocol)
    change = comparison.change("overall_score")
    assert change is not None
    worse, compared = _worse(before, after)
    return Competence(
        earlier=name, at_most=BASIC, tasks=len(compared), worse=tuple(worse), difference=change.difference
    )


def _basic(rows: Sequence[RunRow]) -> list[RunRow]:
    return [row for row in rows if row.human_minutes is not None and row.human_minutes <= BASIC]


def _worse(before: Sequence[RunRow], after: Sequence[RunRow]) -> tuple[list[str], list[str]]:
    """Return the tasks on which the success rate has fallen, and all that both have scores of."""
    rates = [_rates(rows) for rows in (before, after)]
    both = sorted(rates[0].keys() & rates[1].keys())
    return [task for task in both if rates[1][task] < rates[0][task]], both


def _rates(rows: Sequence[RunRow]) -> dict[str, float]:
    outcomes: dict[str, list[bool]] = {}
    for row in rows:
        if row.success is not None:
            outcomes.setdefault(row.task_id, []).append(row.success)
    return {task: sum(found) / len(found) for task, found in outcomes.items()}
