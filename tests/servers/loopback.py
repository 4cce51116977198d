"""A small HTTP server in threads of this process, which ends when its ``with`` block does, whatever hangs on it."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

_Server = TypeVar("_Server", bound="LoopbackServer")


class Handler(BaseHTTPRequestHandler):
    """One connection, with what servers that fail need besides."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def do_POST(self) -> None:
        """Answer by the server's own function."""
        length = int(self.headers.get("Content-Length") or 0)
        self.server.owner.answer(self, json.loads(self.rfile.read(length) or b"{}"))

    def do_GET(self) -> None:
        """Answer by the server's own function, as to a request without a body."""
        self.server.owner.answer(self, {})

    def send_json(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole answer."""
        self.send_data(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})

    def send_data(self, status: int, data: bytes, headers: Mapping[str, str]) -> None:
        """Send a whole answer of any kind."""
        self.begin(status, {"Content-Length": str(len(data)), **headers})
        self.wfile.write(data)

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the head of an answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send_chunk(self, data: bytes) -> None:
        """Send a piece of an answer whose length is not said beforehand; the empty one ends it."""
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def hang_up(self, *, reset: bool) -> None:
        """End the connection, by a reset or in good order."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        """End a connection, which the other side may have ended before."""
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    def handle(self) -> None:
        """Serve a connection until either side ends it."""
        try:
            super().handle()
        except (OSError, ValueError):  # the other side did, or a fault has closed the socket
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


class Listener(ThreadingHTTPServer):
    """The listening socket."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, owner: LoopbackServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), Handler)

    def shutdown_request(self, request: Any) -> None:
        """End a connection, which a fault may have closed before."""
        try:
            super().shutdown_request(request)
        except OSError:
            request.close()


class LoopbackServer:
    """Listens while its ``with`` block lasts; :meth:`answer` says what it does.

    :ivar closing: set when the block ends, for whoever keeps a client waiting.
    """

    def __init__(self) -> None:
        self.closing = threading.Event()
        self._listener = Listener(self)
        self._thread = threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        """Its address, as clients are given it; Anthropic's wants no ``/v1``, which :attr:`root` has not."""
        return f"{self.root}/v1"

    @property
    def root(self) -> str:
        """Its address without a path."""
        return f"http://127.0.0.1:{self._listener.server_port}"

    def answer(self, handler: Handler, body: dict[str, Any]) -> None:
        """Answer one request."""
        raise NotImplementedError

    def __enter__(self: _Server) -> _Server:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.closing.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
