"""A model server that answers what a test has written, in the form of either maker's API, streams included."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_metr.agent.models import WIRES, Message, Reply, StopReason, ToolCall, Wire
from pytest_metr.types import TokenCounts
from tests.servers.loopback import Handler, LoopbackServer

#: What is said: a reply in our own words, or the body of a response as it is to be.
Said = Reply | Mapping[str, Any]
#: The counts of tokens of a reply, unless a test says otherwise.
COUNTS = TokenCounts(input=10, output=5)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it came.

    :param headers: with names in small letters.
    """

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def key(self) -> str:
        """The key that it came with; the makers' clients have had more than one place for it."""
        return self.headers.get("x-api-key") or self.headers.get("authorization", "").removeprefix("Bearer ")


#: What is answered to the n-th request (0, 1, ...).
Script = Callable[[Asked, int], Said]


def said(
    text: str = "yes", *calls: ToolCall, stop: StopReason | None = None, tokens: TokenCounts | None = COUNTS
) -> Reply:
    """Return a reply with some text, and the tools that it calls."""
    reason: StopReason = stop or ("tool_calls" if calls else "end")
    return Reply(message=Message(role="assistant", text=text, calls=calls), stop=reason, tokens=tokens)


def tool_call(name: str, *, id: str = "call_1", **arguments: Any) -> ToolCall:
    """Return the call of a tool."""
    return ToolCall(id=id, name=name, arguments=json.dumps(arguments))


class ScriptedServer(LoopbackServer):
    """Answers by a script, in the form of either API.

    :param script: makes each answer; or a list of replies, the last of which is repeated. An empty list is answered by
        status 418, which nobody takes for anything that may pass.
    :param allowed: requests that are served at once; others get 429.
    :param seconds: how long each takes.
    :param retry_after: what 429 asks for.
    :param key: that requests must come with.
    :ivar asked: all requests that were answered by the script, in the order in which they came.
    :ivar most_at_once: the largest number of requests that were served at once.
    :ivar refused: how many got 429.
    """

    def __init__(
        self,
        script: Script | Iterable[Said],
        *,
        allowed: int | None = None,
        seconds: float = 0.0,
        retry_after: str | None = "0.05",
        key: str | None = None,
    ) -> None:
        super().__init__()
        self._script: Script = script if callable(script) else _one_after_the_other(script)
        self._allowed = allowed
        self._seconds = seconds
        self._retry_after = retry_after
        self._key = key
        self._lock = threading.Lock()
        self._serving = 0
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.refused = 0

    def answer(self, handler: Handler, body: dict[str, Any]) -> None:
        """Answer one request."""
        wire = _wire_of(handler.path)
        if wire is None:
            handler.send_json(404, {"error": {"message": f"there is no {handler.path}", "type": "not_found_error"}})
            return
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(path=handler.path, headers=headers, body=body)
        if self._key is not None and asked.key != self._key:
            handler.send_json(401, wire.error("authentication_error", f"the key {asked.key} is not valid"))
        elif (number := self._admitted(asked)) is None:
            again = {} if self._retry_after is None else {"Retry-After": self._retry_after}
            handler.send_json(429, wire.error("rate_limit_error", "too many requests at once"), again)
        else:
            self._serve(handler, wire, asked, number)

    def _admitted(self, asked: Asked) -> int | None:
        """Return the number of a request, or None where there are too many."""
        with self._lock:
            if self._allowed is not None and self._serving >= self._allowed:
                self.refused += 1
                return None
            self._serving += 1
            self.most_at_once = max(self.most_at_once, self._serving)
            self.asked.append(asked)
            return len(self.asked) - 1

    def _serve(self, handler: Handler, wire: Wire, asked: Asked, number: int) -> None:
        try:
            self.closing.wait(self._seconds)
            answer = self._script(asked, number)
        except IndexError:
            handler.send_json(418, wire.error("teapot", "the script is empty"))
            return
        finally:
            # Before the answer is out: whoever has it may ask again at once.
            with self._lock:
                self._serving -= 1
        send(handler, wire, asked.body, answer)


def send(handler: Handler, wire: Wire, body: Mapping[str, Any], said: Said) -> None:
    """Send an answer as the request wants it: whole, or as a stream of events."""
    response = response_of(wire, said)
    if not body.get("stream"):
        handler.send_json(200, response)
        return
    handler.begin(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
    for event in events_of(wire, body, response):
        handler.send_chunk(event)
    handler.send_chunk(b"")


def response_of(wire: Wire, said: Said) -> Mapping[str, Any]:
    """Return the body of a response."""
    return wire.response(said, model="scripted", id="answer") if isinstance(said, Reply) else said


def events_of(wire: Wire, body: Mapping[str, Any], response: Mapping[str, Any]) -> Iterator[bytes]:
    """Return the events of a response, with the counts of tokens where they are asked for."""
    options = body.get("stream_options")
    return wire.events(response, include_usage=isinstance(options, dict) and bool(options.get("include_usage")))


def _one_after_the_other(script: Iterable[Said]) -> Script:
    answers = list(script)
    return lambda _, number: answers[min(number, len(answers) - 1)]


def _wire_of(path: str) -> Wire | None:
    return next((wire for wire in WIRES if path.split("?")[0].endswith(wire.path)), None)
