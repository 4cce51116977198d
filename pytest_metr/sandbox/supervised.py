"""A sandbox whose commands and files are seen to by a supervisor inside it, whatever carries the requests there."""

from __future__ import annotations

import errno
import itertools
import os
import posixpath
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pytest_metr.capped import Capped
from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Serve
from pytest_metr.sandbox.answer import Answer, Sink
from pytest_metr.sandbox.forward import ROOM, SandboxForward
from pytest_metr.sandbox.inside import frames
from pytest_metr.sandbox.live import LiveProcess
from pytest_metr.sandbox.output import Whole
from pytest_metr.sandbox.source import Given, Live, Source
from pytest_metr.sandbox.tree import pack
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult, SandboxInfo, User

HOMES: Mapping[User, str] = {"root": "/root", "agent": "/home/agent"}
#: Bytes of a file that are read at most where no limit is given; an agent can make a file of any size.
MOST_READ = 1 << 30
#: Seconds without a byte moved after which a request about files is taken for dead.
_FILE_PATIENCE = 60.0
#: What an open that fails says about a file that is not there for that user.
_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
#: What the forwarder has besides root's other commands: it is none that a task needs, so no process of the agent has to
#: make room for it, and it is killed late where memory runs out.
_FORWARDER = {"most": None, "oom_score": 0}


class Machine(Protocol):
    """What runs the processes of a sandbox: supervisors, and the way to them."""

    def converse(
        self,
        user: User,
        request: Mapping[str, Any],
        *,
        stdin: Callable[[], Source],
        out: Sink,
        err: Sink,
        timeout: float | None,
        idle: bool = False,
    ) -> Answer:
        """Make a request for *user* and wait for its answer.

        ``lost`` and ``stuck`` are answers about an agent alone, all of whose processes have been killed then.

        :param stdin: makes what standard input comes from; asked again where the request is made again.
        :param timeout: seconds after which it is killed; with *idle*, seconds without a byte moved.
        :raises SandboxError: where the sandbox does not work any more.
        """
        ...

    def kill_agent(self) -> None:
        """Kill every process of the agent; returns when none is left."""
        ...

    def close(self) -> None:
        """End the machine with all its processes."""
        ...


