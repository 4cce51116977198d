"""Whatever a task returns, as JSON data."""

from __future__ import annotations

import collections.abc
import dataclasses
import decimal
from collections.abc import Callable
from typing import Any

MAX_DEPTH = 60
MAX_NODES = 500_000
MAX_REPR = 20_000


class Encoder:
    """Turns whatever a task returns into JSON data: numbers stay numbers, what is unknown becomes its repr."""

    def __init__(self) -> None:
        self.nodes = 0
        self.above: list[int] = []

    def encode(self, value: Any) -> Any:
        """Return JSON data for *value* (with NaN and the infinities as floats); never raises."""
        self.nodes += 1
        if self.nodes > MAX_NODES or len(self.above) > MAX_DEPTH:
            return f"<{type(value).__name__} left out: the value is too large>"
        if id(value) in self.above:
            return f"<{type(value).__name__} that contains itself>"
        self.above.append(id(value))
        try:
            return self._encode(value)
        except Exception:  # noqa: BLE001 - objects of a task may raise whatever they like
            return safe_text(repr, value)
        finally:
            self.above.pop()

    def _encode(self, value: Any) -> Any:
        if value is None or isinstance(value, (bool, int, float, str)):
            return plain_scalar(value)
        if isinstance(value, type):
            return safe_text(repr, value)
        if dataclasses.is_dataclass(value):
            return {f.name: self.encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        if isinstance(value, collections.abc.Mapping):
            return self._mapping({key: value[key] for key in value})
        if isinstance(value, (set, frozenset)):
            return self._list(sorted(value, key=lambda item: safe_text(repr, item)))
        if isinstance(value, (list, tuple)):
            return self._list(value)
        if isinstance(value, decimal.Decimal) or hasattr(type(value), "as_integer_ratio"):
            return float(value)
        return self._array(value)

    def _list(self, value: collections.abc.Iterable[Any]) -> list[Any]:
        out = []
        for item in value:
            out.append(self.encode(item))
            if self.nodes > MAX_NODES:
                break
        return out

    def _mapping(self, value: dict[Any, Any]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, item in value.items():
            name = valid_text(key) if isinstance(key, str) else safe_text(repr, key)
            out[safe_text(repr, key) if name in out else name] = self.encode(item)
            if self.nodes > MAX_NODES:
                break
        return out

    def _array(self, value: Any) -> Any:
        """Encode arrays and scalars of numpy and its kin by their common face, without importing any of them."""
        if hasattr(value, "dtype") and hasattr(value, "shape"):
            plain = value.item() if value.shape == () else getattr(value, "tolist", lambda: value)()
            if type(plain) is not type(value):
                return self.encode(plain)
        return safe_text(repr, value)


def plain_scalar(value: Any) -> Any:
    """Return the builtin value of a scalar; its class may override every conversion."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return valid_text(value)
    # Python refuses to write very long integers in decimal.
    return int.__int__(value) if int.bit_length(value) < 4096 else hex(value)[:MAX_REPR]


def valid_text(text: str) -> str:
    """Return *text* with lone surrogates, which no file takes, written as escapes."""
    return str.encode(text, "utf-8", "backslashreplace").decode("utf-8")


def safe_text(convert: Callable[[Any], str], value: Any) -> str:
    """Return ``convert(value)``, cut to a readable length, whatever the object does."""
    try:
        text = valid_text(convert(value))
    except Exception as error:  # noqa: BLE001 - objects of a task may raise whatever they like
        return f"<{type(value).__name__}: {convert.__name__} failed with {type(error).__name__}>"
    return text if len(text) <= MAX_REPR else f"{text[:MAX_REPR]}... ({len(text)} characters)"
