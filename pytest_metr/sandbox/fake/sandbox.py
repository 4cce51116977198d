"""A sandbox that is nothing but memory."""

from __future__ import annotations

import errno
import posixpath
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pytest_metr.capped import Capped
from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Serve
from pytest_metr.sandbox.fake.files import Files, Node
from pytest_metr.sandbox.fake.forward import FakeForward
from pytest_metr.sandbox.fake.process import Answers, FakeProcess
from pytest_metr.sandbox.fake.programs import Call, Done, Program, run
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult, SandboxInfo, User

_HOMES: Mapping[User, str] = {"root": "/root", "agent": "/home/agent"}


class FakeSandbox:
    """A :class:`~pytest_metr.interfaces.Sandbox` in memory; no time passes in it.

    :param talks: what answers the input of a command that goes on, by its name; made anew for each.
    :param calls: every command that was run is appended here, for tests to look at.
    :param agent_kills: how often :meth:`kill_agent` was called.
    """

    def __init__(
        self,
        files: Files,
        info: SandboxInfo,
        programs: Mapping[str, Program],
        talks: Mapping[str, Callable[[Call], Answers]],
        dispose: Callable[[FakeSandbox], None],
    ) -> None:
        self.files = files
        self.calls: list[Call] = []
        self.agent_kills = 0
        self.closed = False
        self._info = info
        self._programs = programs
        self._talks = talks
        self._processes: list[tuple[User, FakeProcess]] = []
        self._forwards: list[FakeForward] = []
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
        return _result(self._run(self._call(argv, user, cwd, env, stdin)), timeout, output_limit)

    def spawn(
        self,
        argv: Sequence[str],
        *,
        user: User = "agent",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        room: int = DEFAULT_OUTPUT_LIMIT,
    ) -> FakeProcess:
        """Start a program of the fake world, see :meth:`pytest_metr.interfaces.Sandbox.spawn`."""
        call = self._call(argv, user, cwd, env, b"")
        talk = self._talks.get(posixpath.basename(argv[0]) if len(argv) == 1 else "")

        def program(stdin: bytes) -> Done:
            call.stdin = stdin
            return self._run(call)

        process = FakeProcess(program, talk(call) if talk is not None else None, room=room)
        self._processes.append((user, process))
        return process

    def forward(self, serve: Serve) -> FakeForward:
        """Listen on a port of this machine, see :meth:`pytest_metr.interfaces.Sandbox.forward`."""
        self._check_open()
        forward = FakeForward(serve)
        self._forwards.append(forward)
        return forward

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
        """Count the call, and end the agent's commands that go on."""
        self._check_open()
        self.agent_kills += 1
        for user, process in self._processes:
            if user == "agent":
                process.kill()

    def close(self) -> None:
        """Forget everything. May be called more than once."""
        if not self.closed:
            self.closed = True
            for _, process in self._processes:
                process.fail()
            for forward in self._forwards:
                forward.close()
            self._dispose(self)

    def __enter__(self) -> FakeSandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _call(
        self, argv: Sequence[str], user: User, cwd: str | None, env: Mapping[str, str] | None, stdin: bytes
    ) -> Call:
        self._check_open()
        home = _HOMES[user]
        call = Call(
            argv=list(argv),
            user=user,
            cwd=posixpath.normpath(posixpath.join(home, cwd or "")),
            env={"PATH": "/usr/bin:/bin", "HOME": home, "USER": user, "LANG": "C.UTF-8", **(env or {})},
            stdin=stdin,
            files=self.files,
            programs=self._programs,
        )
        self.calls.append(call)
        return call

    def _run(self, call: Call) -> Done:
        try:
            folder = self.files.get(call.cwd, call.user).kind == "dir"
        except OSError:
            folder = False
        return run(call) if folder else Done(exit_code=126, stderr=f"{call.cwd}: not found\n".encode())

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
