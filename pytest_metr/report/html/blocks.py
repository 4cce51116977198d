"""Records and transcripts inside of a page: compressed, in text that nothing acts on, unpacked when they are opened."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.report.html.content import Side
from pytest_metr.report.strict import encode_line, plain

#: More of a transcript than this is not taken into a page; the file stays what counts.
MOST_BYTES = 64 << 20
#: Transcripts are repetitive: more effort than this takes time and gains little.
_LEVEL = 3
_PIECE = 1 << 18
_RAW_DEFLATE = -15


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A record with a transcript of its run, or the transcript of an earlier try at it.

    :param side: 0-based place of the session among those of the page.
    :param run: 0-based place of the run in its session.
    :param tried: which failed try it is of, from 1; 0 for the run itself.
    :param path: the transcript; None where there is none.
    :param size: its bytes; None where there is none.
    :param problem: why there is none, for a person.
    """

    side: int
    run: int
    tried: int
    path: Path | None
    size: int | None
    problem: str | None = None

    @property
    def name(self) -> str:
        """What the page calls it: letters, digits and dots alone, whatever the run is called."""
        return f"r{self.side}.{self.run}.{self.tried}"


def blocks_of(number: int, side: Side) -> list[Block]:
    """Return the blocks of a session in the order of its runs, each run's own before those of its failed tries."""
    found = []
    for place, record in enumerate(side.session.runs):
        written = [record.transcript, *(tried.transcript for tried in record.failed_tries)]
        for tried, name in enumerate(written):
            path, size, problem = _file(side, name)
            found.append(Block(side=number, run=place, tried=tried, path=path, size=size, problem=problem))
    return found


def _file(side: Side, written: str | None) -> tuple[Path | None, int | None, str | None]:
    if not written:
        return None, None, "the record names no transcript"
    try:
        path = side.session.transcript(written)
        if path is not None:
            return path, path.stat().st_size, None
    except OSError as error:
        return None, None, f"the transcript cannot be read: {error.strerror}"
    return None, None, "the transcript that the record names is not in the folder of the session"


def packed(block: Block, side: Side) -> Iterator[bytes]:
    """Yield what stands in the page for a block, in pieces of bounded size: raw deflate in base64.

    Unpacked it is JSON Lines: the run's record as the report has it, then the lines of the transcript as they are in
    its file. A transcript that is cut or cannot be read to its end has a last line of the kind ``report_note``.
    """
    squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW_DEFLATE)
    rest = b""
    for piece in _lines(block, side):
        rest += squeeze.compress(piece)
        whole = len(rest) - len(rest) % 3
        if whole:
            yield b64encode(rest[:whole])
            rest = rest[whole:]
    yield b64encode(rest + squeeze.flush())


def _lines(block: Block, side: Side) -> Iterator[bytes]:
    runs = side.session.document["runs"]
    yield encode_line({"record": plain(runs[block.run])})
    if block.path is None:
        return
    left, last = MOST_BYTES, b"\n"
    try:
        with block.path.open("rb") as file:
            while piece := file.read(min(_PIECE, left)):
                left, last = left - len(piece), piece
                yield piece
            more = bool(file.read(1))
    except OSError as error:
        yield _note(last, f"the transcript could not be read any further: {error.strerror}")
        return
    if more:
        yield _note(last, f"the transcript goes on: only its first {MOST_BYTES} bytes are in this page")


def _note(last: bytes, text: str) -> bytes:
    line = json.dumps({"kind": "report_note", "text": text}).encode("ascii") + b"\n"
    return line if last.endswith(b"\n") else b"\n" + line
