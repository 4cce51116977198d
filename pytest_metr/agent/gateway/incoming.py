"""Requests of HTTP/1.1 out of the bytes of a connection, bounded in size and in time."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.client import HTTPException, parse_headers

from pytest_metr.agent.gateway.messages import HttpRequest, Unacceptable

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 16 * 1024 * 1024
#: Seconds that a connection may be silent between two requests.
IDLE = 600.0
#: Seconds in which a head must have arrived that has begun, and in which a body must have.
PATIENCE = 60.0

_CHUNK = 64 * 1024
_EMPTY = (b"\r\n", b"\n")


class Closed(Exception):
    """The other side has gone, or says nothing more."""


class Incoming:
    """The bytes of a connection, read by a deadline and up to a limit."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = bytearray()
        self._deadline = 0.0

    def head(self) -> HttpRequest:
        """Wait for a request and read its head.

        :raises Unacceptable: where it is none, is too large or does not arrive in time.
        """
        if not self._buffer:
            self._sock.settimeout(IDLE)
            try:
                self._buffer += self._some()
            except TimeoutError as error:
                raise Closed from error
        self._deadline = time.monotonic() + PATIENCE
        text = self._until(b"\n", HEAD_LIMIT)
        while text in _EMPTY:  # which some clients send behind a body
            text = self._until(b"\n", HEAD_LIMIT)
        words = text.decode("latin-1").split()
        if len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1"):
            raise Unacceptable(HTTPStatus.BAD_REQUEST, "expected a method, a path and the version of HTTP, 1.0 or 1.1")
        lines, room = [b""], HEAD_LIMIT
        while lines[-1] not in _EMPTY:
            lines.append(self._until(b"\n", room))
            room -= len(lines[-1])
        try:
            headers = parse_headers(io.BytesIO(b"".join(lines)))
        except HTTPException as error:
            raise Unacceptable(HTTPStatus.BAD_REQUEST, f"headers that cannot be read: {error}") from error
        return HttpRequest(method=words[0], target=words[1], headers=headers, version=words[2])

    def body(self, request: HttpRequest, *, go_on: Callable[[], None]) -> bytes:
        """Read the body that belongs to a head.

        :param go_on: is called first where the other side waits for leave to send it.
        :raises Unacceptable: where it is too large, is in a form that is not known or does not arrive in time.
        """
        headers = request.headers
        encoding, size = headers.get("Transfer-Encoding"), headers.get("Content-Length", "0").strip()
        if headers.get("Content-Encoding", "identity") != "identity":
            raise Unacceptable(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected a body that is not compressed")
        if encoding is not None and encoding.strip().lower() != "chunked":
            raise Unacceptable(HTTPStatus.NOT_IMPLEMENTED, f"expected chunked as transfer encoding, found {encoding}")
        if encoding is None and not (size.isascii() and size.isdigit() and len(size) < 20):
            raise Unacceptable(HTTPStatus.BAD_REQUEST, "expected a number as content length")
        if encoding is None and int(size) > BODY_LIMIT:
            raise _too_large()
        # However long it took to be given a place, it is now that the body is asked for.
        self._deadline = time.monotonic() + PATIENCE
        if headers.get("Expect", "").lower() == "100-continue":
            go_on()
        return self._exactly(int(size)) if encoding is None else b"".join(self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        total = 0
        while True:
            line = self._until(b"\n", 1024).split(b";")[0].strip()
            try:
                size = int(line, 16)
            except ValueError as error:
                raise Unacceptable(HTTPStatus.BAD_REQUEST, "expected the size of a chunk") from error
            total += size
            if size < 0 or total > BODY_LIMIT:
                raise _too_large()
            if not size:
                break
            yield self._exactly(size)
            if self._exactly(2) != b"\r\n":
                raise Unacceptable(HTTPStatus.BAD_REQUEST, "expected the end of a chunk")
        while self._until(b"\n", HEAD_LIMIT).strip():
            pass

    def _until(self, mark: bytes, limit: int) -> bytes:
        searched = 0
        while (found := self._buffer.find(mark, searched, limit)) < 0:
            if len(self._buffer) >= limit:
                raise Unacceptable(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"expected at most {HEAD_LIMIT} bytes")
            searched = len(self._buffer)
            self._more()
        return self._take(found + len(mark))

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        return self._take(size)

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _more(self) -> None:
        left = self._deadline - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(left)
            self._buffer += self._some()
        except TimeoutError as error:
            message = f"expected the whole request within {PATIENCE:g} s"
            raise Unacceptable(HTTPStatus.REQUEST_TIMEOUT, message) from error

    def _some(self) -> bytes:
        data = self._sock.recv(_CHUNK)
        if not data:
            raise Closed
        return data


def _too_large() -> Unacceptable:
    return Unacceptable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"expected a body of at most {BODY_LIMIT} bytes")
