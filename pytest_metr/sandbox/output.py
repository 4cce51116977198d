"""Keeping the head and the tail of a stream whose length nobody knows."""

from __future__ import annotations

from pytest_metr.sandbox.inside.streams import HeadAndTail


class Capped:
    """A stream of which at most *limit* bytes are kept, half of them its head and half its tail.

    :param limit: bytes, 0 or more. Memory stays within about three halves of it.
    :raises ValueError: where *limit* is negative.
    """

    def __init__(self, limit: int) -> None:
        if limit < 0:
            raise ValueError(f"output limit {limit}: expected 0 or more bytes")
        self._head = bytearray()
        self._kept = HeadAndTail(limit)

    def add(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self._head += self._kept.add(data)

    def skip(self, count: int) -> None:
        """Take note of *count* bytes that the sender has left out after the head, by the same limit."""
        self._kept.cut += count

    @property
    def dropped(self) -> int:
        """How many bytes of the middle are not kept."""
        self._kept.tail()
        return self._kept.cut

    def value(self) -> bytes:
        """Return what is kept; a line between head and tail says how much is missing."""
        tail, cut = self._kept.tail(), self._kept.cut
        gap = f"\n[... {cut} bytes dropped ...]\n".encode() if cut else b""
        return bytes(self._head) + gap + tail


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
