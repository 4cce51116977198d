"""The streams of a request as process 1 of a container moves them: what goes in waits, what comes out is capped."""

from __future__ import annotations

import os

from pytest_metr.capped import HeadAndTail


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
    """An output of a request, which goes out as it comes, or of which the head does and the tail in the end.

    :param fd: the end of the pipe that is read; -1 once it is closed.
    :param kind: the kind of frame that takes its bytes out, and the one that says how many are left out.
    :param limit: bytes that go out at most; None for all.
    :param window: bytes that may be under way before the other end has taken some; None for any number.
    """

    def __init__(self, fd: int, kind: int, cut_kind: int, limit: int | None, window: int | None = None) -> None:
        self.fd = fd
        self.kind = kind
        self.cut_kind = cut_kind
        self._kept = None if limit is None else HeadAndTail(limit)
        self._window = window

    @property
    def full(self) -> bool:
        """Whether nothing more is to be read for now, so that whoever writes waits."""
        return self._window is not None and self._window <= 0

    def take(self, data: bytes) -> bytes:
        """Take the next bytes of the stream and return those that go out at once."""
        if self._window is not None:
            self._window -= len(data)
        return data if self._kept is None else self._kept.add(data)

    def taken(self, count: int) -> None:
        """Take note that the other end has done with *count* bytes."""
        if self._window is not None:
            self._window += count

    def rest(self) -> tuple[int, bytes]:
        """Return how many bytes of the middle are left out, and the tail."""
        if self._kept is None:
            return 0, b""
        tail = self._kept.tail()
        return self._kept.cut, tail

    def close(self) -> None:
        """Close the pipe. May be called more than once."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
