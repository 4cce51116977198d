"""The host's end of the conversation with the supervisor of a container: many requests over one connection."""

from __future__ import annotations

import functools
import itertools
import marshal
import selectors
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pytest_metr.sandbox.answer import Answer, Sink
from pytest_metr.sandbox.bell import Bell
from pytest_metr.sandbox.docker.attachment import STDOUT, Attachment
from pytest_metr.sandbox.docker.talk import Feed, Gone, Talk, Yield
from pytest_metr.sandbox.inside import frames
from pytest_metr.sandbox.source import Given, Source

#: Seconds that a minder has to kill a tree and say so; its own patience is 2 s.
KILL_PATIENCE = 5.0
#: Bytes of the supervisor's own error output that are kept: its last words.
_WORDS = 4096


class Channel:
    """The connection, and the thread that moves its bytes. Requests may be made from several threads at once.

    :param calls: the filter of system calls for all processes inside, a BPF program; empty for none.
    """

    def __init__(self, attachment: Attachment, calls: bytes = b"") -> None:
        self._attachment = attachment
        self._frames = frames.Frames(frames.MOST_OUT)
        self._numbers = itertools.count(1)
        self._talks: dict[int, Talk] = {}
        self._lock = threading.Lock()
        self._outgoing: deque[memoryview] = deque([memoryview(frames.frame(0, frames.FILTER, calls))])
        self._ready = threading.Event()
        self._ended = threading.Event()
        self._why = ""
        self._words = b""
        self._bell = Bell()
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
        return self.converse(request, stdin=Given(), out=None, err=None, timeout=seconds, kill=False)

    def converse(
        self,
        request: Mapping[str, Any],
        *,
        stdin: Source,
        out: Sink | None,
        err: Sink | None,
        timeout: float | None,
        idle: bool = False,
        kill: bool = True,
    ) -> Answer:
        """Make a request with three streams and wait for its answer.

        A request whose ``window`` is a number has at most so many bytes of its standard output under way, and where
        *out* takes its time with them, the command waits.

        :param timeout: seconds after which it is killed; with *idle*, seconds without a byte moved.
        :param kill: whether to have it killed then; else its answer is ``lost``.
        :raises Gone: where the supervisor ends before it has answered.
        """
        talk = self._begin(request)
        try:
            stdin.attach(talk.wake)
            return self._converse(talk, request, stdin, out, err, timeout, idle, kill)
        except Gone:
            raise
        except BaseException:
            with suppress(Gone):
                self._send(talk.number, frames.KILL)
            raise
        finally:
            stdin.detach()
            with self._lock:
                self._talks.pop(talk.number, None)

    def close(self) -> None:
        """End the connection and the thread. May be called more than once."""
        self._ended.set()
        self._bell.ring()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _converse(
        self,
        talk: Talk,
        request: Mapping[str, Any],
        stdin: Source,
        out: Sink | None,
        err: Sink | None,
        timeout: float | None,
        idle: bool,
        kill: bool,
    ) -> Answer:
        send = functools.partial(self._send, talk.number)
        feed = Feed(send, stdin)
        takes = Yield(send, feed, out, err, request.get("window"))
        deadline = None if timeout is None else time.monotonic() + timeout
        killing = False
        while True:
            if not killing:
                feed.go_on()
            event = None if stdin.killed and not killing else talk.next(deadline)
            if event is None:
                if killing or not kill:
                    return Answer(word="stuck" if killing else "lost")
                killing = True
                deadline = time.monotonic() + KILL_PATIENCE
                send(frames.KILL)
                continue
            answer = takes.take(event)
            if answer is not None:
                return answer
            if idle and not killing and timeout is not None:
                deadline = time.monotonic() + timeout

    def _begin(self, request: Mapping[str, Any]) -> Talk:
        talk = Talk(next(self._numbers))
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
        self._bell.ring()

    # The thread

    def _run(self) -> None:
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._attachment, selectors.EVENT_READ)
                selector.register(self._bell, selectors.EVENT_READ)
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
                talk.put(Gone(self.told))
            with suppress(OSError):
                self._attachment.close()
            self._bell.close()

    def _move(self, selector: selectors.BaseSelector) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
        selector.modify(self._attachment, events)
        for key, ready in selector.select():
            if key.fileobj is self._bell:
                self._bell.hush()
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
                talk.put((kind, payload))
