"""Documents that are replaced as a whole: after a crash there is the old one or the new one, never a half."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.report.strict import encode_line, plain


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write one JSON document, indented, in ASCII, without NaN tokens; the folder is made where missing.

    :raises OSError: where it cannot be written; an earlier file stays as it was, and no other is left behind.
    """
    _replace(path, json.dumps(plain(data), allow_nan=False, indent=2).encode("ascii") + b"\n")


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object a line, as :func:`write_json` does.

    :raises OSError: where it cannot be written; an earlier file stays as it was, and no other is left behind.
    """
    _replace(path, b"".join(encode_line(row) for row in rows))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file that a person has named, as :func:`write_json` does.

    A link stays one, and a device or pipe is written to.

    :raises OSError: where it cannot be written; an earlier file stays as it was, and no other is left behind.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():
        path.write_bytes(content)
    else:
        _replace(Path(os.path.realpath(path)), content)


@contextlib.contextmanager
def writing(file: Path, option: str | None = None) -> Iterator[None]:
    """Tell what keeps a file from being written as the mistake of whoever has named it, by an option or otherwise.

    :raises UsageMistake: in the place of an OSError, whose own words name files that nobody has asked for.
    """
    try:
        yield
    except OSError as error:
        raise UsageMistake(f"cannot be written: {error.strerror or error}", file=file, key=option) from error


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk.

    :raises OSError: where the folder cannot be opened.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _replace(path: Path, content: bytes) -> None:
    # In the same folder, because a rename is atomic only within one file system.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    sync_folder(path.parent)
