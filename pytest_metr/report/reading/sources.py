"""Telling kinds of sources apart by what they hold, and putting several together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from pytest_metr.errors import UsageMistake
from pytest_metr.report.reading.parts import Part
from pytest_metr.report.reading.public_file import read_public_file
from pytest_metr.report.reading.runset import JOURNAL, REPORT, RunSet
from pytest_metr.report.reading.values import Unreadable, decode_object
from pytest_metr.types import RunRow


def read_runs(paths: Sequence[Path]) -> RunSet:
    """Return the runs of sessions, reports and files in METR's columns, in this order.

    Each path is the folder of a session (its report, or its journal and plan where it has none), a
    ``report.json``, or a file with a run on each line in the columns of METR's public run files; a file is known
    by what it holds. Nothing is returned of sources that cannot be read as a whole.

    :raises UsageMistake: for a source that is missing, empty, broken or of another kind, and for a run that is in
        two sources; with the file, the line and the column where there are any.
    """
    if not paths:
        raise UsageMistake("expected at least one file or folder with runs")
    _refuse_twice(paths)
    parts = [_read(path) for path in paths]
    if len(parts) > 1:
        _refuse_shared_runs(parts)
    rows = tuple(chain.from_iterable(part.rows for part in parts))
    return RunSet(rows=rows, sources=tuple(part.source for part in parts))


def _read(path: Path) -> Part:
    try:
        if path.is_dir():
            return _read_folder(path)
        with path.open("rb") as file:
            return _read_file(file, path)
    except FileNotFoundError:
        raise UsageMistake("there is no such file or folder", file=path) from None
    except OSError as error:
        raise UsageMistake(f"cannot be read: {error.strerror}", file=path) from None


def _read_folder(path: Path) -> Part:
    # What reads sessions knows all that they hold, for which a file in METR's columns has no use.
    from pytest_metr.report.reading.dead_session import read_dead_session
    from pytest_metr.report.reading.report_file import read_report

    if (path / REPORT).exists():
        return read_report((path / REPORT).read_bytes(), path / REPORT, given=path, kind="session")
    if (path / JOURNAL).exists():
        return read_dead_session(path)
    raise UsageMistake(f"expected the folder of a session, with a {REPORT} or a {JOURNAL}", file=path)


def _read_file(file: BinaryIO, path: Path) -> Part:
    """Read a file that may be a pipe, so once and from the start to the end."""
    head: list[bytes] = []
    for raw in file:
        head.append(raw)
        if not raw.isspace():
            break
    if not head or head[-1].isspace():
        raise UsageMistake("expected runs, found an empty file", file=path)
    if _begins_document(head[-1], path):
        from pytest_metr.report.reading.report_file import read_report

        return read_report(b"".join([*head, file.read()]), path, given=path, kind="report")
    lines: Iterator[bytes] = chain(head, file)
    return read_public_file(lines, path)


def _begins_document(first: bytes, path: Path) -> bool:
    """Whether the first line belongs to one JSON document, and is not the first of many objects."""
    try:
        data = decode_object(first)
    except Unreadable:
        text = first.strip()
        return text == b"{" or (text.startswith((b"{", b"[")) and path.suffix == ".json")
    if "kind" in data and "task_id" not in data:
        raise UsageMistake("expected runs, found the journal of a session: name its folder", file=path)
    return "schema" in data and "task_id" not in data


def _refuse_twice(paths: Sequence[Path]) -> None:
    seen: dict[Path, Path] = {}
    for path in paths:
        try:
            real = path.resolve()
        except ValueError as error:  # a NUL
            raise UsageMistake(f"cannot be read: {error}", file=path) from None
        except (OSError, RuntimeError):  # a circle of links: reading it will say so
            continue
        if real in seen:
            raise UsageMistake("expected each source once, found it named twice", file=path)
        seen[real] = path


def _refuse_shared_runs(parts: Sequence[Part]) -> None:
    """Refuse a run that is in two sources, where it would count twice.

    Sessions give runs the same names every time, so that only the beginning tells runs of one name apart. A run
    that never began has none: in two sessions it is another run each time.
    """
    seen: dict[tuple[str, str], list[tuple[RunRow, int | None]]] = {}
    for part in parts:
        own: list[tuple[tuple[str, str], tuple[RunRow, int | None]]] = []
        for row, start in zip(part.rows, part.starts, strict=True):
            if start is None and part.source.kind != "runs":
                continue
            key = (row.agent, row.run_id)
            for other, other_start in seen.get(key, ()):
                if start is None or other_start is None or start == other_start:
                    problem = f"expected each run of an agent once, found {row.run_id!r} in {other.place} too"
                    raise UsageMistake(problem, file=row.place, key="run_id")
            own.append((key, (row, start)))
        for key, entry in own:
            seen.setdefault(key, []).append(entry)
