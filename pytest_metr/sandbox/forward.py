"""A port inside a sandbox whose connections end on the host: the host's end, and the thread that moves its bytes."""

from __future__ import annotations

import functools
import logging
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Serve
from pytest_metr.sandbox.bell import Bell
from pytest_metr.sandbox.connection import Connection
from pytest_metr.sandbox.inside import frames, tunnel
from pytest_metr.sandbox.live import LiveProcess

_LOG = logging.getLogger("pytest_metr")
#: Bytes that a forwarder may have said without being heard: twice of what all connections may have under way.
ROOM = 2 * tunnel.PLACES * tunnel.WINDOW
#: Seconds in which a forwarder must have told its port, and in which the threads that serve must have ended.
_START_PATIENCE = 30.0
_END_PATIENCE = 10.0


class SandboxForward:
    """A :class:`~pytest_metr.interfaces.Forward`, made of a forwarder inside and a thread that talks with it.

    :param start: starts the forwarder; what it is given is called whenever that has said something.
    :param serve: serves one connection. What it raises ends the connection and is logged.
    :param forget: called once it is closed.
    :raises SandboxError: where the forwarder does not start.
    """

    def __init__(
        self,
        start: Callable[[Callable[[], None]], LiveProcess],
        serve: Serve,
        *,
        forget: Callable[[SandboxForward], None],
    ) -> None:
        self._serve = serve
        self._forget = forget
        self._frames = frames.Frames(tunnel.CHUNK)
        self._selector = selectors.DefaultSelector()
        self._bell = Bell()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._connections: dict[int, Connection] = {}
        self._numbers: dict[Connection, int] = {}
        self._watched: dict[Connection, int] = {}
        self._ended: deque[Connection] = deque()
        self._closing = False
        self._process = start(self._bell.ring)
        try:
            self._port, early = self._started()
        except BaseException:
            self._release()
            raise
        self._thread = threading.Thread(target=self._run, args=(early,), name=f"metr-forward-{self._port}", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The number of the port inside."""
        return self._port

    def close(self) -> None:
        """Close the port and all connections, and wait for the threads that serve them, 10 s at most."""
        self._closing = True
        self._bell.ring()
        deadline = time.monotonic() + _END_PATIENCE
        self._join(self._thread, deadline)
        for one in list(self._connections.values()):
            self._join(one.thread, deadline)
        self._forget(self)

    def __enter__(self) -> SandboxForward:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _join(self, thread: threading.Thread, deadline: float) -> None:
        if thread is not threading.current_thread():  # else one that serves a connection closes it all
            thread.join(max(0.0, deadline - time.monotonic()))

    def _started(self) -> tuple[int, list[tuple[int, int, bytes]]]:
        """Wait for the port, and return it with what was said after it."""
        deadline = time.monotonic() + _START_PATIENCE
        while data := self._process.receive(max(0.0, deadline - time.monotonic())):
            said = list(self._frames.feed(data))
            if said and said[0][1] == tunnel.PORT:
                return int(said[0][2]), said[1:]
        raise SandboxError(f"the forwarder of a sandbox did not start{self._last_words()}")

    def _last_words(self) -> str:
        result = self._process.wait(0)
        return "" if result is None else f": exit code {result.exit_code}: {' '.join(result.err.split())}"

    # The thread

    def _run(self, early: list[tuple[int, int, bytes]]) -> None:
        try:
            self._hear(early)
            while not self._closing:
                self._move()
                data = self._process.receive(0)
                if data == b"":
                    break
                if self._process.dropped:
                    raise ValueError("more than it may have under way")
                self._hear(self._frames.feed(data or b""))
            if not self._closing:
                _LOG.warning("the forwarder of a sandbox has ended%s", self._last_words())
        except SandboxError as error:
            _LOG.debug("a forward has ended with its sandbox: %s", error)
        except ValueError as error:
            _LOG.warning("a forwarder has said what no forwarder says: %s", error)
        finally:
            for one in self._connections.values():
                one.close()
            self._release()

    def _release(self) -> None:
        self._process.close()
        self._selector.close()
        self._bell.close()

    def _move(self) -> None:
        for key, events in self._selector.select():
            if key.fileobj is self._bell:
                self._bell.hush()
                continue
            one: Connection = key.data
            if events & selectors.EVENT_READ:
                one.read()
            if events & selectors.EVENT_WRITE:
                one.write()
            self._settle(one)
        while self._ended:
            one = self._ended.popleft()
            one.read()
            self._settle(one)

    def _hear(self, said: Iterable[tuple[int, int, bytes]]) -> None:
        for number, kind, payload in said:
            if kind == tunnel.OPEN:
                self._open(number)
                continue
            one = self._connections.get(number)
            if one is None:
                continue  # it was done with before this was said
            if kind == tunnel.DATA:
                one.add(payload)
            elif kind == tunnel.END:
                one.end()
            elif kind == tunnel.PASSED:
                one.passed(int(payload))
                one.read()
            elif kind == tunnel.BROKEN:
                one.break_off()
            self._settle(one)

    def _open(self, number: int) -> None:
        if len(self._connections) >= tunnel.PLACES or number in self._connections:
            raise ValueError("more connections than there are places")
        said = functools.partial(self._say, number)
        name = f"metr-forward-{self._port}-{number}"
        try:
            one = Connection(self._serve, said=said, told=self._serving_ended, name=name)
        except (OSError, RuntimeError) as error:
            _LOG.warning("a connection from a sandbox could not be served: %s", error)
            said(tunnel.DONE, b"")
            return
        self._connections[number] = one
        self._numbers[one] = number
        self._settle(one)

    def _serving_ended(self, one: Connection) -> None:
        self._ended.append(one)
        self._bell.ring()

    def _say(self, number: int, kind: int, payload: bytes) -> None:
        self._process.send(frames.frame(number, kind, payload))

    def _settle(self, one: Connection) -> None:
        """Wait for what a connection now waits for, or end it."""
        watched = self._watched.pop(one, 0)
        events = 0 if one.done else one.events
        if watched and not events:
            self._selector.unregister(one)
        elif events and not watched:
            self._selector.register(one, events, one)
        elif events != watched:
            self._selector.modify(one, events, one)
        if events:
            self._watched[one] = events
        if one.broken or one.done:
            one.close()
        if one.done and one in self._numbers:
            number = self._numbers.pop(one)
            del self._connections[number]
            self._say(number, tunnel.DONE, b"")
