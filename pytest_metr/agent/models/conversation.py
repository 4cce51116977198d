"""Requests in a transcript: of each only what it adds to an earlier one, or a transcript would grow with its square."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


class Conversation:
    """Takes requests and returns what is to be written of each.

    It remembers a hash of every beginning that there was, so that it finds the longest that two requests have in
    common, whichever they are, in the time that it takes to read one.
    """

    def __init__(self) -> None:
        self._beginnings: dict[bytes, int] = {}

    def add(self, number: int, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is to be written of a request.

        :returns: ``body``, without its messages; ``messages``, those after the first ``kept`` of the request ``of``,
            which is None where it has none in common with an earlier one.
        """
        messages = list(body.get("messages") or ())
        of, kept, known = None, 0, True
        beginning = b""
        for length, message in enumerate(messages, 1):
            beginning = hashlib.sha256(beginning + json.dumps(message).encode()).digest()
            earlier = self._beginnings.setdefault(beginning, number)
            known = known and earlier != number
            if known:
                of, kept = earlier, length
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
