"""Reading the keys of a checked document: each is asked for once, what nobody asked for is a mistake."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NoReturn

from pytest_metr.errors import UsageMistake

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KINDS_OF_VALUE: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a number"),
    (float, "a number"),
    (list, "a list"),
    (dict, "a mapping"),
)


class Fields:
    """One mapping of a file, whose keys are taken one after the other.

    Every method raises :class:`~pytest_metr.errors.UsageMistake` with file, key and expectation where the
    value is not what it should be. A key with the value null counts as given, and is wrong everywhere.

    :param data: the mapping as it was read.
    :param file: the file that it was read from; None for settings that come from no file.
    :param prefix: where the mapping is inside the file, for example ``limits``.
    """

    def __init__(self, data: Mapping[Any, Any], *, file: Path | None = None, prefix: str = "") -> None:
        self._data = data
        self.file = file
        self._prefix = prefix
        self._asked: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def replacing(self, values: Mapping[str, Any]) -> Fields:
        """Return the same mapping with *values* in the place of what it says, or beside it."""
        return Fields({**self._data, **values}, file=self.file, prefix=self._prefix)

    def value(self, key: str, expected: str | None = None) -> Any:
        """Return whatever is under *key*, for the caller to check.

        :param expected: in words, for a key that must be there; without it, a missing key gives None.
        """
        if expected is not None:
            return self._take(key, expected)
        self._ask(key)
        return self._data.get(key)

    def text(self, key: str) -> str:
        """Return the text under *key*, which must be there; it may be empty."""
        return self._text(self._take(key, "text"), key)

    def optional_text(self, key: str) -> str | None:
        """Return the text under *key*, or None where there is no such key."""
        self._ask(key)
        return self.text(key) if key in self else None

    def positive_number(self, key: str) -> float | None:
        """Return the number under *key*, finite and above 0, or None where there is no such key."""
        return self.number(key, "above 0", lambda number: number > 0)

    def number(self, key: str, among: str = "", good: Callable[[float], bool] = math.isfinite) -> float | None:
        """Return the finite number under *key*, or None where there is no such key.

        :param among: which numbers are *good*, in words that follow "a number", for example ``above 0``.
        """
        self._ask(key)
        if key not in self:
            return None
        value, expected = self._data[key], f"number {among}".rstrip()
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.wrong(key, f"expected a {expected}, found {describe(value)}{_meant(value)}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not (math.isfinite(number) and good(number)):
            self.wrong(key, f"expected a finite {expected}, found {number:g}")
        return number

    def whole(self, key: str, among: str, good: Callable[[int], bool]) -> int | None:
        """Return the whole number under *key*, or None where there is no such key; see :meth:`number`."""
        self._ask(key)
        if key not in self:
            return None
        value = self._data[key]
        if isinstance(value, bool) or not isinstance(value, int) or not good(value):
            self.wrong(key, f"expected a whole number {among}, found {describe(value)}{_meant(value)}")
        return value

    def choice(self, key: str, known: Collection[str]) -> str | None:
        """Return the text under *key*, which must be one of *known*, or None where there is no such key."""
        word = self.optional_text(key)
        if word is not None and word not in known:
            self.wrong(key, f"expected one of {', '.join(known)}, found {word!r}{suggestion(word, known)}")
        return word

    def flag(self, key: str) -> bool:
        """Return true or false from under *key*, which must be there."""
        value = self._take(key, "true or false")
        if not isinstance(value, bool):
            self.wrong(key, f"expected true or false, found {describe(value)}")
        return value

    def optional_flag(self, key: str) -> bool | None:
        """Return true or false from under *key*, or None where there is no such key."""
        self._ask(key)
        return self.flag(key) if key in self else None

    def items(self, key: str) -> list[Any]:
        """Return the list under *key*, the empty list where there is no such key."""
        self._ask(key)
        value = self._data.get(key, [])
        if not isinstance(value, list):
            self.wrong(key, f"expected a list, found {describe(value)}")
        return value

    def mapping(self, key: str) -> Fields:
        """Return the mapping under *key* to be read in its turn, an empty one where there is no such key."""
        self._ask(key)
        return self.nested(self._data.get(key, {}), key)

    def nested(self, value: object, key: str) -> Fields:
        """Return *value*, which belongs to *key*, as fields of their own."""
        if not isinstance(value, dict):
            self.wrong(key, f"expected a mapping, found {describe(value)}")
        return Fields(value, file=self.file, prefix=self._full(key))

    def command(self, key: str) -> str | list[str]:
        """Return a command line: text for bash, or the non-empty list of a program and its arguments."""
        value = self._take(key, "text for bash or a list of program and arguments")
        if isinstance(value, str) and value.strip():
            return self._argument(value, key)
        if isinstance(value, list) and value:
            return [self._argument(v, f"{key}[{n}]") for n, v in enumerate(value)]
        return self.wrong(key, f"expected text for bash or a list of program and arguments, found {describe(value)}")

    def variables(self, key: str) -> dict[str, str]:
        """Return environment variables: a mapping from names to text, empty where there is no such key."""
        fields = self.mapping(key)
        for name in fields._data:
            if not (isinstance(name, str) and _VARIABLE.fullmatch(name)):
                self.wrong(f"{key}.{name}", "expected a variable's name: letters, digits and _, no digit first")
        return {name: fields._argument(value, name) for name, value in fields._data.items()}

    def path(self, key: str, want: Literal["file", "folder"]) -> str:
        """Return the path under *key* as it is written, after a look that it leads to a *want*.

        It is relative to the folder of the file that is read.
        """
        written = self.text(key)
        if self.file is None or not written or "\0" in written:
            self.wrong(key, f"expected the path of a {want}")
        if not _leads_to(self.file.parent / written, want):
            self.wrong(key, f"expected the path of a {want}, relative to {self.file.parent}, found {written!r}")
        return written

    def names(self) -> list[str]:
        """Return all keys, each of which must be text."""
        for key in self._data:
            if not isinstance(key, str):
                self.wrong(str(key), f"expected text as key, found {describe(key)}; put it in quotes")
        return list(self._data)

    def finish(self) -> None:
        """Refuse the keys that were not asked for."""
        for key in self.names():
            if key not in self._asked:
                self.wrong(key, f"unknown key; expected one of {', '.join(self._asked)}{suggestion(key, self._asked)}")

    def wrong(self, key: str, expectation: str) -> NoReturn:
        """Raise the mistake at *key*."""
        raise UsageMistake(expectation, file=self.file, key=self._full(key) or None)

    def _full(self, key: str) -> str:
        return f"{self._prefix}{'.' if self._prefix and key else ''}{key}"

    def _ask(self, key: str) -> None:
        if key not in self._asked:
            self._asked.append(key)

    def _take(self, key: str, expected: str) -> Any:
        self._ask(key)
        if key not in self:
            self.wrong(key, f"missing; expected {expected}")
        return self._data[key]

    def _text(self, value: object, key: str) -> str:
        if not isinstance(value, str):
            quotes = "" if isinstance(value, (list, dict)) else "; put it in quotes"
            self.wrong(key, f"expected text, found {describe(value)}{quotes}")
        if not _is_utf8(value):
            self.wrong(key, "expected text that can be written as UTF-8, found half of a surrogate pair")
        return value

    def _argument(self, value: object, key: str) -> str:
        text = self._text(value, key)
        if "\0" in text:
            self.wrong(key, "expected text without a zero byte, which no program can be given")
        return text


def describe(value: object) -> str:
    """Return what *value* is, in the words of a person who writes YAML."""
    if value is None:
        return "nothing"
    if value in ("", [], {}):
        return "an empty " + {str: "text", list: "list", dict: "mapping"}[type(value)]
    kind = next((name for kind, name in _KINDS_OF_VALUE if isinstance(value, kind)), f"a {type(value).__name__}")
    if isinstance(value, (list, dict)):
        return kind
    huge = isinstance(value, int) and value.bit_length() > 1000  # Python refuses to write out very large ones
    return f"{kind} ({'very large' if huge else str(value)[:40]})"


def _meant(value: object) -> str:
    """Return a hint where a text reads like a number, as ``1e3`` does to everyone but YAML 1.1."""
    try:
        return f"; write {float(value):.15g}, without quotes" if isinstance(value, str) else ""
    except ValueError:
        return ""


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the known word that is close to *word*, else the empty string."""
    import difflib  # nobody needs it who makes no mistake

    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _leads_to(path: Path, want: Literal["file", "folder"]) -> bool:
    try:
        return path.is_file() if want == "file" else path.is_dir()
    except OSError:  # a folder on the way that may not be entered, or a name that is too long
        return False


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
