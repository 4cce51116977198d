"""The seams between the stages: what each needs of another, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pytest_metr.types import (
    DEFAULT_OUTPUT_LIMIT,
    AgentSpec,
    ExecResult,
    Limits,
    ProbeResult,
    Resources,
    SandboxInfo,
    User,
)


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

    def put_tree(self, source: Path, destination: str, *, user: User = "root", exclude: Sequence[str] = ()) -> None:
        """Copy what *source* holds to *destination* (made where missing), without group and other write permission.

        *exclude* names entries of the top level that are left out. Links are copied as links.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleScore:
    """What an agent may see of an intermediate score: never the details, the score only where it is visible."""

    message: Any
    score: float | None


class Workspace(Protocol):
    """What an agent is given for one run: the instructions, and hands inside the sandbox.

    Everything runs as user ``agent``. Each call counts as an action, is written to the transcript, and
    raises :class:`~pytest_metr.errors.LimitReached` once a limit is used up (a running command is killed
    with all its children when the time runs out).
    """

    @property
    def task_id(self) -> str:
        """``family/task``."""
        ...

    @property
    def instructions(self) -> str:
        """The only thing about the task that the agent is told."""
        ...

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        ...

    @property
    def can_score(self) -> bool:
        """Whether the task has intermediate scoring; where it has not, an agent is offered no score tool."""
        ...

    @property
    def solution(self) -> Path | None:
        """The family's reference solution on the host, or None. For the oracle alone."""
        ...

    def exec(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        timeout: float | None = None,
        output_limit: int = DEFAULT_OUTPUT_LIMIT,
    ) -> ExecResult:
        """As :meth:`Sandbox.exec`, as user ``agent`` and within the limits."""
        ...

    def read_file(self, path: str, *, limit: int | None = None) -> bytes:
        """As :meth:`Sandbox.read_file`, as user ``agent``."""
        ...

    def write_file(self, path: str, data: bytes, *, mode: int = 0o644) -> None:
        """As :meth:`Sandbox.write_file`, as user ``agent``."""
        ...

    def put_tree(self, source: Path, destination: str) -> None:
        """As :meth:`Sandbox.put_tree`, as user ``agent``."""
        ...

    def score(self) -> VisibleScore:
        """Take an intermediate score. The time that it takes is not the agent's.

        :raises AgentError: where the task has no intermediate scoring.
        """
        ...

    def record(self, kind: str, **data: Any) -> None:
        """Add a line to the transcript."""
        ...


class Agent(Protocol):
    """An agent under test: one method."""

    def run(self, workspace: Workspace) -> str:
        """Work on the task and return the submission, the empty string for none.

        :raises AgentError: where the agent failed by itself.
        :raises LimitReached: passed on from the workspace.
        :raises InfrastructureError: where what the agent depends on failed.
        """
        ...


class AgentFactory(Protocol):
    """Makes the agent of a kind from its checked settings."""

    def __call__(self, spec: AgentSpec) -> Agent: ...


class TranscriptWriter(Protocol):
    """Where the events of a run go as they happen, one JSON line each, secrets redacted."""

    def write(self, kind: str, data: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...
