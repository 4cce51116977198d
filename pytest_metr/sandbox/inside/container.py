# pathlib takes longer to import than all that is imported here.
# ruff: noqa: PTH208
"""Process 1 of a container (role ``container``): it is asked over its standard input and answers over its output.

It forks a process for each request, moves the bytes of its streams and collects what has ended. When its input ends,
because the owner has closed it or has died, it ends too, and the container with it.
"""

from __future__ import annotations

import fcntl
import functools
import marshal
import os
import pwd
import select
import signal
import struct
import sys
import termios
import time

from pytest_metr.sandbox.inside import files, frames, minder, procs, wire
from pytest_metr.sandbox.inside.conversation import Conversation, processes

TYPE_CHECKING = False  # importing typing would take as long as all the rest
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from pytest_metr.sandbox.inside.streams import Outlet

#: Seconds in which the agent's processes must have gone after they were killed.
PATIENCE = 5.0
#: Seconds between two looks at how many processes there are, while a command of root runs.
_LOOK = 0.05


class Keeper:
    """The loop of process 1 and its state: the conversations by number, and what is to be done by descriptor."""

    def __init__(self, wake: int) -> None:
        self._wake = wake
        self._input = frames.Frames()
        self._talks: dict[int, Conversation] = {}
        self._poll = select.epoll()
        self._watched: dict[int, Callable[[], object]] = {}
        os.set_blocking(0, False)
        os.set_blocking(1, True)
        self._watch(0, self._hear)
        self._watch(wake, self._collect)

    def loop(self) -> None:
        """Serve until the host is gone."""
        while True:
            busy = [talk.most for talk in self._talks.values() if talk.most is not None]
            for fd, _ in self._poll.poll(_LOOK if busy else None):
                do = self._watched.get(fd)  # what came before in this round may have closed it
                if do is not None:
                    do()
            for most in busy:
                self._make_room(most)

    # Descriptors

    def _watch(self, fd: int, do: Callable[[], object], events: int = select.EPOLLIN) -> None:
        self._watched[fd] = do
        self._poll.register(fd, events)

    def _unwatch(self, fd: int) -> None:
        if self._watched.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def _send(self, number: int, kind: int, payload: bytes = b"") -> None:
        data = memoryview(frames.frame(number, kind, payload))
        while data:
            data = data[os.write(1, data) :]

    # What the host says

    def _hear(self) -> None:
        data = os.read(0, frames.CHUNK)
        if not data:
            os._exit(0)
        for number, kind, payload in self._input.feed(data):
            if kind == frames.FILTER:
                if payload:
                    procs.filter_calls(payload)
                self._send(0, frames.READY)
                continue
            if kind == frames.REQUEST:
                self._take(number, marshal.loads(payload))
                continue
            talk = self._talks.get(number)
            if talk is not None:  # else it has ended by itself meanwhile
                self._pass_on(talk, kind, payload)

    def _pass_on(self, talk: Conversation, kind: int, payload: bytes) -> None:
        if kind == frames.INPUT:
            talk.inlet.add(payload)
            self._feed(talk)
        elif kind == frames.END:
            talk.inlet.end()
            self._feed(talk)
        elif kind == frames.KILL:
            talk.kill()
        elif kind == frames.ROOM:
            talk.outlets[0].taken(int(payload))
            if not talk.outlets[0].full:
                self._watch_outlet(talk, talk.outlets[0])

    def _take(self, number: int, request: dict[str, Any]) -> None:
        if request["op"] == "kill_agent":
            self._answer(number, "done" if self._kill_agent() else "stuck")
        elif request["op"] == "ping":
            self._answer(number, "pong")
        else:
            self._begin(number, request)

    def _answer(self, number: int, line: str) -> None:
        self._send(number, frames.STATUS, b"0" + line.encode())

    # Requests

    def _begin(self, number: int, request: dict[str, Any]) -> None:
        if request.get("most") is not None:
            self._make_room(request["most"])
        try:
            talk = Conversation(number, request)
        except OSError as error:
            self._answer(number, f"fault {error.strerror}")
            return
        try:
            talk.pid = self._fork(talk, request)
        except OSError as error:
            self._answer(number, f"fault fork: {error.strerror}")
            talk.close()
            return
        finally:
            talk.close_theirs()
        self._talks[number] = talk
        self._watch(talk.status.fileno(), lambda: self._status(talk))
        for outlet in talk.outlets:
            os.set_blocking(outlet.fd, False)
            self._watch_outlet(talk, outlet)

    def _fork(self, talk: Conversation, request: dict[str, Any]) -> int:
        try:
            child = os.fork()
        except OSError:
            # The agent's processes may be what is in the way; root's work goes before them.
            if talk.user is not None or not self._kill_agent():
                raise
            child = os.fork()
        if child == 0:
            code = 1
            try:
                _serve(talk, request)
                code = 0
            finally:
                os._exit(code)
        return child

    def _feed(self, talk: Conversation) -> None:
        taken = talk.inlet.flush()
        if taken:
            self._send(talk.number, frames.TAKEN, str(taken).encode())
        self._watch_inlet(talk)

    def _watch_inlet(self, talk: Conversation) -> None:
        fd = talk.inlet.fd
        watched = fd in self._watched
        if talk.inlet.waiting and not watched:
            self._watch(fd, lambda: self._feed(talk), select.EPOLLOUT)
        elif not talk.inlet.waiting and watched:
            self._unwatch(fd)
        if talk.inlet.done:
            self._unwatch(fd)
            talk.inlet.close()

    def _watch_outlet(self, talk: Conversation, outlet: Outlet) -> None:
        if outlet.fd >= 0 and outlet.fd not in self._watched:
            self._watch(outlet.fd, functools.partial(self._read, talk, outlet))

    def _read(self, talk: Conversation, outlet: Outlet) -> int:
        """Read once and pass on what is to go out; return how many bytes there were."""
        try:
            data = os.read(outlet.fd, frames.CHUNK)
        except BlockingIOError:
            return 0
        if not data:
            self._unwatch(outlet.fd)
            outlet.close()
        elif talk.number in self._talks and (now := outlet.take(data)):
            self._send(talk.number, outlet.kind, now)
            if outlet.full:
                self._unwatch(outlet.fd)
        return len(data)

    def _status(self, talk: Conversation) -> None:
        line = talk.status.recv(4096) or b"lost"
        self._unwatch(talk.status.fileno())
        talk.status.close()
        for outlet in talk.outlets:
            self._read_what_is_there(talk, outlet)
            cut, rest = outlet.rest()
            if cut:
                self._send(talk.number, outlet.cut_kind, str(cut).encode())
            for at in range(0, len(rest), frames.CHUNK):
                self._send(talk.number, outlet.kind, rest[at : at + frames.CHUNK])
        # From here on what processes in the background still write is read and forgotten: without a reader the first
        # line that they print would kill them.
        del self._talks[talk.number]
        for outlet in talk.outlets:
            self._watch_outlet(talk, outlet)
        self._unwatch(talk.inlet.fd)
        talk.inlet.close()
        self._send(talk.number, frames.STATUS, (b"1" if talk.ran_out_of_memory() else b"0") + line)

    def _read_what_is_there(self, talk: Conversation, outlet: Outlet) -> None:
        # Only as much as is there at this moment: a process left in the background may write for ever.
        if outlet.fd < 0:
            return
        waiting = struct.unpack("i", fcntl.ioctl(outlet.fd, termios.FIONREAD, b"\0" * 4))[0]
        while waiting > 0:
            waiting -= self._read(talk, outlet)
        self._read(talk, outlet)  # learns whether anybody still has it open

    # Processes

    def _collect(self) -> None:
        procs.empty(self._wake)
        procs.reap()

    def _make_room(self, most: int) -> None:
        """End the agent's processes where they are so many that root's could soon not be started."""
        if processes() > most:
            self._kill_agent()

    def _kill_agent(self) -> bool:
        deadline = time.monotonic() + PATIENCE
        while True:
            procs.kill_user(AGENT)
            procs.reap()
            if not procs.of_user(AGENT):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)


