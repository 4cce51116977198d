"""What agents scored, side by side."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_metr.commands.answer import Answer, json_lines, terminal_width
from pytest_metr.commands.runs import add_guided, add_picture, add_protocol, choose_protocol, note_lines, require_agents
from pytest_metr.errors import UsageMistake
from pytest_metr.report.reading import RunSet, read_runs
from pytest_metr.report.results import result_lines
from pytest_metr.scoring import score_rows
from pytest_metr.types import ScoreResult

if TYPE_CHECKING:  # only some ask for a document, or for corrected scores
    from pytest_metr.commands.labelled import Labelled
    from pytest_metr.commands.score_document import ScoreDocument


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="folders of sessions, report.json or runs.jsonl files"
    )
    parser.add_argument("--agent", action="append", default=[], metavar="NAME", help="only this agent; may be repeated")
    add_protocol(parser)
    add_picture(parser)
    parser.add_argument(
        "--elicitation",
        action="store_true",
        help="show the numbers as well without spurious failures, and with these as successes, by the session's labels",
    )
    add_guided(parser, "with --elicitation, tell of the guided runs of this session too")
    parser.add_argument("-v", "--verbose", action="store_true", help="list tasks and passed checks as well")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Score the runs.

    :raises UsageMistake: where runs, protocol or agents are not to be had, or the runs have no such numbers.
    :raises OSError: where a picture cannot be written.
    """
    labelled = _labelled(arguments)
    runs = read_runs(arguments.paths)
    require_agents(arguments.agent, runs.agents, "--agent")
    protocol = choose_protocol(arguments, runs.sources)
    result = score_rows(
        runs.rows, protocol, agents=arguments.agent, sources=runs.paths, broken_families=runs.broken_families
    )
    for file in arguments.picture:
        draw(result, file)
    lines = [] if arguments.json else result_lines(result, width=terminal_width(), verbose=arguments.verbose)
    if labelled is None and not arguments.json:
        return Answer(lines=[*lines, *note_lines(runs.notes)])
    document = _document(result, runs, labelled, arguments)
    if arguments.json:
        return Answer(lines=json_lines("score", document.to_json()))
    return Answer(lines=[*lines, "", *_elicitation_lines(document), *note_lines(document.notes)])


def _labelled(arguments: argparse.Namespace) -> Labelled | None:
    if arguments.elicitation:
        from pytest_metr.commands.labelled import only_session, read_labelled

        return read_labelled(only_session(arguments.paths, "--elicitation"))
    if arguments.guided:
        raise UsageMistake("expected --elicitation with it", key="--guided")
    return None


def _document(
    result: ScoreResult, runs: RunSet, labelled: Labelled | None, arguments: argparse.Namespace
) -> ScoreDocument:
    from pytest_metr.commands.score_document import ScoreDocument

    if labelled is None:
        return ScoreDocument.extending(result, notes=runs.notes)
    from pytest_metr.commands.labelled import elicit_agents

    return ScoreDocument.extending(
        result,
        elicitation=elicit_agents(runs.rows, result.protocol, labelled, result.agents, guided=arguments.guided),
        agreements=labelled.agreements_on(arguments.agent),
        notes=(*runs.notes, *labelled.notes),
    )


def _elicitation_lines(document: ScoreDocument) -> list[str]:
    from pytest_metr.report.results.elicited import elicitation_lines

    return elicitation_lines(document.elicitation, width=terminal_width(), agreements=document.agreements)


def draw(result: ScoreResult, file: Path) -> None:
    """Draw a result.

    :raises UsageMistake: where matplotlib is missing, or the file has another suffix than ``.svg`` or ``.png``.
    :raises OSError: where the file cannot be written.
    """
    from pytest_metr.report.pictures import draw_overview

    draw_overview(result, file)
