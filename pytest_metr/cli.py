"""The command ``pytest-metr``: what is asked outside of a pytest session."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_metr.errors import MetrError
from pytest_metr.providers import refuse_windows


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, 1 for a negative answer, 4 for a usage mistake."""
    parser = argparse.ArgumentParser(prog="pytest-metr", description="METR task families under pytest.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    doctor = commands.add_parser("doctor", help="show which sandboxes work here, and which families can run")
    doctor.add_argument("folders", nargs="*", type=Path, metavar="DIR", help="folders with families (default: tasks)")
    recover = commands.add_parser("recover", help="make the report of a session that died, from what it left behind")
    recover.add_argument("session", type=Path, metavar="DIR", help="the folder of the session")
    arguments = parser.parse_args(argv)
    try:
        refuse_windows()
        if arguments.command == "doctor":
            from pytest_metr.doctor import DEFAULT_FOLDER, examine

            lines, well = examine(arguments.folders or [DEFAULT_FOLDER])
        else:
            from pytest_metr.recover import recover_session

            lines, well = recover_session(arguments.session), True
    except (MetrError, OSError) as error:
        sys.stderr.write(f"pytest-metr: {error}\n")
        return 4
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if well else 1
