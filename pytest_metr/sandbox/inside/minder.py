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
#: Commands are killed before anything else of the machine where memory runs out.
_OOM_SCORE = "500"
#: Open files of a command. Descriptors under way in sockets are counted for each user of the host, against the limit
#: of whoever sends one: a command must be stopped by this long before the host's own processes are (often at 1024).
_FILES = 512


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
    """Turn this process into the command. A command that cannot start is told on its standard error."""
    program = request["argv"][0] if request["argv"] else ""
    try:
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
        _reset(request["processes"])
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


def _reset(processes: int | None) -> None:
    procs.hide_memory(False)
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):  # 32 and 33 belong to the C library
            signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(0o022)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    files = min(_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    if processes is not None:
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        most = processes if hard == resource.RLIM_INFINITY else min(processes, hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write(_OOM_SCORE)


def _fail(code: int, what: str, why: str) -> NoReturn:
    os.write(2, f"{what}: {why}\n".encode("utf-8", "replace"))
    os._exit(code)
