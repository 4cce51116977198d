"""The events of a transcript, which may be large, torn, or written by somebody who means harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_metr.report.reading.values import Unreadable, decode_object

#: What stands in the place of a line that is no event.
DAMAGED = "damaged"


def read_transcript(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the events of a transcript one by one, in the order of its lines.

    A line that is no event, as a killed process can leave one, becomes an event of the kind ``damaged`` with its
    number (``line``) and nothing of what it holds.

    :raises OSError: where the file cannot be read.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.isspace():
                yield _event(line, number)


def _event(line: bytes, number: int) -> dict[str, Any]:
    try:
        event = decode_object(line)
    except Unreadable:
        return {"kind": DAMAGED, "line": number}
    return event if isinstance(event.get("kind"), str) else {"kind": DAMAGED, "line": number}
