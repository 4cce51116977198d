"""How far a session has come, for another shell than the one that it runs in."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_metr.commands.answer import Answer, json_lines
from pytest_metr.status import session_view, status_lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("session", type=Path, metavar="DIR", help="the folder of the session")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Show it.

    :raises UsageMistake: where the folder is no session's.
    """
    view = session_view(arguments.session)
    return Answer(lines=json_lines("status", view.to_json()) if arguments.json else status_lines(view))
