"""Role ``forward``: listens on a port of the loopback interface and carries what comes there to the host and back.

It talks with the host over its standard input and output, see :mod:`.tunnel`. Neither side holds more than a window of
each direction of a connection, so that one that does not read keeps the other from sending.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import time

from pytest_metr.sandbox.inside import frames, procs, tunnel

TYPE_CHECKING = False  # importing typing would take as long as all the rest
if TYPE_CHECKING:
    from typing import NoReturn

#: Seconds for which a connection that the host has done with is still read: closing it with something unread would
#: take back what was sent last.
_LINGER = 2.0
#: Seconds for which the other side may take nothing of what is left for it then.
_PATIENCE = 60.0
#: Seconds for which nothing is accepted when there is nothing to accept it with.
_PAUSE = 0.1


class Connection:
    """One connection, and what of it waits.

    :ivar room: bytes that may still be sent to the host.
    :ivar leaves: when it is closed at the latest, once the host has done with it.
    """

    def __init__(self, number: int, sock: socket.socket) -> None:
        self.number = number
        self.sock = sock
        self.open = True
        self.watched = False
        self.room = tunnel.WINDOW
        self.leaves: float | None = None
        self._waiting: list[bytes] = []
        self._input_ended = False
        self._output_ends = False
        self._output_ended = False

    @property
    def done(self) -> bool:
        """Whether both directions have ended."""
        return self._input_ended and self._output_ended

    @property
    def events(self) -> int:
        """What to wait for; nothing where it is the host's turn."""
        reads = not self._input_ended and (self.room > 0 or self.leaves is not None)
        return (select.EPOLLIN if reads else 0) | (select.EPOLLOUT if self._waiting else 0)

    def read(self) -> bytes | None:
        """Return what there is, the empty bytes at its end; None for nothing. :raises OSError: where it is broken."""
        if self._input_ended:
            return None
        size = tunnel.CHUNK if self.leaves is not None else min(tunnel.CHUNK, self.room)
        try:
            data = self.sock.recv(size) if size > 0 else None
        except BlockingIOError:
            return None
        if data == b"":
            self._input_ended = True
        return data

    def add(self, data: bytes) -> None:
        """Take bytes for the other side."""
        self._waiting.append(data)

    def end(self) -> None:
        """Take note that there will be no more of them."""
        self._output_ends = True

    def write(self) -> int:
        """Write what can be written and return how much that was. :raises OSError: where it is broken."""
        count = 0
        while self._waiting:
            data = self._waiting[0]
            try:
                sent = self.sock.send(data)
            except BlockingIOError:
                break
            count += sent
            self._waiting[0:1] = [data[sent:]] if sent < len(data) else []
        if self._output_ends and not self._waiting and not self._output_ended:
            self._output_ended = True
            self.sock.shutdown(socket.SHUT_WR)
        return count

    def leave(self) -> None:
        """Set the time until which it is kept, from now."""
        self.leaves = time.monotonic() + (_PATIENCE if self._waiting else _LINGER)

    def close(self) -> None:
        """Close it and forget what waits."""
        self.open = False
        self._waiting.clear()
        self.sock.close()


