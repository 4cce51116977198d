"""Who owns what a provider has made, as a mark that other processes can judge: is that owner still alive?

A mark is one line of words: pid, start time of the process, boot of the machine, pid namespace, and the machine itself,
for what may be found from another one.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Literal

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_MACHINE_ID = Path("/etc/machine-id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")
#: The pid namespace of a machine itself, outside any container; its number is the same everywhere.
_FIRST_NAMESPACE = "pid:[4026531836]"
_NOTHING = "-"

#: Whether an owner is alive: it may be one that cannot be looked for from here.
Life = Literal["alive", "dead", "unknown"]


def mark(pid: int | None = None) -> str:
    """Return the mark of a process of this machine, this one unless *pid* names another."""
    pid = os.getpid() if pid is None else pid
    return f"{pid} {_start_time(pid)} {_boot()} {_namespace()} {_machine()}"


def life_of(owner: str) -> Life:
    """Say whether the owner whose mark this is is alive.

    Of another machine, or of another pid namespace of this one, nothing can be known.

    :raises ValueError: where it is no mark.
    """
    pid, started, boot, namespace, machine = owner.split()
    if machine != _machine():
        return "unknown"
    if boot != _boot():
        # Containers on different machines may be named alike, so only a machine itself knows its earlier boots.
        return "dead" if namespace == _namespace() in (_FIRST_NAMESPACE, _NOTHING) else "unknown"
    if namespace != _namespace():
        return "unknown"
    return "alive" if _is_there(int(pid), started) else "dead"


def is_dead(owner: str) -> bool:
    """Whether an owner on this machine, whose mark this is, is known to be dead.

    For what other machines cannot see: what a mark says of its machine does not count.

    :raises ValueError: where it is no mark.
    """
    pid, started, boot, namespace, *machine = owner.split()
    if len(machine) > 1:
        raise ValueError(f"expected the mark of an owner, found {owner!r}")
    if boot != _boot():
        return True
    # A pid of another namespace says nothing here: its owner may well be alive.
    return namespace == _namespace() and not _is_there(int(pid), started)


def _is_there(pid: int, started: str) -> bool:
    if started != _NOTHING:
        return _start_time(pid) == started
    try:  # a system without /proc: whether there is a process of that number is all that can be asked
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _start_time(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        return _NOTHING


def _boot() -> str:
    return _read(_BOOT_ID)


def _namespace() -> str:
    try:
        return str(_PID_NAMESPACE.readlink())
    except OSError:
        return _NOTHING


def _machine() -> str:
    return f"{socket.gethostname()}/{_read(_MACHINE_ID)}".replace(" ", "_")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip() or _NOTHING
    except OSError:
        return _NOTHING
