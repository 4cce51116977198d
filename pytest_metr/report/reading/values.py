"""JSON as it is found in files, and the check of each value that a number may depend on."""

from __future__ import annotations

import json
import math
from codecs import BOM_UTF8
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NoReturn

Object = Mapping[str, Any]

_NON_FINITE = ("NaN", "Infinity", "-Infinity")
_SHOWN = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Unreadable(ValueError):
    """A value is not what it should be; whoever knows the file and the line makes a person's mistake of it.

    :param key: the column or key that holds the value, if it is about one.
    """

    def __init__(self, message: str, key: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.key = key


def _refuse_constant(token: str) -> NoReturn:
    raise Unreadable(f"expected JSON, which has no {token}")


#: One decoder for all lines: making one costs more than decoding a line.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def decode_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that *raw* holds.

    :raises Unreadable: where it is not UTF-8, not JSON (NaN and the infinities are none) or not an object.
    """
    if raw.startswith(BOM_UTF8):
        raise Unreadable("expected UTF-8 without a byte order mark")
    try:
        text = raw.decode("utf-8").strip()
        data, end = _DECODER.raw_decode(text)
        if end != len(text):
            _DECODER.decode(text)  # says what is wrong with the rest
    except UnicodeDecodeError as error:
        raise Unreadable(f"expected UTF-8, found the byte 0x{error.object[error.start]:02x}") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"expected JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise Unreadable("expected JSON that is not nested so deeply") from None
    except Unreadable:
        raise
    except ValueError as error:  # an integer of thousands of digits
        raise Unreadable(f"expected JSON: {error}") from None
    if not isinstance(data, dict):
        raise Unreadable(f"expected a JSON object, found {found(data)}")
    return data


def found(value: Any) -> str:
    """Return a value as a message shows it: its kind, and the beginning of what it is."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    kinds = {str: "the text ", int: "", float: "", dict: "an object", list: "a list"}
    kind = kinds.get(type(value), "")
    if isinstance(value, (dict, list)):
        return kind
    try:
        shown = repr(value)
    except ValueError:  # an integer of thousands of digits
        shown = "a number with thousands of digits"
    return kind + (shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}...")


def a_value(data: Object, key: str) -> Any:
    """Return what *key* holds.

    :raises Unreadable: where there is no such key.
    """
    try:
        return data[key]
    except KeyError:
        raise Unreadable("expected this column, found none", key) from None


def a_text(data: Object, key: str) -> str:
    """Return the text of *key*.

    :raises Unreadable: where it is missing, no text, or empty.
    """
    value = data.get(key)
    if type(value) is str and value:
        return value
    raise Unreadable(f"expected a text, found {found(a_value(data, key))}", key)


def an_optional_text(data: Object, key: str) -> str | None:
    """Return the text of *key*; None where it is missing or null.

    :raises Unreadable: where it is something else.
    """
    value = data.get(key)
    if value is not None and type(value) is not str:
        raise Unreadable(f"expected a text or null, found {found(value)}", key)
    return value


def a_number(data: Object, key: str) -> float | None:
    """Return the finite number of *key*; None where it is missing or null.

    :raises Unreadable: where it is something else: true and false, texts and what is not finite are no numbers.
    """
    value = data.get(key)
    if value is None or (type(value) is float and math.isfinite(value)):
        return value
    if type(value) is not float and type(value) is not int:
        what = "a finite number" if value in _NON_FINITE else "a number"
        raise Unreadable(f"expected {what} or null, found {found(value)}", key)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not -math.inf < number < math.inf:
        raise Unreadable(f"expected a finite number or null, found {found(value)}", key)
    return number


def human_minutes(data: Object) -> float | None:
    """Return the human minutes of a run; None where they are not known.

    :raises Unreadable: where they are not a number above 0.
    """
    minutes = a_number(data, "human_minutes")
    if minutes is not None and minutes <= 0:
        raise Unreadable(f"expected a number above 0 or null, found {found(data['human_minutes'])}", "human_minutes")
    return minutes


def milliseconds(instant: object) -> int | None:
    """Return the milliseconds since 1970 of an instant in ISO 8601 or in milliseconds; None for anything else.

    It only tells runs of one name apart, so that what cannot be read is no mistake.
    """
    if isinstance(instant, (int, float)) and not isinstance(instant, bool):
        return int(instant) if math.isfinite(instant) else None
    if not isinstance(instant, str) or not instant:
        return None
    try:
        # Python 3.10 does not read the Z.
        moment = datetime.fromisoformat(instant.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return round((moment - _EPOCH).total_seconds() * 1000)
