"""Process 1 of a sandbox (role ``root``) and of the agent's view inside it (role ``agent``).

It takes requests from the host on an inherited socket, forks a process for each and collects what has ended.
It ends, and all of its namespace with it, when the host's end of the socket is closed.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time

from pytest_metr.sandbox.inside import files, minder, procs, wire

TYPE_CHECKING = False  # importing typing would take as long as all the rest
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

#: Seconds in which the agent's namespace must have gone after it was killed.
PATIENCE = 5.0


class Supervisor:
    """The loop of process 1 and its state: the process that holds the agent's namespace, if there is one."""

    def __init__(self, control: socket.socket, wake: int) -> None:
        self._control = control
        self._wake = wake
        self._agent = 0

    def loop(self) -> None:
        """Serve until the host is gone."""
        while True:
            watched: list[int | socket.socket] = [self._control, self._wake]
            ready, _, _ = select.select(watched, [], [])
            procs.empty(self._wake)
            if self._agent in (procs.reap() or {}):
                self._agent = 0
            if self._control in ready:
                received = wire.receive(self._control)
                if received is None:
                    return
                self._serve(*received)

    def _serve(self, request: dict[str, Any], fds: list[int]) -> None:
        operations: dict[str, Callable[[dict[str, Any], list[int]], None]] = {
            "run": self._run,
            "file": self._file,
            "drain": self._drain,
            "ping": self._ping,
            "agent_start": self._agent_start,
            "agent_stop": self._agent_stop,
        }
        try:
            operations[request["op"]](request, fds)
        finally:
            for fd in fds:
                os.close(fd)

    def _run(self, request: dict[str, Any], fds: list[int]) -> None:
        self._apart(lambda: minder.mind(request, fds[:3], wire.adopt(fds[3])), fds[3])

    def _file(self, request: dict[str, Any], fds: list[int]) -> None:
        self._apart(lambda: files.serve(request, fds[:3], wire.adopt(fds[3])), fds[3])

    def _drain(self, _request: dict[str, Any], fds: list[int]) -> None:
        # Processes left in the background go on writing to the pipes of a command that has ended. Without a
        # reader the first line that they print would kill them.
        self._apart(lambda: _swallow(fds), None)

    def _ping(self, _request: dict[str, Any], fds: list[int]) -> None:
        wire.answer(fds[0], "pong")

    def _apart(self, work: Callable[[], None], status: int | None) -> None:
        try:
            child = os.fork()
        except OSError as error:
            if status is not None:
                wire.answer(status, "fault", f"fork: {error.strerror}")
            return
        if child == 0:
            code = 1
            try:
                signal.set_wakeup_fd(-1)
                self._control.close()
                work()
                code = 0
            finally:
                os._exit(code)

    def _agent_start(self, request: dict[str, Any], fds: list[int]) -> None:
        """Start the agent's view. The descriptors: its log, its control socket, then what is opened here."""
        child = os.fork()  # of this process and no other, because it dies with its parent
        if child == 0:
            try:
                opened = [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in request["opened"]]
                procs.place([*fds, *opened], request["numbers"])
                os.dup2(2, 1)
                os.execve(request["argv"][0], request["argv"], request["env"])
            except OSError as error:
                os.write(2, f"{error}\n".encode("utf-8", "replace"))
            finally:
                os._exit(127)
        self._agent = child

    def _agent_stop(self, _request: dict[str, Any], fds: list[int]) -> None:
        """Kill the agent's process 1, which ends all of its namespace, and wait until its holder says so."""
        deadline = time.monotonic() + PATIENCE
        while self._agent:
            below = [pid for pid, parent in procs.parents().items() if parent == self._agent]
            procs.kill(below or [self._agent])
            if self._agent in (procs.reap() or {}):
                self._agent = 0
            elif time.monotonic() > deadline:
                break
            else:
                select.select([self._wake], [], [], 0.02)
                procs.empty(self._wake)
        wire.answer(fds[0], "stuck" if self._agent else "done")


def _swallow(fds: list[int]) -> None:
    os.setsid()
    procs.name("metr-drain")
    procs.deaf()
    for fd in fds:
        os.set_blocking(fd, True)
    while fds:
        ready, _, _ = select.select(fds, [], [])
        fds = [fd for fd in fds if fd not in ready or os.read(fd, 1 << 16)]


def main(role: str, arguments: list[str]) -> NoReturn:
    """Be process 1. The first argument is the number of the control socket."""
    number = int(arguments[0])
    control = wire.adopt(number)
    os.closerange(3, number)
    os.closerange(number + 1, 256)
    procs.name(f"metr-{role}")
    procs.hide_memory()
    if role == "root":
        procs.keep_from_abstract_sockets()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wake = procs.wake_on_child()
    wire.tell(control, "ready")
    try:
        Supervisor(control, wake).loop()
    finally:
        # No clean-up of Python's: the end of this process is the end of the namespace.
        os._exit(0)
