"""Checks of single values in a manifest. Each takes what YAML gave and returns it in its proper type."""

from __future__ import annotations

import base64
import datetime
import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pytest_metr.yaml_text import one_line

Check = Callable[[Any], Any]

#: No number in a manifest can sensibly be larger: it is as good as infinite.
LARGEST = 1e9
# Aliases can make a small file stand for endless data.
_MOST_PARTS = 100_000
_MOST_LEVELS = 100
_NUMBER = (int, float)


class Unexpected(ValueError):
    """A value is not what was expected; ``keys`` lead to it from where the check began."""

    def __init__(self, message: str, keys: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.keys = keys

    @property
    def key(self) -> str | None:
        """The keys as one dotted text on one line, or None where the problem is with the whole."""
        return ".".join(map(one_line, self.keys)) or None

    def below(self, key: str) -> Unexpected:
        """Return the same problem, seen from one level further up."""
        return Unexpected(self.message, (key, *self.keys))


def section(value: Any, checks: Mapping[str, Check]) -> dict[str, Any]:
    """Check a mapping that may hold only the keys of *checks*; a key without a value counts as left out."""
    checked = {}
    for key, item in mapping(value).items():
        check = checks.get(key)
        if check is None:
            raise unknown_key(key, checks)
        if item is not None:
            checked[key] = checked_at(key, check, item)
    return checked


def checked_at(key: str, check: Check, item: Any) -> Any:
    """Check one value; what is unexpected in it is reported below *key*."""
    try:
        return check(item)
    except Unexpected as problem:
        raise problem.below(key) from None


def unknown_key(key: Any, known: Iterable[str]) -> Unexpected:
    """Return the problem of a key that nobody knows, with the closest one that there is."""
    names = sorted(known)
    close = difflib.get_close_matches(key, names, 1) if isinstance(key, str) else []
    hint = f"did you mean {close[0]}?" if close else f"expected one of {', '.join(names)}"
    return Unexpected(f"unknown key: {hint}", (str(key),))


def mapping(value: Any) -> dict[Any, Any]:
    """Check a mapping; nothing is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unexpected(f"expected a mapping, found {found(value)}")
    return value


def text(value: Any) -> str:
    """Check a text that says something."""
    if not isinstance(value, str):
        quote = ": quote it" if isinstance(value, (int, float, datetime.date)) else ""
        raise Unexpected(f"expected text, found {found(value)}{quote}")
    if not value.strip():
        raise Unexpected(f"expected text, found {found(value)}")
    return value


def any_text(value: Any) -> str:
    """Check a text, which may be empty."""
    return value if value == "" else text(value)


def texts(value: Any) -> tuple[str, ...]:
    """Check a text or a list of texts; each is kept once, in the order given."""
    if isinstance(value, str):
        return (text(value),)
    if not isinstance(value, list):
        raise Unexpected(f"expected a text or a list of texts, found {found(value)}")
    return tuple(dict.fromkeys(checked_at(str(i), text, item) for i, item in enumerate(value)))


def flag(value: Any) -> bool:
    """Check a boolean."""
    if not isinstance(value, bool):
        raise Unexpected(f"expected true or false, found {found(value)}")
    return value


def number(value: Any) -> float:
    """Check a finite number."""
    return _number(value, "a number", math.isfinite)


def number_above_zero(value: Any) -> float:
    """Check a finite number that is above 0."""
    return _number(value, "a number above 0", lambda n: n > 0)


def count(value: Any) -> int:
    """Check a whole number of at least 0."""
    return int(_number(value, "a whole number of at least 0", lambda n: n >= 0 and n == int(n)))


def count_above_zero(value: Any) -> int:
    """Check a whole number of at least 1."""
    return int(_number(value, "a whole number of at least 1", lambda n: n >= 1 and n == int(n)))


def _number(value: Any, expected: str, good: Callable[[float], bool]) -> float:
    if isinstance(value, bool) or not isinstance(value, _NUMBER):
        raise Unexpected(f"expected {expected}, found {found(value)}{_meant(value)}")
    # Compared before it is converted: a whole number may be too large for a float.
    if not -LARGEST <= value <= LARGEST or not good(value):
        limit = f" and at most {LARGEST:g}" if value > LARGEST else ""
        raise Unexpected(f"expected {expected}{limit}, found {found(value)}")
    return float(value)


def _meant(value: Any) -> str:
    """Return a hint where a text reads like a number, as ``1e3`` does to everyone but YAML 1.1."""
    try:
        meant = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return ""
    return f": write {meant:.15g}, without quotes" if abs(meant) <= LARGEST else ""


def choice(*names: str) -> Check:
    """Return the check of a text that must be one of *names*."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            close = difflib.get_close_matches(value, names, 1) if isinstance(value, str) else []
            hint = f" (did you mean {close[0]}?)" if close else ""
            expected = names[0] if len(names) == 1 else f"one of {', '.join(names)}"
            raise Unexpected(f"expected {expected}, found {found(value)}{hint}")
        return value

    return check


def plain(value: Any) -> Any:
    """Return free data as plain JSON data: dates become ISO 8601 text, bytes base64, keys text."""
    parts = 0

    def convert(part: Any, level: int = 0) -> Any:
        nonlocal parts
        parts += 1
        if parts > _MOST_PARTS or level > _MOST_LEVELS:
            raise Unexpected(f"expected at most {_MOST_PARTS} parts in {_MOST_LEVELS} levels, found more")
        if isinstance(part, dict):
            return {str(key): convert(item, level + 1) for key, item in part.items()}
        if isinstance(part, list):
            return [convert(item, level + 1) for item in part]
        if isinstance(part, datetime.date):
            return part.isoformat()
        if isinstance(part, bytes):
            return base64.b64encode(part).decode("ascii")
        return part

    return convert(value)


def found(value: Any) -> str:
    """Describe a value that was not expected, in a few words and on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, datetime.date):
        return f"the date {value.isoformat()}"
    if isinstance(value, int) and abs(value) >= 10**18:
        return "a number of more than 18 digits"
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
