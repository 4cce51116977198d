"""Whose a session's folder is: of the processes of one session, and of no dead one's.

Every process of a session holds a shared lock on the folder's file ``lock`` for as long as it lives. Whoever takes the
session up again first gets it exclusively, so that nobody of the earlier processes can still add to the journal. The
file's descriptor is closed in whatever program a process starts, so no sandbox outlives it with the lock.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from pytest_metr.errors import UsageMistake

LOCK_FILE = "lock"
#: Seconds that whoever takes a session up waits for its earlier processes to end.
PATIENCE = 30.0
_POLL = 0.1
_WATCH = 0.5


class SessionLock:
    """A process's hold on the folder of its session; given back by :meth:`close`, or by the process's death."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fd = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    @classmethod
    def share(cls, folder: Path) -> SessionLock:
        """Hold the folder of a session that this process belongs to.

        :raises UsageMistake: where its file system knows no locks.
        :raises OSError: where the file cannot be opened.
        """
        lock = cls(folder)
        lock._lock(fcntl.LOCK_SH)
        return lock

    @classmethod
    def take_over(cls, folder: Path, *, tell: Callable[[str], None], patience: float = PATIENCE) -> SessionLock:
        """Hold the folder of a session whose earlier processes are to end, waiting until they have.

        :param tell: is given a line where there is something to wait for.
        :raises UsageMistake: where the session is still running after *patience* seconds.
        :raises OSError: where the file cannot be opened.
        """
        lock = cls(folder)
        deadline = time.monotonic() + patience
        told = False
        while not lock._lock(fcntl.LOCK_EX | fcntl.LOCK_NB):
            if not told:
                tell(f"waiting up to {patience:g} s for earlier processes of the session to end")
                told = True
            if time.monotonic() > deadline:
                raise lock._still_running()
            time.sleep(_POLL)
        # Sharing a lock gives it up for a moment. Who gets it in that moment has left his name when we have it again,
        # which is soon: nobody has it for himself for longer than such a moment.
        name = f"{os.getpid()} on {socket.gethostname()}"
        lock._sign(name)
        lock._lock(fcntl.LOCK_SH)
        if lock._signed() != name:
            raise lock._still_running()
        return lock

    def close(self) -> None:
        """Give the folder back. May be called more than once."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _lock(self, how: int) -> bool:
        """Try to lock; False where others hold it."""
        try:
            fcntl.flock(self._fd, how)
        except BlockingIOError:
            return False
        except OSError as error:
            self.close()
            if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
            raise UsageMistake(
                f"expected a file system with locks: {error.strerror}", file=self._folder / LOCK_FILE
            ) from error
        return True

    def _sign(self, name: str) -> None:
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, name.encode(), 0)

    def _signed(self) -> str:
        return os.pread(self._fd, 1000, 0).decode("utf-8", "replace")

    def _still_running(self) -> UsageMistake:
        who = self._signed()
        self.close()
        by = f" (process {who})" if who else ""
        return UsageMistake(f"is still running{by}; expected a session that has ended", file=self._folder)


def is_held(folder: Path) -> bool | None:
    """Whether a process of its session lives, on whatever machine; None where that cannot be known.

    Whoever begins to share the folder meanwhile waits for a moment, and nobody is refused because of it.
    """
    try:
        fd = _open_lock(folder / LOCK_FILE)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(fd)
    return False


def _open_lock(file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except PermissionError:
        # Somebody else's session. Only file systems of networks want to write where they are to lock.
        return os.open(file, os.O_RDONLY | os.O_CLOEXEC)


def die_with_parent(parent: int) -> None:
    """Kill this process when its parent has died, whatever it is doing then.

    Sandboxes end with the process that made them, or are found by the next session's reaper.

    :param parent: the process id of the controller. Nothing is watched where that is not our parent: it is on another
        machine, and the channel to it ends this process.
    """
    if os.getppid() == parent:
        threading.Thread(target=_watch, args=(parent,), name="metr-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH)
    os.kill(os.getpid(), signal.SIGKILL)
