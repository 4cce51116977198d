"""Output of which the beginning and the end are kept."""

from __future__ import annotations

from collections import deque


class Trimmed:
    """Keeps at most *limit* bytes of what is added: one half of the beginning, the rest of the end.

    :param limit: bytes, 1 or more.
    """

    def __init__(self, limit: int) -> None:
        self._room = limit // 2
        self._tail_room = limit - limit // 2
        self._head: list[bytes] = []
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many bytes of the middle have gone."""
        return self._dropped

    def add(self, data: bytes) -> None:
        """Add the next bytes."""
        if self._room:
            self._head.append(data[: self._room])
            data = data[self._room :]
            self._room -= len(self._head[-1])
        if data:
            self._tail.append(data)
            self._tail_size += len(data)
            self._drop(self._tail_size - self._tail_room)

    def text(self, *, lost: int = 0) -> str:
        """Return what was kept as text, with the cut said where something has gone.

        Bytes that are not UTF-8, and zero bytes, which no JSON of a model's server bears well, are shown as U+FFFD.

        :param lost: bytes that have gone before they came here.
        """
        dropped = self._dropped + lost
        cut = f"\n[... {dropped} bytes dropped ...]\n".encode() if dropped else b""
        data = b"".join((*self._head, cut, *self._tail))
        return data.decode("utf-8", "replace").replace("\0", "\ufffd")

    def _drop(self, excess: int) -> None:
        while excess > 0:
            oldest = self._tail.popleft()
            if len(oldest) > excess:
                self._tail.appendleft(oldest[excess:])
            gone = min(len(oldest), excess)
            self._dropped += gone
            self._tail_size -= gone
            excess -= gone
