# pathlib takes longer to import than all that is imported here.
# ruff: noqa: PTH123, PTH208
"""Processes: attributes that need prctl, waking up when a child ends, finding and killing a tree."""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import signal
import time

_PR_SET_DUMPABLE = 4
_PR_SET_NAME = 15
_PR_SET_SECCOMP = 22
_PR_SET_CHILD_SUBREAPER = 36
_SECCOMP_MODE_FILTER = 2
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1


def _prctl(option: int, value: int | bytes) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def adopt_orphans() -> None:
    """Make this process the parent of orphaned descendants, so that a daemonised one stays in its tree."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_memory(hidden: bool = True) -> None:
    """Close (or open again) memory and descriptors of this process to other processes of its user."""
    _prctl(_PR_SET_DUMPABLE, 0 if hidden else 1)


def keep_from_abstract_sockets() -> None:
    """Keep this process and all below it from abstract sockets of others, as far as the kernel can (since 6.12).

    They belong to the network, so a sandbox that shares the host's would reach those of the host.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    rules = (ctypes.c_uint64 * 3)(0, 0, _LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET)  # file system, network, scopes
    ruleset = libc.syscall(_LANDLOCK_CREATE_RULESET, rules, ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    if ruleset >= 0:
        libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)


def become_user(uid: int, gid: int) -> None:
    """Become a user with the groups that /etc/group gives it; nobody can look into this process until its exec."""
    import pwd  # where there is more than one user

    os.setgroups(os.getgrouplist(pwd.getpwuid(uid).pw_name, gid))
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def kill_user(uid: int) -> None:
    """Send SIGKILL to every process of a user at once, so that none of them can be born meanwhile.

    As root's process 1, which nobody inside can kill or look into while it is that user.

    :raises PermissionError: in any other process, which could reach beyond its sandbox.
    """
    if os.getpid() != 1:
        raise PermissionError("only process 1 of a sandbox may kill all processes of a user")
    os.setresuid(uid, uid, 0)
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        os.setresuid(0, 0, 0)


def of_user(uid: int) -> list[int]:
    """Return the pids of a user's processes, without those that have ended and wait to be collected."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/status", "rb") as file:
                    status = file.read()
            except OSError:
                continue  # it has ended since the listing
            fields = dict(line.split(b":", 1) for line in status.splitlines() if b":" in line)
            if int(fields[b"Uid"].split()[0]) == uid and fields[b"State"].split()[0] != b"Z":
                found.append(int(entry))
    return found


def filter_calls(program: bytes) -> None:
    """Apply a filter of system calls (a classic BPF program) to this process and all below it."""
    libc = ctypes.CDLL(None, use_errno=True)
    steps = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    given = Program(len(program) // 8, ctypes.addressof(steps))
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(given), 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def name(title: str) -> None:
    """Set the name that ``ps`` and ``pkill`` know this process by (15 bytes)."""
    _prctl(_PR_SET_NAME, title.encode()[:15])


def deaf() -> None:
    """Block every signal but those about children: only SIGKILL ends this process then."""
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.valid_signals()) - {signal.SIGCHLD})


def place(fds: list[int], numbers: list[int]) -> None:
    """Give descriptors the numbers that the arguments of the next program name, open across exec."""
    # By way of high numbers, for a source may itself have a number that is to be given.
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 512) for fd in fds]
    for fd, number in zip(high, numbers, strict=True):
        os.dup2(fd, number)


def wake_on_child() -> int:
    """Return a descriptor that becomes readable whenever a child of this process has ended."""
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    # A handler of Python is what makes the wake-up descriptor be written; the handler has nothing to do.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader


def empty(reader: int) -> None:
    """Forget the wake-ups so far."""
    try:
        while os.read(reader, 512):
            pass
    except BlockingIOError:
        return


def reap() -> dict[int, int] | None:
    """Collect the children that have ended: pid to wait status; None where no child is left at all."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended or None
        if pid == 0:
            return ended
        ended[pid] = status


def parents() -> dict[int, int]:
    """Return pid to parent's pid of every process that this namespace shows."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", "rb") as file:
                    # The name in parentheses may hold anything, so count from its end.
                    found[int(entry)] = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, IndexError):
                continue  # it has ended since the listing
    return found


def descendants(root: int) -> list[int]:
    """Return the pids below *root*, not *root* itself."""
    children: dict[int, list[int]] = {}
    for pid, parent in parents().items():
        children.setdefault(parent, []).append(pid)
    found: list[int] = []
    todo = [root]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def kill(pids: list[int]) -> None:
    """Send SIGKILL to each; those that have ended are no error."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def kill_below(wake: int, patience: float) -> bool:
    """Kill all descendants of this process, which adopts orphans; return whether none is left.

    New ones may be born while the list is read, so it is repeated until *patience* seconds are over.
    """
    deadline = time.monotonic() + patience
    while reap() is not None:
        kill(descendants(os.getpid()))
        if time.monotonic() > deadline:
            return False
        select.select([wake], [], [], 0.02)
        empty(wake)
    return True
