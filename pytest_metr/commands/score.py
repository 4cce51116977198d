"""What agents scored, side by side."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.commands.answer import Answer, json_lines, terminal_width
from pytest_metr.commands.runs import add_protocol, choose_protocol, note_lines, require_agents
from pytest_metr.report.reading import read_runs
from pytest_metr.report.results import result_lines
from pytest_metr.scoring import score_rows
from pytest_metr.types import ScoreResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreDocument(ScoreResult):
    """What a protocol says of several agents, side by side.

    :param notes: what a reader must know about the sources.
    """

    notes: tuple[str, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="folders of sessions, report.json or runs.jsonl files"
    )
    parser.add_argument("--agent", action="append", default=[], metavar="NAME", help="only this agent; may be repeated")
    add_protocol(parser)
    parser.add_argument(
        "--picture",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="draw it: .svg or .png; may be repeated",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="list tasks and passed checks as well")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Score the runs.

    :raises UsageMistake: where runs, protocol or agents are not to be had, or the runs have no such numbers.
    :raises OSError: where a picture cannot be written.
    """
    runs = read_runs(arguments.paths)
    require_agents(arguments.agent, runs, "--agent")
    protocol = choose_protocol(arguments, runs.sources)
    result = score_rows(
        runs.rows, protocol, agents=arguments.agent, sources=runs.paths, broken_families=runs.broken_families
    )
    for file in arguments.picture:
        draw(result, file)
    if arguments.json:
        return Answer(lines=json_lines("score", {**result.to_json(), "notes": list(runs.notes)}))
    lines = result_lines(result, width=terminal_width(), verbose=arguments.verbose)
    return Answer(lines=[*lines, *note_lines(runs)])


def draw(result: ScoreResult, file: Path) -> None:
    """Draw a result.

    :raises UsageMistake: where matplotlib is missing, or the file has another suffix than ``.svg`` or ``.png``.
    :raises OSError: where the file cannot be written.
    """
    from pytest_metr.report.pictures import draw_overview

    draw_overview(result, file)
