"""Where the standard input of a request comes from: given as a whole, or bit by bit while the request goes on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from pytest_metr.sandbox.inside import frames


class Source(Protocol):
    """The standard input of one request, and the word that the request is to be killed."""

    @property
    def killed(self) -> bool:
        """Whether the request is to be killed."""
        ...

    def next(self) -> bytes | None:
        """Return what comes next: the empty bytes where there is nothing at present, None after the last."""
        ...

    def attach(self, wake: Callable[[], None]) -> None:
        """Have *wake* called, from any thread, whenever :meth:`next` or :attr:`killed` has something new to say."""
        ...

    def detach(self) -> None:
        """Have it called no more, from the return of this call on."""
        ...


class Given:
    """A source that is there from the beginning."""

    killed = False

    def __init__(self, chunks: Iterable[bytes] = ()) -> None:
        self._chunks = iter(chunks)

    def next(self) -> bytes | None:
        """Return the next chunk that is not empty."""
        return next((chunk for chunk in self._chunks if chunk), None)

    def attach(self, wake: Callable[[], None]) -> None:
        """Nothing new will come."""

    def detach(self) -> None:
        """Nothing new would have come."""


class Live:
    """A source that is fed while its request goes on. May be used from several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        #: What was taken, until it is more than can have been under way to a request that never began.
        self._taken: list[bytes] = []
        self._taken_size = 0
        self._ended = False
        self._killed = False
        self._closed = False
        self._wake: Callable[[], None] | None = None

    @property
    def killed(self) -> bool:
        """Whether :meth:`kill` was called."""
        return self._killed

    def send(self, data: bytes) -> None:
        """Add to what is to be read. Once it was ended or closed this does nothing."""
        with self._lock:
            if data and not self._ended and not self._closed:
                self._waiting.append(bytes(data))
                self._tell()

    def end(self) -> None:
        """Say that nothing more will come."""
        with self._lock:
            self._ended = True
            self._tell()

    def kill(self) -> None:
        """Have the request killed."""
        with self._lock:
            self._killed = True
            self._tell()

    def close(self) -> None:
        """Forget what nobody will read any more."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            self._taken.clear()

    def again(self) -> Live:
        """Begin anew, for a request that is made again because the first never began; return this object."""
        with self._lock:
            self._waiting.extendleft(reversed(self._taken))
            self._taken, self._taken_size = [], 0
        return self

    def next(self) -> bytes | None:
        """Return what comes next: the empty bytes where there is nothing at present, None after the last."""
        with self._lock:
            if not self._waiting:
                return None if self._ended else b""
            data = self._waiting.popleft()
            self._taken_size += len(data)
            if self._taken_size - len(data) <= frames.WINDOW:
                self._taken.append(data)
            else:
                self._taken.clear()
            return data

    def attach(self, wake: Callable[[], None]) -> None:
        """Have *wake* called whenever there is something new."""
        with self._lock:
            self._wake = wake

    def detach(self) -> None:
        """Have it called no more."""
        with self._lock:
            self._wake = None

    def _tell(self) -> None:
        if self._wake is not None:
            self._wake()
