"""Keeping the head and the tail of a stream whose length nobody knows."""

from __future__ import annotations


class Capped:
    """A stream of which at most *limit* bytes are kept, half of them its head and half its tail.

    :param limit: bytes, 0 or more. Memory stays within about three halves of it.
    :raises ValueError: where *limit* is negative.
    """

    def __init__(self, limit: int) -> None:
        if limit < 0:
            raise ValueError(f"output limit {limit}: expected 0 or more bytes")
        self._head_size = limit - limit // 2
        self._tail_size = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self._cut = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        room = self._head_size - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        # Cutting at every call would copy the tail each time; twice its size is the bound.
        if len(self._tail) > 2 * self._tail_size:
            self._trim()

    def skip(self, count: int) -> None:
        """Take note of *count* bytes that the sender has left out after the head, by the same limit."""
        self._cut += count

    @property
    def dropped(self) -> int:
        """How many bytes of the middle are not kept."""
        self._trim()
        return self._cut

    def value(self) -> bytes:
        """Return what is kept; a line between head and tail says how much is missing."""
        self._trim()
        gap = f"\n[... {self._cut} bytes dropped ...]\n".encode() if self._cut else b""
        return bytes(self._head) + gap + bytes(self._tail)

    def _trim(self) -> None:
        excess = len(self._tail) - self._tail_size
        if excess > 0:
            del self._tail[:excess]
            self._cut += excess


class Whole:
    """A stream that is kept as it is; whoever produces it has bounded it."""

    def __init__(self) -> None:
        self._data = bytearray()

    def add(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self._data += data

    def skip(self, count: int) -> None:
        """Refuse that bytes are missing. :raises ValueError: always."""
        raise ValueError(f"{count} bytes are missing in a stream that has to be whole")

    def value(self) -> bytes:
        """Return all of it."""
        return bytes(self._data)

    def clear(self) -> None:
        """Forget what was kept."""
        self._data.clear()
