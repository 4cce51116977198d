"""What all data has in common: frozen, and JSON on the way out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

_T = TypeVar("_T", bound="Record")


class Record:
    """Mixin of the frozen dataclasses that cross a process: JSON out, JSON in, nothing lost."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; NaN and the infinities become the strings ``NaN``, ``Infinity``, ``-Infinity``."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]

    @classmethod
    def extending(cls: type[_T], base: Record, **more: Any) -> _T:
        """Build a record of a class that has more fields than that of *base*, and all of its.

        :param more: the further fields.
        """
        return cls(**{f.name: getattr(base, f.name) for f in dataclasses.fields(base)}, **more)  # type: ignore[arg-type]

    @classmethod
    def from_json(cls: type[_T], data: Mapping[str, Any]) -> _T:
        """Build the record again; keys that this version does not know are ignored.

        :raises KeyError: where a field without a default is missing.
        """
        hints = _hints(cls)  # type: ignore[arg-type] # a class can be hashed, whatever its instances
        known = {}
        for f in dataclasses.fields(cls):  # type: ignore[arg-type]
            if f.name in data:
                known[f.name] = _typed(data[f.name], hints[f.name])
            elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
                raise KeyError(f"{cls.__name__}.{f.name}")
        return cls(**known)


#: The types of a record's fields, which take longer to find out than the record takes to build.
_hints = cache(get_type_hints)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_json()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _typed(value: Any, hint: Any) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if value is None:
        return None
    if isinstance(hint, type) and issubclass(hint, Record):
        return hint.from_json(value)
    if origin is dict and args:
        return {k: _typed(v, args[1]) for k, v in value.items()}
    if origin is tuple:
        return tuple(_typed(v, args[0]) for v in value)
    if hint is float:
        return float(value)
    if args and origin is not Literal and type(None) in args:
        return _typed(value, next(a for a in args if a is not type(None)))
    return value


def now() -> str:
    """Return this instant: UTC, ISO 8601 with milliseconds and ``Z``."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
