"""A server that speaks both APIs and answers by a script."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pytest_metr.agent.models import WIRES, Message, Reply, StopReason, ToolCall, Wire
from pytest_metr.types import TokenCounts


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


#: What is answered to the n-th request (0, 1, ...).
Script = Callable[[Asked, int], Reply]


def said(text: str, *calls: ToolCall, stop: StopReason | None = None, tokens: TokenCounts | None = None) -> Reply:
    """Return a reply with some text, and the tools that it calls."""
    counts = tokens or TokenCounts(input=11, output=7)
    reason: StopReason = stop or ("tool_calls" if calls else "end")
    return Reply(message=Message(role="assistant", text=text, calls=calls), stop=reason, tokens=counts)


def tool_call(name: str, *, id: str = "call_1", **arguments: Any) -> ToolCall:
    """Return the call of a tool."""
    return ToolCall(id=id, name=name, arguments=json.dumps(arguments))


@dataclass(kw_only=True)
class ScriptedServer:
    """A context manager; :attr:`url` is the base URL of both APIs while it is open.

    :param script: makes each answer; or a list of replies, the last of which is repeated.
    :param allowed: requests that are served at once; others get 429.
    :param seconds: how long each takes.
    :param retry_after: what 429 asks for.
    :ivar asked: all requests that were answered, in the order in which they came.
    :ivar most_at_once: the largest number of requests that were served at once.
    :ivar refused: how many got 429.
    """

    script: Script | Iterable[Reply]
    allowed: int | None = None
    seconds: float = 0.0
    retry_after: str | None = "0.05"
    key: str | None = None
    asked: list[Asked] = field(default_factory=list)
    most_at_once: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        if not callable(self.script):
            replies = list(self.script)
            self._answer: Script = lambda _, number: replies[min(number, len(replies) - 1)]
        else:
            self._answer = self.script
        self._lock = threading.Lock()
        self._serving = 0

    @property
    def url(self) -> str:
        """The base URL, as clients are given it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> ScriptedServer:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._serve(self)

            def log_message(self, format: str, *args: object) -> None:
                """Tests have their own output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="test-model-server")
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        wire = next(wire for wire in WIRES if handler.path.endswith(wire.path))
        given = handler.headers.get("Authorization", "").removeprefix("Bearer ") or handler.headers.get("x-api-key")
        if self.key is not None and given != self.key:
            send(handler, 401, wire.error("authentication_error", f"the key {given} is not valid"))
            return
        with self._lock:
            full = self.allowed is not None and self._serving >= self.allowed
            self.refused += full
            if not full:
                self._serving += 1
                self.most_at_once = max(self.most_at_once, self._serving)
                number = len(self.asked)
                self.asked.append(Asked(path=handler.path, headers=dict(handler.headers), body=body))
                asked = self.asked[-1]
        if full:
            headers = {} if self.retry_after is None else {"Retry-After": self.retry_after}
            send(handler, 429, wire.error("rate_limit_error", "too many requests at once"), headers)
            return
        try:
            time.sleep(self.seconds)
            reply = self._answer(asked, number)
        finally:
            with self._lock:
                self._serving -= 1
        answer(handler, wire, wire.response(reply, model=str(body.get("model")), id=f"answer-{number}"), body)


def answer(handler: BaseHTTPRequestHandler, wire: Wire, response: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """Send a complete answer in the form that was asked for."""
    if not body.get("stream"):
        send(handler, 200, response)
        return
    options = body.get("stream_options") or {}
    data = b"".join(wire.events(response, include_usage=bool(options.get("include_usage"))))
    send_bytes(handler, 200, data, {"Content-Type": "text/event-stream"})


def send(
    handler: BaseHTTPRequestHandler, status: int, data: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> None:
    """Send JSON."""
    send_bytes(handler, status, json.dumps(data).encode(), {"Content-Type": "application/json", **(headers or {})})


def send_bytes(handler: BaseHTTPRequestHandler, status: int, data: bytes, headers: Mapping[str, str]) -> None:
    """Send what there is."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
