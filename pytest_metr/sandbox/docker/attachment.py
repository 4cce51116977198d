"""The stream of a container's main process, as the engine's attach connection carries it."""

from __future__ import annotations

import ssl
import struct
from collections.abc import Iterator
from typing import Any

#: What the engine puts before each piece of an output: which of the two it is, and how many bytes follow.
_PIECE = struct.Struct(">BxxxL")
STDOUT, STDERR = 1, 2
#: A connection that is not ready for more says it in one of these ways; paramiko's in the last.
NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError, TimeoutError)
_CHUNK = 1 << 16


class Attachment:
    """A connection to a container, of whatever kind the SDK has opened: a socket, one with TLS, or a channel of SSH.

    :param opened: what ``APIClient.attach_socket`` returned.
    """

    def __init__(self, opened: Any) -> None:
        self._opened = opened
        # The SDK wraps a socket in a file; by the file nothing can be sent. A channel of SSH comes as it is.
        self._connection: Any = getattr(opened, "_sock", opened)
        self._connection.settimeout(0)
        self._data = bytearray()

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        number: int = self._connection.fileno()
        return number

    def send(self, data: memoryview) -> int:
        """Send what the connection takes now, and return how many bytes that is."""
        try:
            sent: int = self._connection.send(data)
        except NOT_NOW:
            return 0
        return sent

    def receive(self) -> Iterator[tuple[int, bytes]]:
        """Yield what has arrived: which output, and its bytes. All of it, as a layer below may hold some back.

        :raises EOFError: where the other end has closed the connection.
        :raises OSError: where it is broken.
        """
        while True:
            try:
                data = self._connection.recv(_CHUNK)
            except NOT_NOW:
                return
            if not data:
                raise EOFError("the connection was closed")
            yield from self._pieces(data)

    def close(self) -> None:
        """Close the connection, which ends the container's standard input."""
        # The SDK's response to the request holds a connection with TLS open, and has to go before what it reads from.
        response = getattr(self._opened, "_response", None)
        if response is not None:
            response.close()
        self._connection.close()
        self._opened.close()

    def _pieces(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        self._data += data
        at = 0
        while len(self._data) - at >= _PIECE.size:
            which, length = _PIECE.unpack_from(self._data, at)
            end = at + _PIECE.size + length
            if len(self._data) < end:
                break
            piece = bytes(memoryview(self._data)[at + _PIECE.size : end])
            at = end
            yield which, piece
        del self._data[:at]
