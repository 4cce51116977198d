"""One request to the supervisor of a container, as the host sees it: what comes of it, and what goes into it."""

from __future__ import annotations

import queue
import time
from typing import Protocol

from pytest_metr.sandbox.answer import Answer, Sink, parse
from pytest_metr.sandbox.inside import frames
from pytest_metr.sandbox.source import Source

#: What wakes a request that nothing has come for from the inside.
_WAKE = -1


class Gone(Exception):
    """The supervisor is not there any more; the text says what is known."""


class Send(Protocol):
    """Sends a frame of one request to the inside. :raises Gone: where nobody is there."""

    def __call__(self, kind: int, payload: bytes = b"") -> None: ...


class Talk:
    """One request under way: what has come from the inside and was not seen to yet."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._events: queue.SimpleQueue[tuple[int, bytes] | Gone] = queue.SimpleQueue()

    def put(self, event: tuple[int, bytes] | Gone) -> None:
        """Take note of a kind of frame and its payload, or of the end of everything."""
        self._events.put(event)

    def wake(self) -> None:
        """Have :meth:`next` return."""
        self._events.put((_WAKE, b""))

    def next(self, deadline: float | None) -> tuple[int, bytes] | None:
        """Return what comes next, or None where nothing has come by *deadline*.

        :raises Gone: where nothing can come any more.
        """
        wait = None if deadline is None else deadline - time.monotonic()
        if wait is not None and wait <= 0:
            return None  # also where things go on coming: they must not keep a limit from being kept
        try:
            event = self._events.get(timeout=wait)
        except queue.Empty:
            return None
        if isinstance(event, Gone):
            raise event
        return event


class Feed:
    """The standard input of a request, as much of it under way as the other end has room for."""

    def __init__(self, send: Send, source: Source) -> None:
        self._send = send
        self._source = source
        self._pending = memoryview(b"")
        self._room = frames.WINDOW
        self._ended = False

    def go_on(self) -> None:
        """Send what there is and what there is room for, and the end after the last."""
        while not self._ended and self._room > 0:
            if not self._pending:
                data = self._source.next()
                if data is None:
                    self._ended = True
                    self._send(frames.END)
                    return
                if not data:
                    return
                self._pending = memoryview(data)
            chunk = self._pending[: frames.CHUNK]
            self._pending = self._pending[len(chunk) :]
            self._room -= len(chunk)
            self._send(frames.INPUT, bytes(chunk))

    def taken(self, count: int) -> None:
        """Take note that the other end has done with *count* bytes."""
        self._room += count


class Yield:
    """What a request yields: the bytes of both outputs, and in the end its answer.

    :param window: bytes of standard output that may be under way; None for any number.
    """

    def __init__(self, send: Send, feed: Feed, out: Sink | None, err: Sink | None, window: int | None) -> None:
        self._send = send
        self._feed = feed
        self._out = out
        self._err = err
        self._window = window
        self._taken = 0

    def take(self, event: tuple[int, bytes]) -> Answer | None:
        """See to one thing that has come, and return the answer if it is that.

        :raises Gone: where it is nothing that a supervisor says.
        """
        kind, payload = event
        try:
            return self._understand(kind, payload)
        except ValueError as error:
            raise Gone(f"it has said what no supervisor says: {error}") from error

    def _understand(self, kind: int, payload: bytes) -> Answer | None:
        sink = self._out if kind in (frames.OUT, frames.OUT_CUT) else self._err
        if kind == frames.STATUS:
            answer = parse(payload[1:])
            return Answer(word=answer.word, rest=answer.rest, out_of_memory=payload[:1] == b"1")
        if kind == frames.TAKEN:
            self._feed.taken(int(payload))
        elif sink is not None and kind in (frames.OUT, frames.ERR):
            sink.add(payload)
            if kind == frames.OUT and self._window is not None:
                self._make_room(len(payload), self._window)
        elif sink is not None and kind != _WAKE:
            sink.skip(int(payload))
        return None

    def _make_room(self, count: int, window: int) -> None:
        # Not for every few bytes: the other end has room for the rest of its window meanwhile.
        self._taken += count
        if self._taken * 4 >= window:
            self._send(frames.ROOM, str(self._taken).encode())
            self._taken = 0
