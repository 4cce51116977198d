"""What a command has to say: lines, remarks beside them, and an exit status."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer of a command.

    :param lines: for standard output.
    :param remarks: for standard error, so that they do not get into what a program reads.
    :param status: the exit status: 0, 1 for a negative answer, 20 where nobody can tell.
    """

    lines: Sequence[str]
    remarks: Sequence[str] = ()
    status: int = 0


def schema_name(command: str) -> str:
    """Return what the key ``schema`` of a command's JSON says."""
    return f"pytest-metr/{command}"


def json_lines(command: str, data: Mapping[str, Any]) -> list[str]:
    """Return the JSON of a command, in ASCII and without NaN tokens: what it is, then *data*.

    :param data: strict JSON data, as :meth:`~pytest_metr.types.Record.to_json` returns them.
    """
    document = {"schema": schema_name(command), "schema_version": SCHEMA_VERSION, **data}
    return [json.dumps(document, allow_nan=False, indent=2)]


def terminal_width() -> int:
    """Return the columns to write for: those of the terminal, or 80 where there is none."""
    return shutil.get_terminal_size().columns


def wrapped(text: str) -> list[str]:
    """Return a sentence on lines that fit, each but the first indented by two more; paths are never broken."""
    indent = " " * (len(text) - len(text.lstrip(" ")) + 2)
    return textwrap.wrap(
        text, max(terminal_width(), 40), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
