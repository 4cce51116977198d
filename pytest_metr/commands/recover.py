"""The report of a session that died before it could make one."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_metr.commands.answer import Answer, terminal_width
from pytest_metr.errors import UsageMistake
from pytest_metr.report import journal_of, summary_lines
from pytest_metr.reporting import Ended, write_report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("session", type=Path, metavar="DIR", help="the folder of the session")


def run(arguments: argparse.Namespace) -> Answer:
    """Make the report.

    :raises UsageMistake: where the folder holds no session, or one that has its report.
    """
    return Answer(lines=recover_session(arguments.session))


def recover_session(folder: Path) -> list[str]:
    """Make ``report.json`` and ``runs.jsonl`` from the journal and the plan, and return the summary's lines.

    The weights are the plugin's own: hooks of a ``conftest.py`` are known to pytest alone.

    :raises UsageMistake: where the folder holds no session.
    """
    journal_of(folder)
    if (folder / "report.json").exists():
        raise UsageMistake("has its report already; expected a session that died", file=folder / "report.json")
    ended = Ended.by("session_died", "the session died before it was done; recovered from its journal")
    report = write_report(folder, ended=ended)
    lines = summary_lines(report, width=terminal_width())
    return [*lines, f"results: {folder}"]
