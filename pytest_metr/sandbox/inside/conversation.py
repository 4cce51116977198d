# pathlib takes longer to import than all that is imported here.
# ruff: noqa: PTH123
"""One request to process 1 of a container, as it sees it, and what the kernel counts of the container meanwhile."""

from __future__ import annotations

import os
import socket

from pytest_metr.sandbox.inside import frames, procs, wire
from pytest_metr.sandbox.inside.streams import Inlet, Outlet

TYPE_CHECKING = False  # importing typing would take as long as all the rest
if TYPE_CHECKING:
    from typing import Any

# Where the kernel counts the processes of this container, and those that it has killed for want of memory; for the
# unified hierarchy of control groups and the one before.
_PIDS = ("/sys/fs/cgroup/pids.current", "/sys/fs/cgroup/pids/pids.current")
_OOM = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


class Conversation:
    """One request under way.

    :param most: more processes than this may not be there while it runs; None for any number.
    """

    def __init__(self, number: int, request: dict[str, Any]) -> None:
        self.number = number
        self.command = request["op"] == "run"
        self.user: int | None = request["ids"][0] if request["ids"] else None
        self.most: int | None = request.get("most")
        self._killed_before = killed_for_memory()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.status, self.theirs = ours, theirs
        pipes = [os.pipe2(os.O_CLOEXEC) for _ in range(3)]
        self.fds = [pipes[0][0], pipes[1][1], pipes[2][1]]
        limit = request["output_limit"] if self.command else None
        window: int | None = request.get("window")
        self.inlet = Inlet(pipes[0][1])
        self.outlets = [
            Outlet(pipes[1][0], frames.OUT, frames.OUT_CUT, limit if window is None else None, window),
            Outlet(pipes[2][0], frames.ERR, frames.ERR_CUT, limit),
        ]
        self.pid = 0

    def close_theirs(self) -> None:
        """Close what belongs to the process of the request."""
        self.theirs.close()
        for fd in self.fds:
            os.close(fd)

    def close(self) -> None:
        """Close what belongs to this end."""
        self.inlet.close()
        for outlet in self.outlets:
            outlet.close()
        self.status.close()

    def kill(self) -> None:
        """Have it killed: a command with its tree by its minder, what handles files at once."""
        if self.command:
            wire.tell(self.status, "kill")
        else:
            procs.kill([self.pid])

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has killed something of the container for want of memory since the request came."""
        return killed_for_memory() > self._killed_before


def processes() -> int:
    """Return how many processes the container has; 0 where the kernel does not count them."""
    return _counted(_PIDS)


def killed_for_memory() -> int:
    """Return how many processes of the container the kernel has killed for want of memory so far."""
    return _counted(_OOM, b"oom_kill")


def _counted(paths: tuple[str, ...], key: bytes | None = None) -> int:
    """Return the number in the first of *paths* that there is, behind *key* where one is given; 0 for none."""
    for path in paths:
        try:
            with open(path, "rb") as file:
                words = file.read().split()
        except OSError:
            continue
        if key is None:
            return int(words[0])
        if key in words:
            return int(words[words.index(key) + 1])
    return 0
