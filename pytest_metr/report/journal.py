"""The journal: one line on disk for every run that has ended, whatever happens afterwards."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.report.append import append_line, open_for_append, write_error
from pytest_metr.report.files import sync_folder
from pytest_metr.report.strict import encode_line


def journal_of(folder: Path) -> Path:
    """Return the journal of the session in *folder*. :raises UsageMistake: where the folder is no session's."""
    path = folder / "journal.jsonl"
    if not path.is_file():
        raise UsageMistake(f"expected the folder of a session, with its {path.name}", file=folder)
    return path


class Journal:
    """A file of JSON Lines that several processes append to, each line fsynced.

    The kinds of line are ``session`` (the first: settings and versions), ``resume`` (the session was taken up again),
    ``run`` (a run record), ``try`` (the record of a try that failed, after which another one followed), ``decision``,
    ``outcome`` (of a person's own test), ``teardown_error`` (``run_id``, ``message``) and ``crash``. Nothing is
    redacted here: hand in what :meth:`Redactor.json <pytest_metr.report.Redactor.json>` returned.

    :param path: the file; it and its folder are made by the first line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, kind: str, data: Mapping[str, Any]) -> None:
        """Add the line ``{"kind": kind, **data}``; when this returns it is on the disk.

        Values that JSON does not know become their repr, so that no record is lost for one of them.

        :raises InfrastructureError: with cause ``journal`` where the line cannot be written; the file is then
            what it was before.
        :raises ValueError: where *data* has a ``kind`` of its own.
        """
        self.append_all(kind, [data])

    def append_all(self, kind: str, several: Iterable[Mapping[str, Any]]) -> None:
        """Add several lines of one kind, all of them or none; see :meth:`append`."""
        lines = []
        for data in several:
            if "kind" in data:
                raise ValueError("a journal line has one kind, and the data brings another")
            lines.append(encode_line({"kind": kind, **data}))
        fd = open_for_append(self.path, cause="journal")
        try:
            with _locked(fd):
                first = os.fstat(fd).st_size == 0
                append_line(fd, b"".join(lines), sync=True)
                if first:
                    sync_folder(self.path.parent)
        except OSError as error:
            raise write_error(self.path, error, cause="journal") from error
        finally:
            os.close(fd)


@contextlib.contextmanager
def _locked(fd: int) -> Iterator[None]:
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        yield
    finally:
        # Closing the file would not do: a process that was forked meanwhile holds the lock as well.
        fcntl.flock(fd, fcntl.LOCK_UN)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalContent:
    """What could be read of a journal.

    :param lines: the lines as objects, in the order of the file.
    :param damaged: the 1-based numbers of the lines that could not be read.
    """

    lines: tuple[dict[str, Any], ...]
    damaged: tuple[int, ...]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Return the lines of one kind, in the order of the file."""
        return [line for line in self.lines if line["kind"] == kind]

    @property
    def facts(self) -> dict[str, Any]:
        """What the session was asked for: its first line, and what was changed when it was taken up again."""
        facts = dict(next(iter(self.of_kind("session")), {}))
        for resumed in self.of_kind("resume"):
            facts.update(resumed.get("facts") or {})
        return facts


def read_journal(path: Path) -> JournalContent:
    """Read a journal, also one whose writers were killed.

    A last line without its end counts if it is complete, and as damaged otherwise, as does every line that is
    no JSON object with a ``kind``. Lines of white space hold nothing and are passed over.

    :raises FileNotFoundError: where there is no such file.
    """
    lines: list[dict[str, Any]] = []
    damaged: list[int] = []
    with path.open("rb") as file:
        # A file system without locks can be read all the same.
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_SH)
        for number, raw in enumerate(file, start=1):
            if not raw.strip():
                continue
            line = _parse(raw)
            if line is None:
                damaged.append(number)
            else:
                lines.append(line)
    return JournalContent(lines=tuple(lines), damaged=tuple(damaged))


class JournalReader:
    """Reads a journal that others append to, a little more each time, and never a line twice.

    :param path: the file; there need not be one yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def new_lines(self) -> list[dict[str, Any]]:
        """Return the lines that were added since the last time, as objects; see :func:`read_journal`."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return []
        with file:
            with contextlib.suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_SH)
            file.seek(self._read)
            content = file.read()
        lines = [_parse(raw) for raw in content.split(b"\n")]
        if lines[-1] is None:
            # What a killed writer has begun and not ended: the next writer begins a line of its own.
            content = content[: content.rfind(b"\n") + 1]
        self._read += len(content)
        return [line for line in lines if line is not None]


def _parse(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None
    return line if isinstance(line, dict) and isinstance(line.get("kind"), str) else None
