"""Keeping the head and the tail of a stream whose length nobody knows. Runs inside sandboxes too: stands alone."""

from __future__ import annotations


class HeadAndTail:
    """What is kept of a stream of unknown length, at most *limit* bytes of it: its head and its tail.

    :param limit: bytes, 0 or more. Memory stays within about its size.
    :param head: how many of them are the head's; half of them unless given, rounded up.
    :ivar cut: how many bytes of the middle are not kept, once :meth:`tail` was asked.
    """

    def __init__(self, limit: int, *, head: int | None = None) -> None:
        self.cut = 0
        self._room = limit - limit // 2 if head is None else head
        self._size = limit - self._room
        self._tail = bytearray()

    def add(self, data: bytes) -> bytes:
        """Take the next bytes, and return those of them that belong to the head, for the caller to keep."""
        head = data[: self._room]
        self._room -= len(head)
        self._tail += data[len(head) :]
        # Cutting at every call would copy the tail each time; twice its size is the bound.
        if len(self._tail) > 2 * self._size:
            self._trim()
        return head

    def tail(self) -> bytes:
        """Return the tail as it is now."""
        self._trim()
        return bytes(self._tail)

    def _trim(self) -> None:
        excess = len(self._tail) - self._size
        if excess > 0:
            del self._tail[:excess]
            self.cut += excess


class Capped:
    """A stream of which at most *limit* bytes are kept, some of them its head and the others its tail.

    :param limit: bytes, 0 or more. Memory stays within about three halves of it.
    :param head: how many of them are the head's; half of them unless given, rounded up.
    :raises ValueError: where *limit* is negative.
    """

    def __init__(self, limit: int, *, head: int | None = None) -> None:
        if limit < 0:
            raise ValueError(f"output limit {limit}: expected 0 or more bytes")
        self._head = bytearray()
        self._kept = HeadAndTail(limit, head=head)

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

    def value(self, *, lost: int = 0) -> bytes:
        """Return what is kept; a line between head and tail says how much is missing.

        :param lost: bytes that are missing besides, because they never came here.
        """
        tail, missing = self._kept.tail(), self._kept.cut + lost
        gap = f"\n[... {missing} bytes dropped ...]\n".encode() if missing else b""
        return bytes(self._head) + gap + tail
