"""Task environments: what makes them, what runs in them, and the way from inside to the host."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult, ProbeResult, Resources, SandboxInfo, User


class Process(Protocol):
    """A command in a sandbox that goes on while its caller does something else. Safe to use from several threads.

    A sandbox that fails raises :class:`~pytest_metr.errors.SandboxError` from every method but :meth:`close`.
    """

    def send(self, data: bytes) -> None:
        """Give it more standard input; what it does not read waits. Once it has ended this does nothing."""
        ...

    def end_input(self) -> None:
        """End its standard input."""
        ...

    def receive(self, timeout: float | None = None) -> bytes | None:
        """Return the next bytes of its standard output as soon as there are some.

        :returns: the empty bytes once the process has ended and all was received; None where nothing came within
            *timeout* seconds. Where more than the room that :meth:`Sandbox.spawn` was given waits to be received, the
            oldest of it goes: see :attr:`dropped`.
        """
        ...

    @property
    def dropped(self) -> int:
        """How many bytes of its standard output were dropped because nobody received them in time."""
        ...

    def wait(self, timeout: float | None = None) -> ExecResult | None:
        """Return what it left behind, or None where it has not ended within *timeout* seconds.

        The result's ``stderr`` is capped as that of :meth:`Sandbox.exec`; its ``stdout`` is empty.
        """
        ...

    def close(self) -> None:
        """Kill it with its whole tree, where it still runs, and wait until it has ended. May be called more than once.

        Bounded in time; never raises.
        """
        ...


class Forward(Protocol):
    """A port of the loopback interface inside a sandbox whose connections end on the host. A context manager."""

    @property
    def port(self) -> int:
        """The number of the port; what runs inside connects to ``127.0.0.1``."""
        ...

    def close(self) -> None:
        """Close the port and all connections, and wait for the threads that serve them.

        May be called more than once.
        """
        ...

    def __enter__(self) -> Forward: ...

    def __exit__(self, *exc: object) -> None: ...


#: Serves one connection from inside a sandbox, in a thread of its own; the socket is closed when it returns.
Serve = Callable[[socket.socket], None]


class Sandbox(Protocol):
    """One task environment: a Debian-like machine with the users ``root`` and ``agent``.

    It is a context manager: leaving it closes it. Every method may raise
    :class:`~pytest_metr.errors.SandboxError`, which means that the sandbox and not the command failed.
    """

    @property
    def info(self) -> SandboxInfo:
        """What the sandbox is made of."""
        ...

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
        """Run a command and wait until it ends.

        *cwd* is the user's home unless given. *env* is added to the sandbox's own small environment; nothing
        of the host's environment gets in. After *timeout* seconds the whole process tree of the command is
        killed inside. Each stream keeps at most *output_limit* bytes, capped while it streams. Processes that
        the command left in the background live on after it has ended by itself. A program that does not exist
        is a result with exit code 127, one that cannot be executed 126, as in a shell.
        """
        ...

    def spawn(
        self,
        argv: Sequence[str],
        *,
        user: User = "agent",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        room: int = DEFAULT_OUTPUT_LIMIT,
    ) -> Process:
        """Start a command as :meth:`exec` does, and return without waiting for it.

        :param room: bytes of its standard output that may wait to be received.
        """
        ...

    def forward(self, serve: Serve) -> Forward:
        """Listen on a free port of the loopback interface inside, for whoever runs there, with or without the internet.

        The agent can neither stop it nor take its place. At most 64 connections are served at once; others wait. A side
        that does not read keeps the other from sending, so that what is under way stays bounded.
        """
        ...

    def read_file(self, path: str, *, user: User = "root", limit: int | None = None) -> bytes:
        """Return the content of a regular file as *user* sees it.

        Symbolic links are resolved inside the sandbox. Never blocks on a fifo.

        :raises FileNotFoundError: where there is no such file for that user.
        :raises PermissionError: where the user may not read it.
        :raises ValueError: where it is no regular file, or is larger than *limit* bytes.
        """
        ...

    def write_file(self, path: str, data: bytes, *, user: User = "root", mode: int = 0o644) -> None:
        """Write a file as *user*, making missing parent folders; never through a symbolic link at *path*."""
        ...

    def put_tree(
        self,
        source: Path,
        destination: str,
        *,
        user: User = "root",
        exclude: Sequence[str] = (),
        skip: Sequence[str] = (),
    ) -> None:
        """Copy what *source* holds to *destination* (made where missing), without group and other write permission.

        *exclude* names entries of the top level that are left out, *skip* such that are wherever they are.
        Links are copied as links.
        """
        ...

    def kill_agent(self) -> None:
        """Kill every process of user ``agent``; returns when none is left."""
        ...

    def close(self) -> None:
        """Destroy the sandbox with all its processes and files. May be called more than once."""
        ...

    def __enter__(self) -> Sandbox: ...

    def __exit__(self, *exc: object) -> None: ...


class Provider(Protocol):
    """What makes sandboxes. One object serves one process; it is a context manager too."""

    @property
    def name(self) -> str:
        """The name that ``--sandbox`` takes."""
        ...

    def probe(self) -> ProbeResult:
        """Try whether sandboxes can be made here. Cheap, and asked before anything else."""
        ...

    def refusal(self, resources: Resources, needs: Sequence[str]) -> str | None:
        """Return why this provider cannot serve a task that asks for these, or None where it can."""
        ...

    def snapshot(self, key: str, build: Callable[[Sandbox], None]) -> str:
        """Return the id of the machine's state *key*, running *build* once to make it.

        *build* gets a fresh sandbox with the internet, as far as the host has it. However many processes ask
        for one key at once, it is built once. Where *build* raises, nothing is kept and the error goes on.
        """
        ...

    def identify(self, key: str) -> str:
        """Return the id that :meth:`snapshot` gives for *key*, whether it has been built or not; builds nothing."""
        ...

    def create(self, snapshot: str, *, internet: bool, resources: Resources, label: str) -> Sandbox:
        """Make a fresh sandbox from a snapshot; *label* says in process lists and listings what it is for."""
        ...

    def close(self) -> None:
        """Give back what the provider holds, sandboxes that are still open included."""
        ...
