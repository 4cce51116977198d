"""The hands of an agent inside a sandbox: counted, written down, and gone when the time is up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_metr.agent.clock import AgentClock
from pytest_metr.agent.identity import LEFT_OUT
from pytest_metr.errors import AgentError, LimitReached
from pytest_metr.interfaces import Sandbox, TranscriptWriter, VisibleScore
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult, Limits, Usage

#: How many bytes of a text are kept in the transcript; the middle of more is dropped.
TRANSCRIPT_LIMIT = 64 * 1024


class LimitedWorkspace:
    """The :class:`~pytest_metr.interfaces.Workspace` of one run.

    Every call is an action and an event of the transcript (``exec``, ``read_file``, ``write_file``,
    ``put_tree``, ``score``), also where it fails. Once the time is up, each call raises
    :class:`~pytest_metr.errors.LimitReached` before it does anything, and one event ``limit`` is written.

    :param score: takes an intermediate score as the agent may see it; None where the task has none.
    :param clock: the agent's time. It begins with the first call at the latest.
    :param solution: the family's reference solution on the host, for the oracle alone.
    """

    def __init__(
        self,
        *,
        sandbox: Sandbox,
        transcript: TranscriptWriter,
        clock: AgentClock,
        limits: Limits,
        task_id: str,
        instructions: str,
        score: Callable[[], VisibleScore] | None = None,
        solution: Path | None = None,
    ) -> None:
        self.clock = clock
        self._sandbox = sandbox
        self._transcript = transcript
        self._limits = limits
        self._task_id = task_id
        self._instructions = instructions
        self._score = score
        self._solution = solution
        self._lock = threading.Lock()
        self._actions = 0
        self._limit_told = False

    @property
    def task_id(self) -> str:
        """``family/task``."""
        return self._task_id

    @property
    def instructions(self) -> str:
        """The only thing about the task that the agent is told."""
        return self._instructions

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self._limits

    @property
    def can_score(self) -> bool:
        """Whether the task has intermediate scoring."""
        return self._score is not None

    @property
    def solution(self) -> Path | None:
        """The family's reference solution on the host, or None."""
        return self._solution

    @property
    def usage(self) -> Usage:
        """What the agent has used so far; calls that were refused because the time was up are no actions."""
        return Usage(seconds=self.clock.seconds, actions=self._actions)

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
        """Run a command for as long as its *timeout* and the agent's time allow, whichever is less."""
        left = self.check_limits()
        limit_binds = left is not None and (timeout is None or left <= timeout)
        with self._event("exec", argv=[clip(a) for a in argv], cwd=cwd, env=dict(env or {}), timeout=timeout) as event:
            if stdin:
                event["stdin"] = clip(stdin)
            result = self._sandbox.exec(
                argv,
                user="agent",
                cwd=cwd,
                env=env,
                stdin=stdin,
                timeout=left if limit_binds else timeout,
                output_limit=output_limit,
            )
            event.update(
                exit_code=result.exit_code,
                timed_out=result.timed_out,
                seconds=result.seconds,
                stdout=clip(result.stdout),
                stderr=clip(result.stderr),
                stdout_dropped=result.stdout_dropped,
                stderr_dropped=result.stderr_dropped,
                **({"out_of_memory": True} if result.out_of_memory else {}),
            )
        if result.timed_out and limit_binds:
            raise self._limit_reached()
        return result

    def read_file(self, path: str, *, limit: int | None = None) -> bytes:
        """Read a file; raises as the sandbox does."""
        self.check_limits()
        with self._event("read_file", path=path) as event:
            data = self._sandbox.read_file(path, user="agent", limit=limit)
            event.update(size=len(data), content=clip(data))
        return data

    def write_file(self, path: str, data: bytes, *, mode: int = 0o644) -> None:
        """Write a file."""
        self.check_limits()
        with self._event("write_file", path=path, mode=f"{mode:04o}", size=len(data), content=clip(data)):
            self._sandbox.write_file(path, data, user="agent", mode=mode)

    def put_tree(self, source: Path, destination: str) -> None:
        """Copy a folder of the host into the sandbox."""
        self.check_limits()
        with self._event("put_tree", source=str(source), destination=destination):
            self._sandbox.put_tree(source, destination, user="agent", skip=LEFT_OUT)

    def score(self) -> VisibleScore:
        """Take an intermediate score while the clock stands still.

        :raises AgentError: where the task has none.
        """
        self.check_limits()
        with self._event("score") as event:
            if self._score is None:
                raise AgentError(f"{self._task_id} has no intermediate scoring")
            with self.clock.paused():
                visible = self._score()
            event.update(message=visible.message, score=visible.score)
        return visible

    def record(self, kind: str, **data: Any) -> None:
        """Add a line to the transcript; it is no action, and allowed when the time is up."""
        self._transcript.write(kind, data)

    def check_limits(self) -> float | None:
        """Return the seconds that are left, or None where there is no limit of time.

        :raises LimitReached: where none are left.
        """
        self.clock.start()
        allowed = self._limits.wall_seconds
        if allowed is None:
            return None
        left = allowed - self.clock.seconds
        # Once told, a limit stays: a sandbox may end a command a hair before this clock says so.
        if left <= 0 or self._limit_told:
            raise self._limit_reached()
        return left

    def read_leftover(self, path: str, *, limit: int) -> bytes:
        """Read what the agent left, when it may do no more: neither an action, nor within its limits.

        Raises as :meth:`read_file`, but never :class:`~pytest_metr.errors.LimitReached`.
        """
        return self._sandbox.read_file(path, user="agent", limit=limit)

    def _limit_reached(self) -> LimitReached:
        allowed = self._limits.wall_seconds
        assert allowed is not None
        with self._lock:
            told, self._limit_told = self._limit_told, True
        if not told:
            self.record("limit", name="wall_seconds", allowed=allowed, seconds=self.clock.seconds)
        return LimitReached("wall_seconds", allowed)

    @contextmanager
    def _event(self, kind: str, **data: Any) -> Iterator[dict[str, Any]]:
        """Count an action, and write it down whatever becomes of it."""
        with self._lock:
            self._actions += 1
        try:
            yield data
        except Exception as error:
            data["error"] = clip(f"{type(error).__name__}: {error}")
            raise
        finally:
            self._transcript.write(kind, data)


def clip(text: str | bytes, *, limit: int = TRANSCRIPT_LIMIT) -> str:
    """Return *text* with its middle dropped, and the cut said, where it is longer than *limit* bytes.

    Bytes that are not UTF-8 are shown as U+FFFD.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(data) > limit:
        head, tail = data[: limit - limit // 2], data[len(data) - limit // 2 :]
        cut = f"\n[... {len(data) - len(head) - len(tail)} bytes dropped ...]\n".encode()
        data = head + cut + tail
    elif isinstance(text, str):
        return text
    return data.decode("utf-8", "replace")
