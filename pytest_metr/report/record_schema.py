"""JSON Schemas of records, made from their type hints, so that the two cannot disagree."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pytest_metr.types import Record

Schema = dict[str, Any]

_NUMBER: Schema = {
    "description": "A float; NaN and the infinities, which JSON does not have, are strings.",
    "anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}],
}
_SIMPLE: Mapping[Any, Schema] = {
    Any: {},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"$ref": "#/$defs/number"},
    type(None): {"type": "null"},
}


def record_schema(cls: type[Record], *, title: str, constants: Mapping[str, Any] | None = None) -> Schema:
    """Return the JSON Schema (draft 2020-12) of what ``to_json`` of *cls* returns.

    :param constants: further keys of the document with the only value that each can have.
    :raises TypeError: for a type hint that JSON has nothing for.
    """
    defs: dict[str, Schema] = {"number": _NUMBER}
    body = _object(cls, defs)
    added = {key: {"const": value} for key, value in (constants or {}).items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **body,
        "properties": {**added, **body["properties"]},
        "required": [*added, *body["required"]],
        "$defs": defs,
    }


def definitions(*classes: type[Record]) -> dict[str, Schema]:
    """Return the schemas of records and of all that they hold by the names of their classes, for ``$defs``."""
    defs: dict[str, Schema] = {"number": _NUMBER}
    for cls in classes:
        _of(cls, defs)
    return defs


def _object(cls: type[Record], defs: dict[str, Schema]) -> Schema:
    hints = get_type_hints(cls)
    fields: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(cls)  # type: ignore[arg-type]
    return {
        "description": (cls.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " "),
        "type": "object",
        "properties": {field.name: _of(hints[field.name], defs) for field in fields},
        "required": [field.name for field in fields],
        "additionalProperties": False,
    }


def _of(hint: Any, defs: dict[str, Schema]) -> Schema:
    """Return the schema of a type hint; records that it names are put into *defs*."""
    origin, args = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and issubclass(hint, Record):
        if hint.__name__ not in defs:
            defs[hint.__name__] = {}  # so that a record that holds its like comes to an end
            defs[hint.__name__] = _object(hint, defs)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if origin is Literal:
        return {"enum": list(args)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(arg, defs) for arg in args]}
    if origin is tuple and args[1:] == (...,):
        return {"type": "array", "items": _of(args[0], defs)}
    if origin is dict and args[0] is str:
        return {"type": "object", "additionalProperties": _of(args[1], defs)}
    try:
        return dict(_SIMPLE[hint])
    except (KeyError, TypeError):
        raise TypeError(f"JSON has nothing for {hint!r}") from None
