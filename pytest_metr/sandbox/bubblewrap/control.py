"""The host's end of the conversation with a supervisor: one request, three streams, one answer."""

from __future__ import annotations

import fcntl
import os
import selectors
import socket
import struct
import termios
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.answer import Answer, Sink, parse
from pytest_metr.sandbox.bell import Bell
from pytest_metr.sandbox.bubblewrap.post import Gone, pair, post
from pytest_metr.sandbox.inside import wire
from pytest_metr.sandbox.source import Source

_CHUNK = 1 << 16
#: Seconds that a minder has to kill a tree and say so; its own patience is 2 s.
KILL_PATIENCE = 5.0
#: Seconds in which a supervisor must have taken a request.
_SEND_PATIENCE = 30.0


class Control:
    """The host's end of a supervisor's socket. Requests may be made from several threads at once."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._socket.settimeout(_SEND_PATIENCE)
        self._lock = threading.Lock()

    def wait_ready(self, seconds: float) -> bool:
        """Whether the supervisor has said within *seconds* that it is there."""
        self._socket.settimeout(seconds)
        try:
            return self._socket.recv(64).startswith(b"ready")
        except OSError:
            return False
        finally:
            self._socket.settimeout(_SEND_PATIENCE)

    def send(self, request: Mapping[str, Any], fds: list[int]) -> None:
        """Send a request without waiting for what becomes of it.

        :raises Gone: where nobody is there.
        :raises SandboxError: where it cannot be sent for another reason.
        """
        with self._lock:
            post(self._socket, request, fds)

    def ask(self, request: Mapping[str, Any], fds: list[int], seconds: float) -> Answer:
        """Make a request that has no streams; its answer is ``lost`` after *seconds*."""
        ours, theirs = pair()
        with ours:
            with theirs:
                self.send(request, [*fds, theirs.fileno()])
            ours.settimeout(seconds)
            try:
                return parse(ours.recv(4096))
            except OSError:
                return Answer(word="lost")

    def converse(
        self,
        request: Mapping[str, Any],
        *,
        stdin: Source,
        out: Sink,
        err: Sink,
        timeout: float | None,
        idle: bool = False,
    ) -> Answer:
        """Make a request with three streams and wait for its answer.

        :param timeout: seconds after which it is killed; with *idle*, seconds without a byte moved.
        :raises Gone: where the supervisor has ended before it took the request.
        :raises SandboxError: where the request cannot be sent for another reason.
        """
        with ExitStack() as stack:
            ours, theirs = pair()
            stack.enter_context(ours)
            stack.enter_context(theirs)
            try:
                streams = _Streams(stack, stdin, out, err)
            except OSError as error:
                raise SandboxError(f"a request to a sandbox could not be made: {error}") from error
            self.send(request, [*streams.theirs, theirs.fileno()])
            streams.close_theirs()
            theirs.close()
            answer = streams.run(ours, timeout, idle)
            left = streams.drain()
            if left and answer.word == "exit":
                # Where the supervisor is gone, so are those that might still write.
                with suppress(Gone):
                    self.send({"op": "drain"}, left)
            return answer

    def close(self) -> None:
        """Close this end, which ends the supervisor and all of its namespace."""
        self._socket.close()


class _Streams:
    """The pipes of one request, and the loop that moves their bytes."""

    def __init__(self, stack: ExitStack, stdin: Source, out: Sink, err: Sink) -> None:
        self._selector = stack.enter_context(selectors.DefaultSelector())
        self._open: dict[int, Sink | None] = {}
        stack.callback(self._close_all)
        self._source = stdin
        self._pending = memoryview(b"")
        self._rests = False
        self._bell = Bell()
        stack.callback(self._bell.close)
        self._selector.register(self._bell, selectors.EVENT_READ)
        self.theirs: list[int] = []
        stack.callback(self.close_theirs)
        stdin_theirs, self._stdin = os.pipe()
        self._add(stdin_theirs, self._stdin, None)
        for sink in (out, err):
            reader, writer = os.pipe()
            self._add(writer, reader, sink)
        stdin.attach(self._bell.ring)
        stack.callback(stdin.detach)

    def _add(self, theirs: int, ours: int, sink: Sink | None) -> None:
        self.theirs.append(theirs)
        os.set_blocking(ours, False)
        self._open[ours] = sink
        self._selector.register(ours, selectors.EVENT_WRITE if sink is None else selectors.EVENT_READ)

    def close_theirs(self) -> None:
        """Close the ends of the command, which has its own by now. May be called more than once."""
        while self.theirs:
            os.close(self.theirs.pop())

    def run(self, status: socket.socket, timeout: float | None, idle: bool) -> Answer:
        """Move bytes until the answer is there; ask for a kill once, when the time is over or the source says so."""
        self._selector.register(status, selectors.EVENT_READ)
        deadline = None if timeout is None else time.monotonic() + timeout
        killing = False
        while True:
            ready = self._wait(deadline)
            if status.fileno() in ready:
                self._selector.unregister(status)
                return parse(status.recv(4096))
            if idle and ready and not killing and timeout is not None:
                deadline = time.monotonic() + timeout
            overdue = deadline is not None and time.monotonic() >= deadline
            if killing and overdue:
                return Answer(word="stuck")
            if not killing and (overdue or self._source.killed):
                killing = True
                deadline = time.monotonic() + KILL_PATIENCE
                wire.tell(status, "kill")

    def _wait(self, deadline: float | None) -> list[int]:
        """Move what can be moved by *deadline*, and return the descriptors that something happened to."""
        events = self._selector.select(None if deadline is None else max(0.0, deadline - time.monotonic()))
        ready = [key.fd for key, _ in events]
        for fd in ready:
            if fd in self._open:
                self._move(fd)
        if self._bell.fileno() in ready:
            self._bell.hush()
            if self._rests:
                self._rests = False
                self._selector.register(self._stdin, selectors.EVENT_WRITE)
        return ready

    def drain(self) -> list[int]:
        """Read what the pipes hold by now, and return those that somebody still has open for writing.

        Only as much as is there at this moment: a process left in the background may write for ever.
        """
        left = []
        for fd in [fd for fd, sink in self._open.items() if sink is not None]:
            waiting = struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))[0]
            while waiting > 0 and fd in self._open:
                waiting -= self._move(fd, min(_CHUNK, waiting))
            if fd in self._open and not self._ended(fd):
                left.append(fd)
        return left

    def _ended(self, fd: int) -> bool:
        try:
            data = os.read(fd, _CHUNK)
        except BlockingIOError:
            return False
        sink = self._open[fd]
        if data and sink is not None:
            sink.add(data)
        return not data

    def _move(self, fd: int, most: int = _CHUNK) -> int:
        sink = self._open[fd]
        try:
            if sink is None:
                self._feed()
                return 0
            data = os.read(fd, most)
        except BlockingIOError:
            return most
        if data:
            sink.add(data)
        else:
            self._close(fd)
        return len(data)

    def _feed(self) -> None:
        if not self._pending:
            chunk = self._source.next()
            if chunk is None:
                self._close(self._stdin)
                return
            if not chunk:
                # A pipe with nothing to go into it would be ready all the time.
                self._rests = True
                self._selector.unregister(self._stdin)
                return
            self._pending = memoryview(chunk)
        try:
            self._pending = self._pending[os.write(self._stdin, self._pending[:_CHUNK]) :]
        except BrokenPipeError:
            self._close(self._stdin)  # a command need not read what it is given

    def _close(self, fd: int) -> None:
        self._selector.unregister(fd)
        del self._open[fd]
        os.close(fd)

    def _close_all(self) -> None:
        for fd in self._open:
            os.close(fd)
        self._open.clear()
