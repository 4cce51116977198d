"""Single values of the command line: each is returned in its proper type.

Every function raises ``pytest.UsageError`` with the option and what was expected where a value makes no sense.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest


def text(option: str, given: str | None) -> str | None:
    """Return a text, which may not be empty; None where none is given."""
    if given == "":
        raise pytest.UsageError(f"{option}: expected a name or a path, found the empty text")
    return given


def path(option: str, base: Path, given: str | None) -> Path | None:
    """Return a path that is relative to *base*; None where none is given."""
    if given == "":
        raise pytest.UsageError(f"{option}: expected a path, found the empty text")
    return None if given is None else base / given


def whole_number(option: str, text: str, *, least: int = 1) -> int:
    """Return a whole number of at least *least*."""
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise pytest.UsageError(f"{option}: expected a whole number of at least {least}, found {text!r}")
    return value


def seconds(option: str, text: str | None) -> float | None:
    """Return a number of seconds above 0; None where none is given."""
    return None if text is None else above_zero(option, text, "a number of seconds")


def above_zero(option: str, text: str, what: str) -> float:
    """Return a finite number above 0; *what* says in words what it is."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise pytest.UsageError(f"{option}: expected {what} above 0, found {text!r}")
    return value
