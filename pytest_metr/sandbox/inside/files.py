# pathlib takes longer to import than all that is imported here.
# ruff: noqa: PTH100, PTH101, PTH102, PTH103, PTH104, PTH108, PTH118, PTH120, PTH211
"""Reading and writing files inside a sandbox as its user, so that a trap laid by an agent catches the agent alone."""

from __future__ import annotations

import errno
import marshal
import os
import socket
import stat

from pytest_metr.sandbox.inside.wire import tell

TYPE_CHECKING = False  # importing typing would take as long as all the rest
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO

_CHUNK = 1 << 20


class Refused(Exception):
    """The request cannot be served for a reason that is no error number; the text says why."""


def serve(request: dict[str, Any], fds: list[int], status: socket.socket) -> None:
    """Do one request about files and report ``done``, ``errno NUMBER`` or ``refused REASON`` on *status*.

    :param fds: where content comes from (0) and goes to (1).
    """
    os.setsid()
    os.umask(0o022)
    do: dict[str, Callable[[dict[str, Any], int, int], None]] = {"read": _read, "write": _write, "tree": _tree}
    try:
        os.chdir(request["home"])
        do[request["what"]](request, fds[0], fds[1])
    except OSError as error:
        tell(status, "errno", str(error.errno or errno.EIO))
    except (Refused, ValueError, EOFError) as error:
        tell(status, "refused", str(error))
    else:
        tell(status, "done")


def _read(request: dict[str, Any], _source: int, sink: int) -> None:
    path, limit = request["path"], request["limit"]
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise Refused("it is not a regular file")
    if status.st_size > limit:
        raise Refused(f"it is larger than {limit} bytes")
    left = limit
    while data := os.read(fd, min(_CHUNK, left + 1)):
        if len(data) > left:
            raise Refused(f"it is larger than {limit} bytes")
        left -= len(data)
        _write_all(sink, data)


def _write(request: dict[str, Any], source: int, _sink: int) -> None:
    path = os.path.abspath(request["path"])
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(source, "rb") as stream:
        _put_file(path, stream, request["size"], request["mode"])


def _tree(request: dict[str, Any], source: int, _sink: int) -> None:
    """Unpack entries: a marshalled (kind, relative path, mode, mtime in ns, size or target), then the content."""
    top = os.path.abspath(request["path"])
    os.makedirs(top, exist_ok=True)
    times: list[tuple[str, int]] = []
    with open(source, "rb") as stream:
        while (entry := marshal.load(stream)) is not None:
            kind, relative, mode, mtime, extra = entry
            path = os.path.join(top, relative)
            if kind == "dir":
                _put_folder(path, mode)
                times.append((path, mtime))
            elif kind == "link":
                _clear(path)
                os.symlink(extra, path)
            else:
                _put_file(path, stream, extra, mode, mtime)
    for path, mtime in reversed(times):  # writing into a folder changes its time, so that comes last
        os.utime(path, ns=(mtime, mtime))


def _put_folder(path: str, mode: int) -> None:
    if not stat.S_ISDIR(_mode_of(path)):
        _clear(path)
        os.mkdir(path)
    # Without these the entries to come could not be made; a folder that nobody may enter is of no use.
    os.chmod(path, mode | stat.S_IRWXU)


def _put_file(path: str, stream: BinaryIO, size: int, mode: int, mtime: int | None = None) -> None:
    # A new name and then a rename: a link or fifo that lies at *path* is replaced and never opened.
    name = f"{os.path.dirname(path)}/.metr-{os.getpid()}-{os.urandom(6).hex()}"
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        left = size
        while left:
            data = stream.read(min(_CHUNK, left))
            if not data:
                raise OSError(errno.EPIPE, os.strerror(errno.EPIPE))
            left -= len(data)
            _write_all(fd, data)
        os.fchmod(fd, mode)
        if mtime is not None:
            os.utime(fd, ns=(mtime, mtime))
        os.rename(name, path)
    except OSError:
        os.unlink(name)
        raise
    finally:
        os.close(fd)


def _mode_of(path: str) -> int:
    try:
        return os.lstat(path).st_mode
    except FileNotFoundError:
        return 0


def _clear(path: str) -> None:
    if _mode_of(path):
        os.unlink(path)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
