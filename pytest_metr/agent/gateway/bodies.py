"""What a program in the sandbox sends, seen through before anything is made of it: it may be hostile."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from pytest_metr.agent.gateway.server import Refused

#: More brackets and commas than any conversation has would only fill the memory.
VALUES_LIMIT = 1_000_000
DEPTH_LIMIT = 100

_SIZES = ("max_tokens", "max_completion_tokens")


def read_json(data: bytes) -> dict[str, Any]:
    """Return the object that a body is; it can be written as JSON and UTF-8 again.

    :raises Refused: (400) where it is none, or is nested too deep, or (413) holds too many values.
    """
    if data.count(b",") + data.count(b"[") + data.count(b"{") > VALUES_LIMIT:
        raise Refused(413, "invalid_request_error", f"expected at most {VALUES_LIMIT} values")
    try:
        body = json.loads(data)
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused(400, "invalid_request_error", f"expected JSON in UTF-8: {str(error)[:200]}") from error
    if not isinstance(body, dict):
        _wrong("expected a JSON object")
    _check_depth(body)
    return body


def read_call(data: bytes) -> dict[str, Any]:
    """Return the body of a request to a model, as far as both APIs agree on it.

    :raises Refused: (400, 413) as :func:`read_json`, or where it is no conversation.
    """
    body = read_json(data)
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(each, dict) for each in messages):
        _wrong("messages: expected a list of objects, at least one")
    for name in _SIZES:
        size = body.get(name)
        if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 1):
            _wrong(f"{name}: expected a whole number of at least 1")
    if not isinstance(body.get("stream", False), (bool, type(None))):
        _wrong("stream: expected true or false")
    return body


def _check_depth(body: dict[str, Any]) -> None:
    level: list[Any] = [body]
    for _ in range(DEPTH_LIMIT):
        children: list[Any] = []
        for value in level:
            children += value.values() if isinstance(value, dict) else value
        level = [child for child in children if isinstance(child, (dict, list))]
        if not level:
            return
    _wrong(f"expected values nested at most {DEPTH_LIMIT} deep")


def _wrong(message: str) -> NoReturn:
    raise Refused(400, "invalid_request_error", message)
