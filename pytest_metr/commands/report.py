"""A page to look at, of one session or of two."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

from pytest_metr.commands.answer import Answer
from pytest_metr.commands.labelled import Labelled, elicit_agents, read_labelled
from pytest_metr.commands.runs import (
    add_any_version,
    add_guided,
    add_protocol,
    choose_protocol,
    only_agent,
    require_agents,
)
from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import compare_agents
from pytest_metr.report import writing
from pytest_metr.report.flags import red_flags
from pytest_metr.report.html import Content, Side, write_file, write_folder
from pytest_metr.report.labels import LABELS_FILE
from pytest_metr.report.reading import RunSet, read_runs
from pytest_metr.report.reading.runset import JOURNAL, REPORT
from pytest_metr.scoring import score_rows
from pytest_metr.types import Comparison, EvaluationProtocol

_MOST_SESSIONS = 2
_ONE_FILE = (".html", ".htm")
_PIECE = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="DIR", help="the folder of a session, or of one before and one after"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("report.html"),
        metavar="PATH",
        help="a file (.html), or a folder with an index.html (default: report.html)",
    )
    parser.add_argument("--agents", nargs=2, metavar=("BEFORE", "AFTER"), help="the agents to compare")
    add_guided(parser, "tell of the guided runs of this session too, beside those of the one session")
    add_any_version(parser)
    add_protocol(parser)


def run(arguments: argparse.Namespace) -> Answer:
    """Make the page.

    :raises UsageMistake: where sessions, protocol or agents are not to be had, or the page cannot be written.
    """
    folders: Sequence[Path] = arguments.folders
    if len(folders) > _MOST_SESSIONS:
        raise UsageMistake(f"expected the folder of one session, or of one before and one after, found {len(folders)}")
    if arguments.guided and len(folders) > 1:
        raise UsageMistake("expected one session with it, whose runs were made again", key="--guided")
    sessions = [read_labelled(folder) for folder in folders]
    read = [read_runs([folder]) for folder in folders]
    protocol = choose_protocol(arguments, [source for runs in read for source in runs.sources])
    content = Content(
        sides=tuple(
            _side(labelled, runs, protocol, arguments.guided) for labelled, runs in zip(sessions, read, strict=True)
        ),
        comparison=_comparison(arguments, read, protocol),
        notes=tuple(note for labelled in sessions for note in labelled.notes),
    )
    output: Path = arguments.output
    write = write_file if output.suffix.lower() in _ONE_FILE else write_folder
    with writing(output, "--output"):
        write(content, output)
    index = output if write is write_file else output / "index.html"
    count = sum(len(side.session.runs) for side in content.sides)
    return Answer(lines=[f"{index}: {count} runs"])


def _side(labelled: Labelled, runs: RunSet, protocol: EvaluationProtocol, guided: Sequence[Path]) -> Side:
    scores = score_rows(runs.rows, protocol, sources=runs.paths, broken_families=runs.broken_families)
    told = labelled.findings or guided
    elicited = elicit_agents(runs.rows, protocol, labelled, scores.agents, guided=guided) if told else ()
    by_agent = {elicitation.agent: elicitation for elicitation in elicited}
    own = [run for run in labelled.session.runs if run.own]
    flags = {
        agent: red_flags([run for run in own if run.agent == agent], labelled.findings, by_agent.get(agent))
        for agent in runs.agents
    }
    return Side(
        session=labelled.session,
        scores=scores,
        findings=labelled.findings,
        agreements=labelled.agreements_on(()),
        elicitations=by_agent,
        flags=flags,
        digests=_digests(labelled.session.folder),
    )


def _comparison(
    arguments: argparse.Namespace, read: Sequence[RunSet], protocol: EvaluationProtocol
) -> Comparison | None:
    """Return how two agents differ: those that are named, else the only one of each of two sessions."""
    before, after = read[0], read[-1]
    if arguments.agents is not None:
        names = arguments.agents
        require_agents(names[:1], before.agents, "--agents")
        require_agents(names[1:], after.agents, "--agents")
    elif before is after:
        return None
    else:
        names = [only_agent(before), only_agent(after)]
    rows = (before.of_agents(names[:1]), after.of_agents(names[1:]))
    return compare_agents(*rows, protocol, same_versions_only=not arguments.any_version)


def _digests(folder: Path) -> dict[str, str]:
    digests = {}
    for name in (REPORT, JOURNAL, LABELS_FILE):
        path = folder / name
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.sha256()
                while piece := file.read(_PIECE):
                    digest.update(piece)
            digests[name] = digest.hexdigest()
    return digests
