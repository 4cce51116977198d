"""The JSON Schemas of everything that is written or printed as JSON."""

from __future__ import annotations

import argparse
import json

from pytest_metr.commands.answer import Answer
from pytest_metr.commands.documents import SCHEMAS
from pytest_metr.errors import UsageMistake


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the document (default: list their names)")


def run(arguments: argparse.Namespace) -> Answer:
    """Print a schema, or the names of all.

    :raises UsageMistake: for a document that there is not.
    """
    if arguments.name is None:
        return Answer(lines=list(SCHEMAS))
    if arguments.name not in SCHEMAS:
        raise UsageMistake(f"expected one of {', '.join(SCHEMAS)}, found {arguments.name!r}", key="schema")
    return Answer(lines=[json.dumps(SCHEMAS[arguments.name](), indent=2)])
