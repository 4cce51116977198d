"""A server that fails in every way that there is, and answers well afterwards."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pytest_metr.agent.models import WIRES, Message, Reply, Wire
from pytest_metr.types import TokenCounts
from tests.servers.scripted import answer, send, send_bytes

#: How long a server that says nothing, or little by little, keeps its connection.
_LONG = 20.0


class _Exchange:
    """One request that is to be failed, and what a good answer to it would be."""

    def __init__(self, handler: BaseHTTPRequestHandler, wire: Wire, body: Mapping[str, Any], ended: threading.Event):
        self.handler = handler
        self.wire = wire
        self.body = body
        self.ended = ended
        reply = Reply(
            message=Message(role="assistant", text="a good answer"), stop="end", tokens=TokenCounts(input=5, output=3)
        )
        self.response = wire.response(reply, model="m", id="good")

    @property
    def data(self) -> bytes:
        """The bytes of the good answer."""
        if self.body.get("stream"):
            return b"".join(self.wire.events(self.response, include_usage=True))
        return json.dumps(self.response).encode()

    @property
    def content_type(self) -> dict[str, str]:
        """Its content type."""
        return {"Content-Type": "text/event-stream" if self.body.get("stream") else "application/json"}

    def begin(self, length: int, headers: Mapping[str, str]) -> None:
        """Send the head of an answer of so many bytes."""
        self.handler.send_response(200)
        for name, value in {**headers, "Content-Length": str(length)}.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.flush()

    def hang_up(self, *, reset: bool) -> None:
        """End the connection, with a reset where it is to look like one."""
        if reset:
            self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.handler.connection.close()
        self.handler.close_connection = True


Fault = Callable[[_Exchange], None]


def _status(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Fault:
    return lambda exchange: send(exchange.handler, status, exchange.wire.error(kind, message), headers)


def _late_date(exchange: _Exchange) -> None:
    at = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=1), usegmt=True)
    send(exchange.handler, 429, exchange.wire.error("rate_limit_error", "slow down"), {"Retry-After": at})


def _reset_before(exchange: _Exchange) -> None:
    exchange.hang_up(reset=True)


def _closed_before(exchange: _Exchange) -> None:
    exchange.hang_up(reset=False)


def _reset_within(exchange: _Exchange) -> None:
    exchange.begin(len(exchange.data), exchange.content_type)
    exchange.handler.wfile.write(exchange.data[:20])
    exchange.handler.wfile.flush()
    time.sleep(0.05)
    exchange.hang_up(reset=True)


def _cut_body(exchange: _Exchange) -> None:
    exchange.begin(len(exchange.data), exchange.content_type)
    exchange.handler.wfile.write(exchange.data[:-30])
    exchange.handler.wfile.flush()
    exchange.hang_up(reset=False)


def _cut_stream(exchange: _Exchange) -> None:
    # Complete by its length, so that only what it says shows that it is not.
    events = list(exchange.wire.events(exchange.response))
    send_bytes(exchange.handler, 200, b"".join(events[:1]), {"Content-Type": "text/event-stream"})


def _other(data: bytes, content_type: str) -> Fault:
    return lambda exchange: send_bytes(exchange.handler, 200, data, {"Content-Type": content_type})


def _silence(exchange: _Exchange) -> None:
    exchange.ended.wait(_LONG)
    exchange.hang_up(reset=False)


def _trickle(exchange: _Exchange) -> None:
    exchange.begin(1 << 20, exchange.content_type)
    until = time.monotonic() + _LONG
    try:
        while time.monotonic() < until and not exchange.ended.wait(0.05):
            exchange.handler.wfile.write(b" ")
            exchange.handler.wfile.flush()
    except OSError:
        exchange.handler.close_connection = True


def _stream_error(exchange: _Exchange) -> None:
    error = exchange.wire.error("overloaded_error", "overloaded")
    data = b"event: error\ndata: " + json.dumps(error).encode() + b"\n\n"
    send_bytes(exchange.handler, 200, data, {"Content-Type": "text/event-stream"})


def _no_usage(exchange: _Exchange) -> None:
    response = {key: value for key, value in exchange.response.items() if key != "usage"}
    answer(exchange.handler, exchange.wire, response, exchange.body)


#: Every fault by its name.
FAULTS: Mapping[str, Fault] = {
    "400": _status(400, "invalid_request_error", "temperature is out of range"),
    "400 context length": _status(400, "invalid_request_error", "this model's maximum context length is 8192 tokens"),
    "400 content filter": _status(400, "invalid_request_error", "filtered by the content management policy"),
    "401": _status(401, "authentication_error", "the key {key} is not valid"),
    "403": _status(403, "permission_error", "this key may not use the model"),
    "404": _status(404, "not_found_error", "the model m does not exist"),
    "408": _status(408, "timeout", "it took too long"),
    "409": _status(409, "conflict", "try again"),
    "422": _status(422, "invalid_request_error", "messages: field required"),
    "429": _status(429, "rate_limit_error", "slow down"),
    "429 Retry-After seconds": _status(429, "rate_limit_error", "slow down", {"Retry-After": "1"}),
    "429 Retry-After date": _late_date,
    "429 retry-after-ms": _status(429, "rate_limit_error", "slow down", {"retry-after-ms": "300"}),
    "500": _status(500, "api_error", "it failed"),
    "502": _status(502, "api_error", "bad gateway"),
    "503": _status(503, "api_error", "not now"),
    "529": _status(529, "overloaded_error", "overloaded"),
    "closed before the answer": _closed_before,
    "reset before the answer": _reset_before,
    "reset within the answer": _reset_within,
    "answer cut short": _cut_body,
    "stream cut in the middle": _cut_stream,
    "error within a stream": _stream_error,
    "no JSON": _other(b"this is no JSON", "application/json"),
    "JSON that is no object": _other(b"[1, 2]", "application/json"),
    "an empty answer": _other(b"", "application/json"),
    "HTML": _other(b"<html><body>Bad Gateway</body></html>", "text/html"),
    "silence": _silence,
    "trickling": _trickle,
    "no usage": _no_usage,
}


class FaultyServer:
    """Fails by name, once for each name, and answers well when the list is used up. A context manager.

    :ivar served: how many requests there were.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        self.served = 0
        self._faults = list(faults)
        self._lock = threading.Lock()
        self._ended = threading.Event()

    @property
    def url(self) -> str:
        """The base URL, as clients are given it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> FaultyServer:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._serve(self)

            def log_message(self, format: str, *args: object) -> None:
                """Tests have their own output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="test-faulty-server")
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        wire = next(wire for wire in WIRES if handler.path.endswith(wire.path))
        with self._lock:
            self.served += 1
            fault = self._faults.pop(0) if self._faults else None
        exchange = _Exchange(handler, wire, body, self._ended)
        if fault is None:
            answer(handler, wire, exchange.response, body)
        else:
            FAULTS[fault](exchange)
