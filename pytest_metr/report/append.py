"""Appending one line to a file, wholly or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from pytest_metr.errors import InfrastructureError


def open_for_append(path: Path, *, cause: str) -> int:
    """Open a file for appending, making it and its folder where missing; return the descriptor.

    :raises InfrastructureError: with *cause*, where it cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise write_error(path, error, cause=cause) from error


def append_line(fd: int, line: bytes, *, sync: bool) -> None:
    """Write *line* with one system call, on a line of its own.

    Where a killed writer left a line without its end, this one starts on a fresh line. Where the write does
    not succeed as a whole, the file is cut back to what it was. Other writers must be kept out meanwhile.

    :param sync: whether to wait until the line is on the disk.
    :raises OSError: where the line could not be written.
    """
    size = os.fstat(fd).st_size
    if size and os.pread(fd, 1, size - 1) != b"\n":
        line = b"\n" + line
    try:
        written = os.write(fd, line)
        if written < len(line):
            raise OSError(f"only {written} of {len(line)} bytes could be written")
        if sync:
            os.fsync(fd)
    except OSError:
        # A device cannot be cut; the first error is the one to tell.
        with contextlib.suppress(OSError):
            os.ftruncate(fd, size)
        raise


def write_error(path: Path, error: OSError, *, cause: str) -> InfrastructureError:
    """Return the error to raise where *path* cannot be written."""
    return InfrastructureError(f"cannot write {path}: {error.strerror or error}", cause=cause)
