# pathlib takes longer to import than all that is imported here.
# ruff: noqa: PTH112, PTH123
"""The minder of one command: starts it, tells how it ended, and can kill everything below it.

A minder adopts the orphans below it, so a daemonised process is still in its tree. When the command ends by
itself the minder ends too, and what the command left in the background goes to the supervisor and lives on.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import socket

from pytest_metr.sandbox.inside import procs
from pytest_metr.sandbox.inside.wire import tell

TYPE_CHECKING = False  # importing typing would take as long as all the rest
if TYPE_CHECKING:
    from typing import Any, NoReturn

#: Seconds in which a tree must have died before it is called stuck.
PATIENCE = 2.0


def mind(request: dict[str, Any], fds: list[int], status: socket.socket) -> None:
    """Run one command to its end or to the host's word ``kill``, and report it on *status*.

    :param fds: standard input, output and error of the command; closed here.
    """
    os.setsid()
    procs.name("metr-minder")
    procs.adopt_orphans()
    procs.deaf()
    wake = procs.wake_on_child()
    try:
        command = os.fork()
    except OSError as error:
        tell(status, "fault", f"fork: {error.strerror}")
        return
    if command == 0:
        # From here on its user may write into its memory, and so through whatever it holds.
        status.close()
        become(request, fds)
    for fd in fds:
        os.close(fd)
    _watch(command, status, wake)


def _watch(command: int, status: socket.socket, wake: int) -> None:
    while True:
        watched: list[int | socket.socket] = [wake, status]
        ready, _, _ = select.select(watched, [], [])
        procs.empty(wake)
        ended = procs.reap() or {}
        if command in ended:
            tell(status, "exit", str(os.waitstatus_to_exitcode(ended[command])))
            return
        if status in ready:
            # The host says so, or it has given up this command (its end of the socket is closed).
            status.recv(64)
            tell(status, "killed" if procs.kill_below(wake, PATIENCE) else "stuck")
            return


def become(request: dict[str, Any], fds: list[int]) -> NoReturn:
    """Turn this process into the command. A command that cannot start is told on its standard error.

    The request says ``argv``, ``env``, ``cwd``, the ``ids`` of the user to become (None: as it is), how many
    ``processes`` that user and how many open ``files`` the command may have (None: as it is), and its ``oom_score``
    (0: as it is).
    """
    program = request["argv"][0] if request["argv"] else ""
    try:
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
        _reset(request)
        if request["ids"] is not None:
            os.closerange(3, 1024)
            procs.become_user(*request["ids"])
        os.chdir(request["cwd"])
        if not program:
            _fail(127, "''", "not found")
        os.execvpe(program, request["argv"], request["env"])
    except FileNotFoundError as error:
        missing = error.filename == request["cwd"] and not os.path.isdir(request["cwd"])
        _fail(126 if missing else 127, request["cwd"] if missing else program, "not found")
    except OSError as error:
        _fail(126, program, error.strerror or str(error))
    except ValueError as error:
        _fail(126, program, str(error))


def _reset(request: dict[str, Any]) -> None:
    if request["ids"] is None:
        procs.hide_memory(False)
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):  # 32 and 33 belong to the C library
            signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(0o022)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if request["files"] is not None:
        files = min(request["files"], resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 2)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    if request["processes"] is not None:
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        most = request["processes"] if hard == resource.RLIM_INFINITY else min(request["processes"], hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    if request["oom_score"]:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write(str(request["oom_score"]))


def _fail(code: int, what: str, why: str) -> NoReturn:
    os.write(2, f"{what}: {why}\n".encode("utf-8", "replace"))
    os._exit(code)
