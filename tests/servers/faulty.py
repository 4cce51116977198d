"""A model server that fails in every way that servers do, by name, and answers well after that."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any

from pytest_metr.agent.models import WIRES, Wire
from tests.servers.loopback import Handler
from tests.servers.scripted import ScriptedServer, events_of, response_of, said, send

#: Does one thing that no server should, given what a good answer would have been.
Fault = Callable[["FaultyServer", Handler, Wire, Mapping[str, Any]], None]


class FaultyServer(ScriptedServer):
    """Does what *faults* say, one for each request, and answers well to all that follow.

    :param seconds: of the pauses in a trickle.
    :ivar served: how many faults have been done.
    """

    def __init__(self, faults: Sequence[str], *, seconds: float = 0.05) -> None:
        super().__init__([said("well")])
        self._faults = [FAULTS[name] for name in faults]
        self.pause = seconds
        self.served = 0

    def answer(self, handler: Handler, body: dict[str, Any]) -> None:
        """Do the next fault, or answer well."""
        with self._lock:
            fault = self._faults[self.served] if self.served < len(self._faults) else None
            self.served += fault is not None
        if fault is None:
            super().answer(handler, body)
            return
        wire = next(wire for wire in WIRES if handler.path.endswith(wire.path))
        fault(self, handler, wire, body)


def _status(status: int, message: str, kind: str, **headers: str) -> Fault:
    def fault(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.send_json(status, wire.error(kind, message), given)

    return fault


def _retry_after_date(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
    at = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=2)
    headers = {"retry-after": format_datetime(at, usegmt=True)}
    handler.send_json(429, wire.error("rate_limit_error", "slow down"), headers)


def _echo_of_the_key(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
    headers = json.dumps(dict(handler.headers.items()))
    handler.send_json(401, wire.error("authentication_error", f"{'x' * 350} wrong key in {headers}"))


def _data(status: int, data: bytes, kind: str) -> Fault:
    def fault(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
        handler.send_data(status, data, {"Content-Type": kind})

    return fault


def _hang_up(*, reset: bool) -> Fault:
    def fault(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
        handler.hang_up(reset=reset)

    return fault


def _half(*, reset: bool) -> Fault:
    def fault(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
        data = json.dumps(response_of(wire, said("well"))).encode()
        handler.begin(200, {"Content-Type": "application/json", "Content-Length": str(len(data))})
        handler.wfile.write(data[: len(data) // 2])
        handler.wfile.flush()
        handler.hang_up(reset=reset)

    return fault


def _cut_stream(*, tidy: bool) -> Fault:
    """Stop in the middle of a stream: with the end that HTTP wants, or without."""

    def fault(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
        events = b"".join(events_of(wire, body, response_of(wire, said("word " * 40))))
        handler.begin(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        handler.send_chunk(events[: len(events) // 3])
        if tidy:
            handler.send_chunk(b"")
        else:
            handler.wfile.flush()
            handler.hang_up(reset=False)

    return fault


def _error_in_stream(kind: str, message: str) -> Fault:
    def fault(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
        first = next(iter(events_of(wire, body, response_of(wire, said("well")))))
        error = b"event: error\ndata: " + json.dumps(wire.error(kind, message)).encode() + b"\n\n"
        handler.begin(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        handler.send_chunk(first + error)
        handler.send_chunk(b"")

    return fault


def _trickle(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
    handler.begin(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
    while not server.closing.wait(server.pause):
        handler.send_chunk(b": wait\n\n")


def _trickle_of_headers(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not server.closing.wait(server.pause):
        handler.wfile.write(b"x-wait: 1\r\n")


def _silence(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
    server.closing.wait()
    handler.close_connection = True


def _other_type(kind: str) -> Fault:
    """Answer well, but call it something else."""

    def fault(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
        response = response_of(wire, said("well"))
        streamed = body.get("stream")
        data = b"".join(events_of(wire, body, response)) if streamed else json.dumps(response).encode()
        handler.send_data(200, data, {"Content-Type": kind})

    return fault


def _without_usage(server: FaultyServer, handler: Handler, wire: Wire, body: Mapping[str, Any]) -> None:
    response = {key: value for key, value in response_of(wire, said("well")).items() if key != "usage"}
    send(handler, wire, body, response)


_HTML = b"<html><body>Bad gateway</body></html>"

#: The name of a fault -> what is done.
FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "400": _status(400, "unknown field: temprature", "invalid_request_error"),
        "400 context length": _status(
            400, "This model's maximum context length is 8192 tokens", "context_length_exceeded"
        ),
        "400 content filter": _status(400, "the prompt was filtered by the content policy", "content_filter"),
        "401": _status(401, "incorrect API key", "authentication_error"),
        "401 that shows the key": _echo_of_the_key,
        "402": _status(402, "no credit", "billing_error"),
        "403": _status(403, "not allowed", "permission_error"),
        "404": _status(404, "the model does not exist", "not_found_error"),
        "413": _status(413, "request exceeds the maximum size", "request_too_large"),
        "422": _status(422, "messages: field required", "invalid_request_error"),
        "307 to another address": _status(307, "moved", "moved", location="http://elsewhere.invalid/v1"),
        "408": _status(408, "request timed out", "timeout_error"),
        "409": _status(409, "conflict", "conflict_error"),
        "429": _status(429, "slow down", "rate_limit_error"),
        "429 Retry-After seconds": _status(429, "slow down", "rate_limit_error", retry_after="1"),
        "429 retry-after-ms": _status(429, "slow down", "rate_limit_error", retry_after_ms="300"),
        "429 Retry-After date": _retry_after_date,
        "429 without credit": _status(429, "insufficient_quota: see your plan", "insufficient_quota"),
        "500": _status(500, "internal error", "api_error"),
        "502": _data(502, _HTML, "text/html"),
        "503": _status(503, "no capacity", "api_error"),
        "529": _status(529, "overloaded", "overloaded_error"),
        "reset before the answer": _hang_up(reset=True),
        "closed before the answer": _hang_up(reset=False),
        "reset within the answer": _half(reset=True),
        "answer cut short": _half(reset=False),
        "no JSON": _data(200, b"Hello there", "application/json"),
        "an empty answer": _data(200, b"", "application/json"),
        "JSON that is no object": _data(200, b"[1, 2]", "application/json"),
        "HTML": _data(200, _HTML, "text/html"),
        "JSON that is no answer": _data(200, b'{"status": "ok"}', "application/json"),
        "an error with status 200": _data(200, b'{"error": {"message": "busy", "code": 503}}', "application/json"),
        "stream cut in the middle": _cut_stream(tidy=False),
        "stream ended in the middle": _cut_stream(tidy=True),
        "error within a stream": _error_in_stream("overloaded_error", "overloaded"),
        "rejection within a stream": _error_in_stream("invalid_request_error", "no such tool"),
        "trickling": _trickle,
        "trickling headers": _trickle_of_headers,
        "silence": _silence,
        "another content type": _other_type("text/plain"),
        "no usage": _without_usage,
    }
)
