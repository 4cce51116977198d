"""A sandbox that is nothing but memory."""

from __future__ import annotations

import errno
import posixpath
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.fake.files import Files, Node
from pytest_metr.sandbox.fake.programs import Call, Done, Program, run
from pytest_metr.sandbox.output import Capped
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult, SandboxInfo, User

_HOMES: Mapping[User, str] = {"root": "/root", "agent": "/home/agent"}


class FakeSandbox:
    """A :class:`~pytest_metr.interfaces.Sandbox` in memory; no time passes in it.

    :param calls: every command that was run is appended here, for tests to look at.
    :param agent_kills: how often :meth:`kill_agent` was called.
    """

    def __init__(
        self, files: Files, info: SandboxInfo, programs: Mapping[str, Program], dispose: Callable[[FakeSandbox], None]
    ) -> None:
        self.files = files
        self.calls: list[Call] = []
        self.agent_kills = 0
        self.closed = False
        self._info = info
        self._programs = programs
        self._dispose = dispose

    @property
    def info(self) -> SandboxInfo:
        """What the sandbox is made of."""
        return self._info

    def exec(
        self,
        argv: Sequence[str],
        *,
        user: User = "agent",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        timeout: float | None = None,
        output_limit: int = DEFAULT_OUTPUT_LIMIT,
    ) -> ExecResult:
        """Run a program of the fake world, see :meth:`pytest_metr.interfaces.Sandbox.exec`."""
        self._check_open()
        home = _HOMES[user]
        variables = {"PATH": "/usr/bin:/bin", "HOME": home, "USER": user, "LANG": "C.UTF-8", **(env or {})}
        call = Call(
            argv=list(argv),
            user=user,
            cwd=posixpath.join(home, cwd or ""),
            env=variables,
            stdin=stdin,
            files=self.files,
            programs=self._programs,
        )
        call.cwd = posixpath.normpath(call.cwd)
        self.calls.append(call)
        try:
            folder = self.files.get(call.cwd, user).kind == "dir"
        except OSError:
            folder = False
        if not folder:
            return ExecResult(exit_code=126, stdout=b"", stderr=f"{call.cwd}: not found\n".encode())
        return _result(run(call), timeout, output_limit)

    def read_file(self, path: str, *, user: User = "root", limit: int | None = None) -> bytes:
        """Return the content of a file, see :meth:`pytest_metr.interfaces.Sandbox.read_file`."""
        self._check_open()
        try:
            node = self.files.get(posixpath.join(_HOMES[user], path), user)
        except PermissionError as error:
            raise PermissionError(error.errno, error.strerror, path) from None
        except OSError as error:
            raise FileNotFoundError(error.errno, error.strerror, path) from None
        if node.kind != "file":
            raise ValueError(f"{path}: it is not a regular file")
        if limit is not None and len(node.data) > limit:
            raise ValueError(f"{path}: it is larger than {limit} bytes")
        return node.data

    def write_file(self, path: str, data: bytes, *, user: User = "root", mode: int = 0o644) -> None:
        """Write a file, see :meth:`pytest_metr.interfaces.Sandbox.write_file`."""
        self._check_open()
        path = posixpath.normpath(posixpath.join(_HOMES[user], path))
        try:
            self.files.make_folders(posixpath.dirname(path), user)
            self.files.put(path, Node(kind="file", data=data, mode=mode), user)
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None

    def put_tree(
        self,
        source: Path,
        destination: str,
        *,
        user: User = "root",
        exclude: Sequence[str] = (),
        skip: Sequence[str] = (),
    ) -> None:
        """Copy a folder of the host into memory, see :meth:`pytest_metr.interfaces.Sandbox.put_tree`."""
        self._check_open()
        if not source.is_dir():
            number = errno.ENOTDIR if source.exists() else errno.ENOENT
            raise OSError(number, "not a folder", str(source))
        destination = posixpath.normpath(posixpath.join(_HOMES[user], destination))
        self.files.make_folders(destination, user)
        for path in sorted(source.rglob("*")):
            relative = path.relative_to(source)
            if relative.parts[0] not in exclude and not set(skip) & set(relative.parts):
                self.files.put(f"{destination}/{relative.as_posix()}", _node(path), user)

    def kill_agent(self) -> None:
        """Count the call; nothing runs in the background here."""
        self._check_open()
        self.agent_kills += 1

    def close(self) -> None:
        """Forget everything. May be called more than once."""
        if not self.closed:
            self.closed = True
            self._dispose(self)

    def __enter__(self) -> FakeSandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _check_open(self) -> None:
        if self.closed:
            raise SandboxError("the sandbox is closed")


def _result(done: Done, timeout: float | None, output_limit: int) -> ExecResult:
    out, err = Capped(output_limit), Capped(output_limit)
    out.add(done.stdout)
    err.add(done.stderr)
    late = timeout is not None and done.seconds >= timeout
    return ExecResult(
        exit_code=None if late else done.exit_code,
        stdout=out.value(),
        stderr=err.value(),
        timed_out=late,
        stdout_dropped=out.dropped,
        stderr_dropped=err.dropped,
        seconds=timeout if late and timeout is not None else done.seconds,
    )


def _node(path: Path) -> Node:
    status = path.lstat()
    mode = status.st_mode & 0o7777 & ~0o022
    if path.is_symlink():
        return Node(kind="link", data=str(path.readlink()).encode(), mode=0o777, mtime_ns=status.st_mtime_ns)
    if path.is_dir():
        return Node(kind="dir", mode=mode, mtime_ns=status.st_mtime_ns)
    if path.is_file():
        return Node(kind="file", data=path.read_bytes(), mode=mode, mtime_ns=status.st_mtime_ns)
    raise ValueError(f"{path}: expected a file, a folder or a link")
