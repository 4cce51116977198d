"""Requests in a transcript: of each only what it adds to an earlier one, or a transcript would grow with its square."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

#: How many earlier requests are compared with; agents that ask in several threads go back and forth between them.
_REMEMBERED = 8


class Conversation:
    """Takes requests and returns what is to be written of each."""

    def __init__(self) -> None:
        self._earlier: dict[int, list[Any]] = {}

    def add(self, number: int, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body with ``messages`` in it that are new: all after the first ``kept`` of the request ``of``."""
        messages = list(body.get("messages") or ())
        of, kept = None, 0
        for earlier, before in self._earlier.items():
            common = _common(before, messages)
            if common > kept:
                of, kept = earlier, common
        self._earlier[number] = messages
        if len(self._earlier) > _REMEMBERED:
            del self._earlier[min(self._earlier)]
        rest = {key: value for key, value in body.items() if key != "messages"}
        return {"body": rest, "of": of, "kept": kept, "messages": messages[kept:]}


def requests(events: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the whole bodies of the requests in a transcript, in their order.

    :param events: the lines of the transcript, of all kinds.
    """
    earlier: dict[int, list[Any]] = {}
    for event in events:
        if event.get("kind") != "model_request":
            continue
        begun = earlier[event["of"]][: event["kept"]] if event["of"] is not None else []
        messages = [*begun, *event["messages"]]
        earlier[event["call"]] = messages
        yield {**event["body"], "messages": messages}


def _common(one: list[Any], other: list[Any]) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length
