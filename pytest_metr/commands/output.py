"""What a person wants written to a place that they name."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_metr.errors import UsageMistake
from pytest_metr.report import write_bytes


def write_output(file: Path, text: str, option: str) -> None:
    """Write a text to the place that an option names.

    A file is replaced as a whole, and its folder made where missing; a link stays one. A device or pipe is written to.

    :raises UsageMistake: where it cannot be written, with the file, the option and the reason.
    """
    content = text.encode("utf-8", "backslashreplace")
    with output(file, option):
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if file.exists() and not file.is_file():
            file.write_bytes(content)
        else:
            write_bytes(file.resolve(), content)


@contextmanager
def output(file: Path, option: str) -> Iterator[None]:
    """Tell what keeps something from being written as a mistake in the option that names its place.

    :raises UsageMistake: in the place of an OSError, whose own words name files that nobody has asked for.
    """
    try:
        yield
    except OSError as error:
        raise UsageMistake(f"cannot be written: {error.strerror or error}", file=file, key=option) from error