class Forwarder:
    """The loop and its state: the connections by number, those that are open by descriptor too."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._frames = frames.Frames()
        self._connections: dict[int, Connection] = {}
        self._by_fd: dict[int, Connection] = {}
        self._last = 0
        self._rests_until = 0.0
        self._accepts = False
        self._poll = select.epoll()
        self._poll.register(0, select.EPOLLIN)

    def loop(self) -> None:
        """Serve until the host is gone."""
        while True:
            self._watch_listener()
            for fd, events in self._poll.poll(self._wait()):
                if fd == 0:
                    data = os.read(0, tunnel.CHUNK)
                    if not data:
                        return
                    self._hear(data)
                elif fd == self._listener.fileno():
                    self._accept()
                elif fd in self._by_fd:
                    self._move(self._by_fd[fd], events)
            self._see_off()

    def _wait(self) -> float | None:
        times = [one.leaves for one in self._by_fd.values() if one.leaves is not None]
        if self._rests_until:
            times.append(self._rests_until)
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _watch_listener(self) -> None:
        if self._rests_until and time.monotonic() >= self._rests_until:
            self._rests_until = 0.0
        accepts = len(self._connections) < tunnel.PLACES and not self._rests_until
        if accepts and not self._accepts:
            self._poll.register(self._listener, select.EPOLLIN)
        elif self._accepts and not accepts:
            self._poll.unregister(self._listener)
        self._accepts = accepts

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EINTR):
                self._rests_until = time.monotonic() + _PAUSE
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._last += 1
        one = Connection(self._last, sock)
        self._connections[one.number] = self._by_fd[sock.fileno()] = one
        self._watch(one)
        _say(one.number, tunnel.OPEN)

    def _hear(self, data: bytes) -> None:
        for number, kind, payload in self._frames.feed(data):
            one = self._connections.get(number)
            if one is None:
                continue
            if kind == tunnel.DONE and not one.open:
                del self._connections[number]
            elif one.open:
                self._obey(one, kind, payload)

    def _obey(self, one: Connection, kind: int, payload: bytes) -> None:
        if kind == tunnel.PASSED:
            one.room += int(payload)
        elif kind == tunnel.DATA:
            one.add(payload)
        else:
            one.end()
        if kind == tunnel.DONE:
            one.leave()
        self._move(one, 0)

    def _move(self, one: Connection, events: int) -> None:
        """Move the bytes of a connection as far as they go; *events* are what the kernel says of it."""
        try:
            passed = one.write()
            data = one.read() if events & ~select.EPOLLOUT else None
        except OSError:
            self._close(one, broken=True)
            return
        if passed:
            _say(one.number, tunnel.PASSED, str(passed).encode())
        if one.leaves is not None:
            if passed:
                one.leave()
        elif data is not None:
            one.room -= len(data)
            _say(one.number, tunnel.DATA if data else tunnel.END, data)
        if one.done:
            self._close(one, broken=False)
        else:
            self._watch(one)

    def _watch(self, one: Connection) -> None:
        # With nothing to wait for it is left out: the kernel would go on saying that it was hung up.
        events = one.events
        if not events and one.watched:
            self._poll.unregister(one.sock)
        elif events and one.watched:
            self._poll.modify(one.sock, events)
        elif events:
            self._poll.register(one.sock, events)
        one.watched = bool(events)

    def _close(self, one: Connection, *, broken: bool) -> None:
        del self._by_fd[one.sock.fileno()]
        if one.watched:
            self._poll.unregister(one.sock)
        one.close()
        if one.leaves is not None:
            del self._connections[one.number]
        elif broken:
            _say(one.number, tunnel.BROKEN)

    def _see_off(self) -> None:
        """Close what the host has done with and the other side holds on to."""
        late = [one for one in self._by_fd.values() if one.leaves is not None and one.leaves <= time.monotonic()]
        for one in late:
            self._close(one, broken=True)


def _say(number: int, kind: int, payload: bytes = b"") -> None:
    data = memoryview(frames.frame(number, kind, payload))
    while data:
        data = data[os.write(1, data) :]


def main(role: str, arguments: list[str]) -> NoReturn:  # noqa: ARG001 - as every role has it
    """Be the forwarder, until standard input ends."""
    procs.name(f"metr-{role}")
    procs.hide_memory()
    procs.deaf()
    listener = socket.socket()
    listener.setblocking(False)
    listener.bind(("127.0.0.1", 0))
    listener.listen(2 * tunnel.PLACES)
    _say(0, tunnel.PORT, str(listener.getsockname()[1]).encode())
    Forwarder(listener).loop()
    os._exit(0)
