"""The host's end of the conversation with the supervisor of a container: many requests over one connection."""

from __future__ import annotations

import itertools
import marshal
import queue
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from pytest_metr.sandbox.answer import Answer, Sink, parse
from pytest_metr.sandbox.docker.attachment import STDOUT, Attachment
from pytest_metr.sandbox.inside import frames

#: Seconds that a minder has to kill a tree and say so; its own patience is 2 s.
KILL_PATIENCE = 5.0
#: Bytes of the supervisor's own error output that are kept: its last words.
_WORDS = 4096


class Gone(Exception):
    """The supervisor is not there any more; the text says what is known."""


class _Talk:
    """One request under way: what has come from the inside and was not seen to yet."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.events: queue.SimpleQueue[tuple[int, bytes] | Gone] = queue.SimpleQueue()

    def next(self, deadline: float | None) -> tuple[int, bytes] | None:
        """Return what comes next, or None where nothing has come by *deadline*.

        :raises Gone: where nothing can come any more.
        """
        wait = None if deadline is None else deadline - time.monotonic()
        if wait is not None and wait <= 0:
            return None  # also where things go on coming: they must not keep a limit from being kept
        try:
            event = self.events.get(timeout=wait)
        except queue.Empty:
            return None
        if isinstance(event, Gone):
            raise event
        return event


class Channel:
    """The connection, and the thread that moves its bytes. Requests may be made from several threads at once.

    :param calls: the filter of system calls for all processes inside, a BPF program; empty for none.
    """

    def __init__(self, attachment: Attachment, calls: bytes = b"") -> None:
        self._attachment = attachment
        self._frames = frames.Frames(frames.MOST_OUT)
        self._numbers = itertools.count(1)
        self._talks: dict[int, _Talk] = {}
        self._lock = threading.Lock()
        self._outgoing: deque[memoryview] = deque([memoryview(frames.frame(0, frames.FILTER, calls))])
        self._ready = threading.Event()
        self._ended = threading.Event()
        self._why = ""
        self._words = b""
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="metr-channel", daemon=True)
        self._thread.start()

    def wait_ready(self, seconds: float) -> bool:
        """Whether the supervisor has said within *seconds* that it is there."""
        deadline = time.monotonic() + seconds
        while not self._ready.wait(0.1):
            if self._ended.is_set() or time.monotonic() > deadline:
                return self._ready.is_set()
        return True

    @property
    def told(self) -> str:
        """What is known of why the connection has ended: the supervisor's last words, else the connection's error."""
        return " ".join(self._words.decode("utf-8", "replace").split()) or self._why or "nothing was said"

    def ask(self, request: Mapping[str, Any], seconds: float) -> Answer:
        """Make a request that has no streams; its answer is ``lost`` after *seconds*. :raises Gone: as below."""
        return self.converse(request, stdin=(), out=None, err=None, timeout=seconds, kill=False)

    def converse(
        self,
        request: Mapping[str, Any],
        *,
        stdin: Iterable[bytes],
        out: Sink | None,
        err: Sink | None,
        timeout: float | None,
        idle: bool = False,
        kill: bool = True,
    ) -> Answer:
        """Make a request with three streams and wait for its answer.

        :param timeout: seconds after which it is killed; with *idle*, seconds without a byte moved.
        :param kill: whether to have it killed then; else its answer is ``lost``.
        :raises Gone: where the supervisor ends before it has answered.
        """
        talk = self._begin(request)
        feed = _Feed(self, talk.number, stdin)
        deadline = None if timeout is None else time.monotonic() + timeout
        killing = False
        try:
            while True:
                if not killing:
                    feed.go_on()
                event = talk.next(deadline)
                if event is None:
                    if killing or not kill:
                        return Answer(word="stuck" if killing else "lost")
                    killing = True
                    deadline = time.monotonic() + KILL_PATIENCE
                    self._send(talk.number, frames.KILL)
                    continue
                answer = _take(event, feed, out, err)
                if answer is not None:
                    return answer
                if idle and not killing and timeout is not None:
                    deadline = time.monotonic() + timeout
        except Gone:
            raise
        except BaseException:
            with suppress(Gone):
                self._send(talk.number, frames.KILL)
            raise
        finally:
            with self._lock:
                self._talks.pop(talk.number, None)

    def close(self) -> None:
        """End the connection and the thread. May be called more than once."""
        self._ended.set()
        self._poke()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _begin(self, request: Mapping[str, Any]) -> _Talk:
        talk = _Talk(next(self._numbers))
        with self._lock:
            if self._ended.is_set():
                raise Gone(self.told)
            self._talks[talk.number] = talk
        self._send(talk.number, frames.REQUEST, marshal.dumps(dict(request), frames.MARSHAL))
        return talk

    def _send(self, number: int, kind: int, payload: bytes = b"") -> None:
        if self._ended.is_set():
            raise Gone(self.told)
        self._outgoing.append(memoryview(frames.frame(number, kind, payload)))
        self._poke()

    def _poke(self) -> None:
        # A full pipe has been poked enough, and one that is closed belongs to a thread that has ended.
        with suppress(OSError):
            self._wake.send(b"x")

    # The thread

    def _run(self) -> None:
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._attachment, selectors.EVENT_READ)
                selector.register(self._woken, selectors.EVENT_READ)
                while not self._ended.is_set():
                    self._move(selector)
        except EOFError:
            self._why = "its connection was closed"
        except (OSError, ValueError) as error:
            self._why = f"its connection broke: {error}"
            # It may have broken in sending, with last words that have arrived and were not read.
            with suppress(EOFError, OSError, ValueError):
                self._listen()
        finally:
            with self._lock:
                self._ended.set()
                talks = list(self._talks.values())
            for talk in talks:
                talk.events.put(Gone(self.told))
            with suppress(OSError):
                self._attachment.close()
            self._wake.close()
            self._woken.close()

    def _move(self, selector: selectors.BaseSelector) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
        selector.modify(self._attachment, events)
        for key, ready in selector.select():
            if key.fileobj is self._woken:
                self._woken.recv(4096)
                continue
            if ready & selectors.EVENT_READ:
                self._listen()
        self._flush()

    def _listen(self) -> None:
        for which, data in self._attachment.receive():
            self._hear(which, data)

    def _flush(self) -> None:
        while self._outgoing:
            data = self._outgoing[0]
            sent = self._attachment.send(data)
            if sent < len(data):
                self._outgoing[0] = data[sent:]
                return
            self._outgoing.popleft()

    def _hear(self, which: int, data: bytes) -> None:
        if which != STDOUT:
            self._words = (self._words + data)[-_WORDS:]
            return
        for number, kind, payload in self._frames.feed(data):
            if kind == frames.READY:
                self._ready.set()
                continue
            with self._lock:
                talk = self._talks.get(number)
            if talk is not None:  # else it is of a request that was given up
                talk.events.put((kind, payload))


class _Feed:
    """The standard input of a request, as much of it under way as the other end has room for."""

    def __init__(self, channel: Channel, number: int, source: Iterable[bytes]) -> None:
        self._channel = channel
        self._number = number
        self._chunks: Iterator[memoryview] = _cut(source)
        self._room = frames.WINDOW
        self._ended = False

    def go_on(self) -> None:
        """Send what there is room for, and the end after the last."""
        while not self._ended and self._room > 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._ended = True
                self._channel._send(self._number, frames.END)
                return
            self._room -= len(chunk)
            self._channel._send(self._number, frames.INPUT, bytes(chunk))

    def taken(self, count: int) -> None:
        """Take note that the other end has done with *count* bytes."""
        self._room += count


def _cut(source: Iterable[bytes]) -> Iterator[memoryview]:
    for data in source:
        view = memoryview(data)
        for at in range(0, len(view), frames.CHUNK):
            yield view[at : at + frames.CHUNK]


def _take(event: tuple[int, bytes], feed: _Feed, out: Sink | None, err: Sink | None) -> Answer | None:
    """See to one thing that has come, and return the answer if it is that.

    :raises Gone: where it is nothing that a supervisor says.
    """
    kind, payload = event
    sink = out if kind in (frames.OUT, frames.OUT_CUT) else err
    try:
        return _understand(kind, payload, feed, sink)
    except ValueError as error:
        raise Gone(f"it has said what no supervisor says: {error}") from error


def _understand(kind: int, payload: bytes, feed: _Feed, sink: Sink | None) -> Answer | None:
    if kind == frames.STATUS:
        answer = parse(payload[1:])
        return Answer(word=answer.word, rest=answer.rest, out_of_memory=payload[:1] == b"1")
    if kind == frames.TAKEN:
        feed.taken(int(payload))
    elif sink is not None and kind in (frames.OUT, frames.ERR):
        sink.add(payload)
    elif sink is not None:
        sink.skip(int(payload))
    return None
