"""Documents that are replaced as a whole: after a crash there is the old one or the new one, never a half."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

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
    """Write a file, as :func:`write_json` does.

    :raises OSError: where it cannot be written; an earlier file stays as it was, and no other is left behind.
    """
    _replace(path, content)


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
