"""What each step of elicitation was worth, and the safety margin that it suggests for a gate."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.commands.answer import Answer, json_lines, terminal_width
from pytest_metr.commands.output import write_output
from pytest_metr.commands.runs import add_any_version, add_picture, add_protocol, choose_protocol, note_lines
from pytest_metr.impact import load_study, read_steps
from pytest_metr.protocol.impact import measure_impact
from pytest_metr.report.impact import impact_lines, impact_markdown
from pytest_metr.types import Impact


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactDocument(Impact):
    """What each step of elicitation was worth.

    :param notes: what a reader must know about the sources.
    """

    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("study", type=Path, metavar="STUDY.yaml", help="the file that names the steps and their runs")
    add_protocol(parser)
    add_any_version(parser)
    add_picture(parser)
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write it as Markdown")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="show brackets and more of each number, and name all tasks"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Compare the steps; the status is 1 where there is no task that all of them have runs of.

    :raises UsageMistake: where the study, its runs or the protocol are not to be had, or a file cannot be written.
    """
    study = load_study(arguments.study)
    read = read_steps(study)
    protocol = choose_protocol(arguments, read.sources, named=study.protocol)
    impact = measure_impact(
        study.name, read.steps, protocol, rule=study.margin, same_versions_only=not arguments.any_version
    )
    document = ImpactDocument.extending(impact, sources=tuple(source.path for source in read.sources), notes=read.notes)
    _draw(impact, arguments.picture)
    if arguments.markdown is not None:
        write_output(arguments.markdown, impact_markdown(impact), "--markdown")
    status = 0 if impact.tasks else 1
    if arguments.json:
        return Answer(lines=json_lines("impact", document.to_json()), status=status)
    lines = impact_lines(impact, width=terminal_width(), verbose=arguments.verbose)
    return Answer(lines=[*lines, *note_lines(read.notes)], status=status)


def _draw(impact: Impact, files: list[Path]) -> None:
    from pytest_metr.report.pictures import draw_impact

    for file in files:
        draw_impact(impact, file)