#: The user id of the agent.
AGENT = 1000


def _serve(talk: Conversation, request: dict[str, Any]) -> None:
    """In the child: see to one request with nothing open that belongs to another."""
    signal.set_wakeup_fd(-1)
    status, fds = os.dup(talk.theirs.fileno()), [os.dup(fd) for fd in talk.fds]
    keep = {status, *fds, 2}
    for entry in os.listdir("/proc/self/fd"):
        if int(entry) not in keep:
            try:
                os.close(int(entry))
            except OSError:
                continue  # the listing's own
    for number in (0, 1):
        os.dup2(os.open(os.devnull, os.O_RDWR), number)
    if request["op"] == "run":
        minder.mind(request, fds, wire.adopt(status))
        return
    if request["ids"] is not None:
        procs.become_user(*request["ids"])
    files.serve(request, fds, wire.adopt(status))


def main(role: str, arguments: list[str]) -> NoReturn:  # noqa: ARG001 - as every role has it
    """Be process 1."""
    procs.name(f"metr-{role}")
    procs.hide_memory()
    os.umask(0o022)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    pwd.getpwuid(AGENT)  # and not at first need, when the files of the machine may be others
    try:
        Keeper(procs.wake_on_child()).loop()
    except BrokenPipeError:
        os._exit(0)  # the host is gone
    finally:
        # The end of this process is the end of the container; what it raised are its last words.
        if sys.exc_info()[0] is not None:
            sys.excepthook(*sys.exc_info())
        os._exit(1)
