"""Agents under test: what each is, what it is given for a run, and where its events go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pytest_metr.interfaces.sandboxes import Forward, Process, Serve
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, AgentSpec, ExecResult, Limits, ModelUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleScore:
    """What an agent may see of an intermediate score: never the details, the score only where it is visible."""

    message: Any
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What an agent may still use; None is no limit.

    :param seconds: until the limit of wall or of working time, whichever comes first.
    """

    seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None
    actions: int | None = None


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
    def seconds(self) -> float:
        """The agent's time so far."""
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

    def spawn(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        room: int = DEFAULT_OUTPUT_LIMIT,
    ) -> Process:
        """As :meth:`Sandbox.spawn`, as user ``agent``.

        It is no action; what is done with it may be: see :meth:`action`.
        What is still there of it when the agent's time is over is killed.
        """
        ...

    def forward(self, serve: Serve) -> Forward:
        """As :meth:`Sandbox.forward`. It is no action."""
        ...

    def action(self, kind: str, **data: Any) -> AbstractContextManager[dict[str, Any]]:
        """Count what is done in the ``with`` block as one action and write it to the transcript as one event.

        The block gets the event's data and may add to them.

        :raises LimitReached: before the block begins, where a limit is used up.
        """
        ...

    def waiting(self) -> AbstractContextManager[None]:
        """Take the time in the ``with`` block for waiting, which is no working time.

        Blocks of several threads may overlap.
        """
        ...

    def paused(self) -> AbstractContextManager[None]:
        """Let the agent's time stand still in the ``with`` block. For a person who takes a break."""
        ...

    def spend(self, usage: ModelUsage) -> None:
        """Take note of what calls of a model have used.

        :raises LimitReached: where that is more than a limit allows.
        """
        ...

    def check_limits(self) -> Left:
        """Return what is left of the limits.

        :raises LimitReached: where one of them is used up.
        """
        ...

    def check_time(self) -> None:
        """See that time is left, whatever else is used up: for what has begun already.

        :raises LimitReached: where none is, or a limit has been reached before.
        """
        ...

    def observe(self, name: str) -> None:
        """Count something in what the agent does that says how far to trust the result, see ``RunRecord.observed``."""
        ...

    @property
    def shared_dir(self) -> Path:
        """A folder on the host that all processes of the session share and that goes with it."""
        ...

    def read_file(self, path: str, *, limit: int | None = None) -> bytes:
        """As :meth:`Sandbox.read_file`, as user ``agent``."""
        ...

    def write_file(self, path: str, data: bytes, *, mode: int = 0o644) -> None:
        """As :meth:`Sandbox.write_file`, as user ``agent``."""
        ...

    def put_tree(self, source: Path, destination: str) -> None:
        """As :meth:`Sandbox.put_tree`, as user ``agent``, without what Python and git leave in folders."""
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
