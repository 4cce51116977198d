"""The streams of a request as process 1 of a container moves them: what goes in waits, what comes out is capped."""

from __future__ import annotations

import os

from pytest_metr.sandbox.inside.frames import CHUNK


class Inlet:
    """The standard input of a request: bytes that wait until its pipe takes them.

    :param fd: the end of the pipe that is written to.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._waiting: list[bytes] = []
        self._ended = False
        os.set_blocking(fd, False)

    @property
    def waiting(self) -> bool:
        """Whether there is something that the pipe has not taken yet."""
        return self.fd >= 0 and bool(self._waiting)

    @property
    def done(self) -> bool:
        """Whether all has been taken and nothing more will come."""
        return self.fd >= 0 and self._ended and not self._waiting

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        self._waiting.append(data)

    def end(self) -> None:
        """Take note that nothing more will come."""
        self._ended = True

    def flush(self) -> int:
        """Write what the pipe takes, and return how many bytes are done with; all of them where nobody reads."""
        taken = 0
        while self._waiting and self.fd >= 0:
            data = self._waiting[0]
            try:
                written = os.write(self.fd, data)
            except BlockingIOError:
                break
            except BrokenPipeError:
                self._ended = True  # a command need not read what it is given
                written = len(data)
            taken += written
            self._waiting[0:1] = [data[written:]] if written < len(data) else []
        return taken

    def close(self) -> None:
        """Close the pipe. May be called more than once."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class Outlet:
    """An output of a request, of which at most *limit* bytes go out, half of them its head and half its tail.

    :param fd: the end of the pipe that is read; -1 once it is closed.
    :param kind: the kind of frame that takes its bytes out, and the one that says how many are left out.
    :param limit: bytes; None for all, at once.
    """

    def __init__(self, fd: int, kind: int, cut_kind: int, limit: int | None) -> None:
        self.fd = fd
        self.kind = kind
        self.cut_kind = cut_kind
        self._head: int | None = None if limit is None else limit - limit // 2
        self._size = 0 if limit is None else limit // 2
        self._tail = bytearray()
        self._cut = 0

    def take(self, data: bytes) -> bytes:
        """Take the next bytes of the stream and return those that go out at once: the head."""
        if self._head is None:
            return data
        now = data[: self._head]
        self._head -= len(now)
        self._tail += data[len(now) :]
        if len(self._tail) > 2 * self._size + CHUNK:
            self._trim()
        return now

    def rest(self) -> tuple[int, bytes]:
        """Return how many bytes of the middle are left out, and the tail."""
        self._trim()
        return self._cut, bytes(self._tail)

    def close(self) -> None:
        """Close the pipe. May be called more than once."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def _trim(self) -> None:
        excess = len(self._tail) - self._size
        if excess > 0:
            del self._tail[:excess]
            self._cut += excess
