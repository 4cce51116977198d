"""A report on the elicitation of an agent, in Markdown."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pytest_metr.commands.answer import Answer, json_lines
from pytest_metr.commands.labelled import Labelled, elicit_agents, read_labelled
from pytest_metr.commands.output import write_output
from pytest_metr.commands.runs import add_guided, add_protocol, choose_protocol, require_agents
from pytest_metr.errors import UsageMistake
from pytest_metr.protocol.competence import BASIC, basic_competence
from pytest_metr.report.elicitation_report import Elicited, elicitation_markdown, runs_by_split
from pytest_metr.report.flags import red_flags
from pytest_metr.report.reading import RunSet, read_runs
from pytest_metr.scoring import measured_agents, score_rows
from pytest_metr.types import AgentSpec, Competence, EvaluationProtocol, RunRow


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
    add_guided(parser, "tell of the guided runs of this session too")
    add_protocol(parser)
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="write the report here (default: print it)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Report on an agent.

    :raises UsageMistake: where session, agent or protocol are not to be had, or the report cannot be written.
    """
    _spare_session(arguments.out, arguments.folder)
    labelled, runs = read_labelled(arguments.folder), read_runs([arguments.folder])
    name = _only_agent(arguments.agent, runs, "--agent")
    protocol = choose_protocol(arguments, runs.sources)
    elicited = _elicited(labelled, runs, name, protocol, arguments)
    lines = (
        json_lines("elicitation", elicited.to_json()) if arguments.json else elicitation_markdown(elicited).splitlines()
    )
    if arguments.out is None:
        return Answer(lines=lines)
    text = "".join(f"{line}\n" for line in lines)
    write_output(arguments.out, text, "--out")
    return Answer(lines=[f"{arguments.out}: {len(elicited.flags)} red flags; to be read and signed"])


def _spare_session(out: Path | None, folder: Path) -> None:
    """Refuse to write over what the session itself has left: those are the only files with these suffixes.

    :raises UsageMistake: where the report would stand in the place of one.
    """
    if out is None or out.suffix not in (".json", ".jsonl") or not out.exists():
        return
    if out.resolve().is_relative_to(folder.resolve()):
        raise UsageMistake("expected a file that is none of the session's", file=out, key="--out")


def _elicited(
    labelled: Labelled, runs: RunSet, name: str, protocol: EvaluationProtocol, arguments: argparse.Namespace
) -> Elicited:
    session = labelled.session
    own = [run for run in session.runs if run.agent == name and run.own]
    ids = {run.run_id for run in own}
    [result] = score_rows(
        runs.rows, protocol, agents=[name], sources=runs.paths, broken_families=runs.broken_families
    ).agents
    [elicitation] = elicit_agents(runs.rows, protocol, labelled, [result], guided=arguments.guided)
    spec = next((spec for spec in session.info.agents if spec.name == name), AgentSpec(name=name, kind="unknown"))
    return Elicited(
        agent=spec,
        session=str(session.folder),
        started_at=session.info.started_at,
        ended_at=session.info.ended_at,
        protocol=protocol,
        runs=runs_by_split(own),
        not_frozen=sum(run.agent_frozen is False for run in own),
        result=result,
        elicitation=elicitation,
        findings=tuple(finding for run_id, finding in labelled.findings.items() if run_id in ids),
        samples=tuple(sample for sample in labelled.labels.samples if sample.agent == name),
        agreements=labelled.agreements_on([name]),
        flags=red_flags(own, labelled.findings, elicitation),
        competence=_competence(runs.of_agents([name]), protocol, arguments),
        notes=(*runs.notes, *labelled.notes),
    )


def _only_agent(given: str | None, runs: RunSet, option: str) -> str:
    if given is not None:
        require_agents([given], runs.agents, option)
        return given
    names = measured_agents(runs.rows)
    if len(names) != 1:
        raise UsageMistake(f"expected one of {', '.join(names)}", key=option)
    return names[0]


def _competence(
    rows: Sequence[RunRow], protocol: EvaluationProtocol, arguments: argparse.Namespace
) -> Competence | None:
    """Compare with an earlier agent on basic tasks; None where nobody has named one.

    :raises UsageMistake: where the earlier agent has no runs of the same basic tasks.
    """
    if arguments.earlier is None:
        if arguments.earlier_agent is not None:
            raise UsageMistake("expected --earlier PATH with it", key="--earlier-agent")
        return None
    runs = read_runs([arguments.earlier])
    name = _only_agent(arguments.earlier_agent, runs, "--earlier-agent")
    competence = basic_competence(runs.of_agents([name]), rows, protocol)
    if competence is None:
        basic = f"runs of tasks of up to {BASIC:g} human minutes"
        message = f"expected {basic}, in the same versions as those of {rows[0].agent}"
        raise UsageMistake(message, file=arguments.earlier)
    return competence