class SupervisedSandbox:
    """A :class:`~pytest_metr.interfaces.Sandbox`. May be used from several threads at once.

    :param environment: the variables that every command gets besides those of its user.
    :param extra: what the supervisor has to know for each command of a user besides.
    :param code: the command line, inside, of the code of this package that is there, without its role.
    :param dispose: called once when the sandbox has ended.
    """

    def __init__(
        self,
        machine: Machine,
        info: SandboxInfo,
        *,
        environment: Mapping[str, str],
        extra: Mapping[User, Mapping[str, Any]],
        code: Sequence[str],
        dispose: Callable[[], None],
    ) -> None:
        self._machine = machine
        self._info = info
        self._environment = dict(environment)
        self._extra = extra
        self._code = tuple(code)
        self._lock = threading.Lock()
        #: What goes on besides the calls of this object, and ends with it.
        self._open: list[LiveProcess | SandboxForward] = []
        self._numbers = itertools.count(1)
        self._dispose: Callable[[], None] | None = dispose

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
        """Run a command, see :meth:`pytest_metr.interfaces.Sandbox.exec`.

        A command whose working folder does not exist has exit code 126. An agent's command that kills the
        process that watches over it has exit code -9, and the agent's other processes are killed with it.
        """
        out, err = Capped(output_limit), Capped(output_limit)
        request = self._command(argv, user, cwd, env, output_limit)
        begun = time.monotonic()
        answer = self._machine.converse(user, request, stdin=lambda: Given([stdin]), out=out, err=err, timeout=timeout)
        seconds = time.monotonic() - begun
        overdue = timeout is not None and seconds >= timeout
        timed_out = answer.word in ("killed", "stuck") or (answer.word == "lost" and overdue)
        return ExecResult(
            exit_code=None if timed_out else answer.exit_code,
            stdout=out.value(),
            stderr=err.value(),
            timed_out=timed_out,
            stdout_dropped=out.dropped,
            stderr_dropped=err.dropped,
            seconds=seconds,
            out_of_memory=answer.out_of_memory,
        )

    def spawn(
        self,
        argv: Sequence[str],
        *,
        user: User = "agent",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        room: int = DEFAULT_OUTPUT_LIMIT,
    ) -> LiveProcess:
        """Start a command and return without waiting for it, see :meth:`pytest_metr.interfaces.Sandbox.spawn`.

        Before output is dropped the command waits for a moment, so that one that prints for ever is slowed down.

        :raises ValueError: where *room* is not positive.
        """
        return self._spawn(self._command(argv, user, cwd, env, DEFAULT_OUTPUT_LIMIT), user, room)

    def forward(self, serve: Serve) -> SandboxForward:
        """Listen on a port inside, see :meth:`pytest_metr.interfaces.Sandbox.forward`.

        What *serve* raises ends its connection and is logged (``pytest_metr``), and nothing else.
        """
        request = self._command([*self._code, "forward"], "root", "/", None, DEFAULT_OUTPUT_LIMIT) | _FORWARDER
        forward = SandboxForward(lambda told: self._spawn(request, "root", ROOM, told), serve, forget=self._forget)
        with self._lock:
            self._open.append(forward)
        return forward

    def read_file(self, path: str, *, user: User = "root", limit: int | None = None) -> bytes:
        """Return the content of a regular file, see :meth:`pytest_metr.interfaces.Sandbox.read_file`.

        As ``agent`` the path means what it means in the agent's view, so a link to a file that is hidden there
        leads nowhere. A relative path starts at the user's home. Without a limit it is 1 GiB.

        :raises PermissionError: where it may be there and ``agent`` may not read it. What root may not read is not
            found.
        """
        content = Whole()
        limit = MOST_READ if limit is None else limit
        request = {"op": "file", "what": "read", "path": path, "limit": limit}
        answer = self._files(user, request, lambda: (), content)
        missing = _NOT_THERE if user == "agent" else _NOT_THERE | _FORBIDDEN
        if answer.word == "errno" and answer.number in missing:
            raise FileNotFoundError(answer.number, os.strerror(answer.number), path)
        _check(answer, path)
        return content.value()

    def write_file(self, path: str, data: bytes, *, user: User = "root", mode: int = 0o644) -> None:
        """Write a file, see :meth:`pytest_metr.interfaces.Sandbox.write_file`.

        :raises OSError: where that user may not, or *path* is a folder (the subclass fits the error number).
        """
        request = {"op": "file", "what": "write", "path": path, "size": len(data), "mode": mode}
        _check(self._files(user, request, lambda: [data], Whole()), path)

    def put_tree(
        self,
        source: Path,
        destination: str,
        *,
        user: User = "root",
        exclude: Sequence[str] = (),
        skip: Sequence[str] = (),
    ) -> None:
        """Copy a folder into the sandbox, see :meth:`pytest_metr.interfaces.Sandbox.put_tree`.

        Times of change are kept. Where *destination* has an entry already it is replaced, a folder is kept.

        :raises OSError: where *source* cannot be read or that user may not write there.
        :raises ValueError: where *source* holds something that is neither file, folder nor link.
        """
        request = {"op": "file", "what": "tree", "path": destination}
        _check(self._files(user, request, lambda: pack(source, exclude, skip), Whole()), destination)

    def kill_agent(self) -> None:
        """Kill every process of user ``agent``; /home/agent and /tmp stay."""
        self._machine.kill_agent()

    def close(self) -> None:
        """Destroy the sandbox; bounded in time, and may be called more than once."""
        dispose, self._dispose = self._dispose, None
        try:
            self._machine.close()
        finally:
            with self._lock:
                left = list(self._open)
            for one in left:
                one.close()
            if dispose is not None:
                dispose()

    def __enter__(self) -> SupervisedSandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _variables(self, user: User) -> dict[str, str]:
        home = HOMES[user]
        return {**self._environment, "HOME": home, "USER": user, "LOGNAME": user, "SHELL": "/bin/bash"}

    def _command(
        self, argv: Sequence[str], user: User, cwd: str | None, env: Mapping[str, str] | None, output_limit: int
    ) -> dict[str, Any]:
        return {
            "op": "run",
            "argv": [str(part) for part in argv],
            "cwd": posixpath.join(HOMES[user], cwd or ""),
            "env": {**self._variables(user), **(env or {})},
            "output_limit": output_limit,
            **self._extra[user],
        }

    def _spawn(
        self, request: Mapping[str, Any], user: User, room: int, told: Callable[[], None] | None = None
    ) -> LiveProcess:
        asked = {**request, "window": frames.WINDOW}

        def run(*, stdin: Callable[[], Live], out: Sink, err: Sink) -> Answer:
            return self._machine.converse(user, asked, stdin=stdin, out=out, err=err, timeout=None)

        name = f"metr-spawn-{next(self._numbers)}"
        process = LiveProcess(run, name=name, room=room, told=told, forget=self._forget)
        with self._lock:
            self._open.append(process)
        process.start()
        return process

    def _forget(self, one: LiveProcess | SandboxForward) -> None:
        with self._lock:
            if one in self._open:
                self._open.remove(one)

    def _files(self, user: User, request: dict[str, Any], stdin: Callable[[], Iterable[bytes]], out: Whole) -> Answer:
        # A process of the agent can stop or kill the helper that runs as the agent. After that all of them are
        # gone, so a second time it cannot happen.
        for _ in range(2):
            answer = self._machine.converse(
                user,
                {**request, **self._extra[user], "home": HOMES[user]},
                stdin=lambda: Given(stdin()),
                out=out,
                err=Whole(),
                timeout=_FILE_PATIENCE,
                idle=True,
            )
            if answer.word not in ("lost", "stuck"):
                return answer
            out.clear()
        raise SandboxError(f"a request about files of user {user} had no answer")


def _check(answer: Answer, path: str) -> None:
    if answer.word == "errno":
        number = answer.number or errno.EIO
        raise OSError(number, os.strerror(number), path)
    if answer.word != "done":
        raise ValueError(f"{path}: {answer.rest or answer.word}")
