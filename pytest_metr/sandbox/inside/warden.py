"""The warden of one provider: starts its sandboxes, and cleans up when the owner is gone, however it ended.

Two things need a process of their own. A sandbox dies with the thread that forked it (``PR_SET_PDEATHSIG``
is per thread), so that thread has to be one that stays; and after SIGKILL of the owner somebody has to be
left to remove its folder. As root the warden is also what lays down root's rights before bubblewrap starts.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import time

from pytest_metr.sandbox.inside import procs, wire

TYPE_CHECKING = False  # importing typing would take as long as all the rest
if TYPE_CHECKING:
    from typing import Any, NoReturn

_CLONE_NEWNS = 0x20000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
#: Seconds in which sandboxes must have died before the folder is removed all the same.
PATIENCE = 5.0
_REMOVE = 'chmod -R u+rwX -- "$0" 2>/dev/null; rm -rf -- "$0" 2>/dev/null'


class Warden:
    """The loop and its state: the sandboxes that live, by the pid of their outer process."""

    def __init__(self, control: socket.socket, owner: int, wake: int) -> None:
        self._control = control
        self._wake = wake
        self._lives: dict[int, socket.socket] = {}
        self._owner = _pidfd(owner)

    def loop(self) -> None:
        """Serve until the owner has closed its end or has died."""
        while True:
            watched: list[int | socket.socket] = [self._control, self._wake, *self._lives.values()]
            if self._owner is not None:
                watched.append(self._owner)
            ready, _, _ = select.select(watched, [], [])
            procs.empty(self._wake)
            self._collect()
            for pid, life in list(self._lives.items()):
                if life in ready:
                    self._end(pid, life)
            if self._owner in ready:
                return
            if self._control in ready:
                received = wire.receive(self._control)
                if received is None:
                    return
                self._serve(*received)

    def end_all(self) -> None:
        """Kill every sandbox and wait for it."""
        deadline = time.monotonic() + PATIENCE
        while self._lives and time.monotonic() < deadline:
            for pid in self._lives:
                _kill(pid)
            select.select([self._wake], [], [], 0.05)
            procs.empty(self._wake)
            self._collect()

    def _serve(self, request: dict[str, Any], fds: list[int]) -> None:
        try:
            if request["op"] == "rehearse":
                self._rehearse(request, fds[0])
            else:
                self._launch(request, fds)
        finally:
            for fd in fds:
                os.close(fd)

    def _launch(self, request: dict[str, Any], fds: list[int]) -> None:
        """Start a sandbox. The descriptors: its life (ours), its log, then what the arguments name by number."""
        child = os.fork()
        if child == 0:
            try:
                procs.place(fds[1:], [2, *request["numbers"]])
                os.dup2(2, 1)
                signal.pthread_sigmask(signal.SIG_SETMASK, ())
                _prepare(request)
                os.execve(request["argv"][0], request["argv"], request["env"])
            except OSError as error:
                os.write(2, f"{error}\n".encode("utf-8", "replace"))
            finally:
                os._exit(127)
        self._lives[child] = wire.adopt(os.dup(fds[0]))

    def _rehearse(self, request: dict[str, Any], status: int) -> None:
        """Try whether the rights can be laid down here, in a process that does nothing else."""
        child = os.fork()
        if child == 0:
            code = 1
            try:
                _prepare(request)
                code = 0
            finally:
                os._exit(code)
        _, ended = os.waitpid(child, 0)
        wire.answer(status, "done" if ended == 0 else "refused")

    def _collect(self) -> None:
        for pid, status in (procs.reap() or {}).items():
            life = self._lives.pop(pid, None)
            if life is not None:
                wire.tell(life, "ended", str(os.waitstatus_to_exitcode(status)))
                life.close()

    def _end(self, pid: int, life: socket.socket) -> None:
        # One word means "kill it now"; the end of the connection means that nobody cares for it any more.
        life.recv(64)
        _kill(pid)


def _pidfd(owner: int) -> int | None:
    try:
        return os.pidfd_open(owner)
    except (AttributeError, OSError):
        return None  # an old kernel: the closed connection says it too, unless a fork of the owner holds it


def _kill(holder: int) -> None:
    """Kill process 1 of a sandbox (its end ends all the others), or its holder where there is none yet."""
    below = [pid for pid, parent in procs.parents().items() if parent == holder]
    procs.kill(below or [holder])


def _prepare(request: dict[str, Any]) -> None:
    """In the child: show what the unprivileged user could not reach by its path, then become that user."""
    libc = ctypes.CDLL(None, use_errno=True)
    if request["binds"]:
        _must(libc.unshare(_CLONE_NEWNS))
        _must(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
    for source, target in request["binds"]:
        _must(libc.mount(os.fsencode(source), os.fsencode(target), None, _MS_BIND | _MS_REC, None))
    if request["drop"] is not None:
        os.setgroups([])
        os.setgid(request["drop"])
        os.setuid(request["drop"])


def _must(code: int) -> None:
    if code != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _remove(folder: str) -> None:
    for _ in range(5):
        os.spawnv(os.P_WAIT, "/bin/sh", ["sh", "-c", _REMOVE, folder])
        if not os.path.lexists(folder):
            return
        time.sleep(0.2)


def main(role: str, arguments: list[str]) -> NoReturn:
    """Be the warden. Arguments: number of the control socket, pid of the owner, the owner's folder."""
    control = wire.adopt(int(arguments[0]))
    procs.name(f"metr-{role}")
    wake = procs.wake_on_child()
    procs.deaf()
    warden = Warden(control, int(arguments[1]), wake)
    wire.tell(control, "ready")
    try:
        warden.loop()
    finally:
        warden.end_all()
        control.close()
        _remove(arguments[2])
        os._exit(0)
