"""Any value as strict JSON: no NaN tokens, no keys that collide, and never an error."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Set
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from pytest_metr.types import Record

#: Deeper than this a value is shown by its repr: readers of JSON have limits as well.
MAX_DEPTH = 60
#: Python refuses to write longer integers in decimal (4300 digits).
MAX_INT_BITS = 14_000


def plain(value: Any, *, inside: tuple[int, ...] = ()) -> Any:
    """Return *value* as JSON data.

    Records become objects, tuples and sets lists, paths and bytes text, NaN and the infinities the strings
    ``NaN``, ``Infinity`` and ``-Infinity``, as in :meth:`~pytest_metr.types.Record.to_json`. Whatever is no JSON
    becomes its repr, and so does what holds itself or lies deeper than :data:`MAX_DEPTH`.

    :param inside: the ids of what *value* lies in; for the recursion alone.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Real):
        return _number(value)
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "replace")
    if isinstance(value, Path):
        return str(value)
    if id(value) in inside or len(inside) >= MAX_DEPTH:
        return safe_repr(value)
    inside = (*inside, id(value))
    if isinstance(value, Record):
        value = value.to_json()
    if isinstance(value, Mapping):
        taken: dict[str, Any] = {}
        for key, item in value.items():
            name = key if isinstance(key, str) else safe_repr(key)
            taken[free_key(name, taken)] = plain(item, inside=inside)
        return taken
    if isinstance(value, (list, tuple, Set)):
        return [plain(item, inside=inside) for item in value]
    return safe_repr(value)


def _number(value: Real) -> int | float | str:
    if isinstance(value, Integral):
        whole = int(value)
        return whole if whole.bit_length() <= MAX_INT_BITS else hex(whole)
    number = float(value)
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def free_key(key: str, taken: Mapping[str, Any]) -> str:
    """Return *key*, with as many underscores behind it as it takes to be none of *taken*."""
    while key in taken:
        key += "_"
    return key


def safe_repr(value: object) -> str:
    """Return the repr of a value, or the name of its class where its repr fails."""
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a foreign __repr__ may raise anything, and evidence is kept all the same
        return f"<{type(value).__name__}>"


def encode_line(data: Mapping[str, Any]) -> bytes:
    """Return one line of JSON Lines with its newline.

    Plain ASCII: lone surrogates and NUL stay valid JSON, and no reader takes U+2028 for the end of a line.
    """
    return json.dumps(plain(data), allow_nan=False).encode("ascii") + b"\n"
