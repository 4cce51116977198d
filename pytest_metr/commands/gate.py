"""Whether agents keep the rules of a gate file: the exit status is the verdict."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.commands.answer import Answer, json_lines, terminal_width
from pytest_metr.commands.output import write_output
from pytest_metr.commands.runs import add_protocol, choose_protocol, note_lines
from pytest_metr.gate import append_step_summary, check_gate, load_gate, verdict_lines, verdict_markdown
from pytest_metr.report import writing
from pytest_metr.report.reading import read_runs
from pytest_metr.scoring import judge_rows
from pytest_metr.types import EvaluationProtocol, Verdict

#: Names the file that GitHub shows on the page of a CI job.
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDocument(Verdict):
    """What a gate says, of what, and by which protocol.

    :param exit_code: the exit status of the command.
    :param notes: what a reader must know about the sources.
    """

    exit_code: int
    protocol: EvaluationProtocol
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="folders of sessions, report.json or runs.jsonl files"
    )
    parser.add_argument("gate", type=Path, metavar="GATE.yaml", help="the gate file")
    add_protocol(parser)
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the verdict as Markdown")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Judge the runs; the status is 0 for passed, 1 for failed, 20 for inconclusive.

    :raises UsageMistake: where runs, protocol or gate are not to be had, or the gate asks for what there is not.
    :raises OSError: where the Markdown cannot be written.
    """
    gate = load_gate(arguments.gate)
    runs = read_runs(arguments.paths)
    protocol = choose_protocol(arguments, runs.sources)
    check_gate(gate, protocol)
    verdict = judge_rows(gate, runs.rows, protocol, broken_families=runs.broken_families)
    _write_markdown(verdict, arguments.markdown)
    if arguments.json:
        more = {
            "exit_code": verdict.exit_status,
            "protocol": protocol.to_json(),
            "sources": list(runs.paths),
            "notes": list(runs.notes),
        }
        return Answer(lines=json_lines("gate", {**verdict.to_json(), **more}), status=verdict.exit_status)
    lines = [*verdict_lines(verdict, terminal_width()), *note_lines(runs.notes)]
    return Answer(lines=lines, status=verdict.exit_status)


def _write_markdown(verdict: Verdict, file: Path | None) -> None:
    markdown = verdict_markdown(verdict)
    if file is not None:
        write_output(file, markdown, "--markdown")
    summary = os.environ.get(STEP_SUMMARY)
    if summary:
        with writing(Path(summary), STEP_SUMMARY):
            append_step_summary(Path(summary), markdown)
