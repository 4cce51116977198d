"""The hands of an agent inside a sandbox: counted, written down, and gone when the time is up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from pytest_metr.agent.clock import AgentClock
from pytest_metr.agent.identity import LEFT_OUT
from pytest_metr.agent.meter import Meter
from pytest_metr.capped import Capped
from pytest_metr.errors import AgentError, InfrastructureError
from pytest_metr.interfaces import Forward, Left, Process, Sandbox, Serve, TranscriptWriter, VisibleScore
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult, LimitName, Limits, ModelUsage, Usage

#: How many bytes of a text are kept in the transcript; the middle of more is dropped.
TRANSCRIPT_LIMIT = 64 * 1024


class LimitedWorkspace:
    """The :class:`~pytest_metr.interfaces.Workspace` of one run.

    Every call is an action and an event of the transcript (``exec``, ``read_file``, ``write_file``,
    ``put_tree``, ``score``), also where it fails. Once a limit is used up, each call raises
    :class:`~pytest_metr.errors.LimitReached` before it does anything, and one event ``limit`` is written.

    :param score: takes an intermediate score as the agent may see it; None where the task has none.
    :param clock: the agent's time. It begins with the first call at the latest.
    :param solution: the family's reference solution on the host, for the oracle alone.
    :param shared_dir: the folder that all processes of the session share, made at first need; None where there is
        none.
    :param look_on: is called with kind and data of each action before it is done, and of each other event of the
        transcript.
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
        shared_dir: Path | None = None,
        look_on: Callable[[str, Mapping[str, Any]], None] | None = None,
    ) -> None:
        self.clock = clock
        self._sandbox = sandbox
        self._transcript = transcript
        self._meter = Meter(limits, clock, told=self._limit_reached)
        self._task_id = task_id
        self._instructions = instructions
        self._score = score
        self._solution = solution
        self._shared_dir = shared_dir
        self._look_on = look_on

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
        return self._meter.limits

    @property
    def seconds(self) -> float:
        """The agent's time so far."""
        return self.clock.seconds

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
        """What the agent has used so far; calls that were refused because of a limit are no actions."""
        return self._meter.usage

    @property
    def observed(self) -> dict[str, int]:
        """How often something was observed in what the agent did, by name."""
        return self._meter.observed

    @property
    def shared_dir(self) -> Path:
        """The folder that all processes of the session share.

        :raises InfrastructureError: where there is none.
        """
        if self._shared_dir is None:
            raise InfrastructureError("this run belongs to no session with a folder", cause="internal")
        self._shared_dir.mkdir(mode=0o700, exist_ok=True)
        return self._shared_dir

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
        left = self.check_limits().seconds
        limit_binds = left is not None and (timeout is None or left <= timeout)
        with self.action("exec", argv=[clip(a) for a in argv], cwd=cwd, env=dict(env or {}), timeout=timeout) as event:
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
            self._meter.time_is_up()
        return result

    def spawn(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        room: int = DEFAULT_OUTPUT_LIMIT,
    ) -> Process:
        """Start a command and return without waiting for it."""
        self.check_limits()
        self.record("spawn", argv=[clip(a) for a in argv], cwd=cwd, env=dict(env or {}))
        return self._sandbox.spawn(argv, user="agent", cwd=cwd, env=env, room=room)

    def forward(self, serve: Serve) -> Forward:
        """Listen on a port of the loopback interface inside."""
        self.check_limits()
        return self._sandbox.forward(serve)

    def read_file(self, path: str, *, limit: int | None = None) -> bytes:
        """Read a file; raises as the sandbox does."""
        with self.action("read_file", path=path) as event:
            data = self._sandbox.read_file(path, user="agent", limit=limit)
            event.update(size=len(data), content=clip(data))
        return data

    def write_file(self, path: str, data: bytes, *, mode: int = 0o644) -> None:
        """Write a file."""
        with self.action("write_file", path=path, mode=f"{mode:04o}", size=len(data), content=clip(data)):
            self._sandbox.write_file(path, data, user="agent", mode=mode)

    def put_tree(self, source: Path, destination: str) -> None:
        """Copy a folder of the host into the sandbox."""
        with self.action("put_tree", source=str(source), destination=destination):
            self._sandbox.put_tree(source, destination, user="agent", skip=LEFT_OUT)

    def score(self) -> VisibleScore:
        """Take an intermediate score while the clock stands still.

        :raises AgentError: where the task has none.
        """
        with self.action("score") as event:
            if self._score is None:
                raise AgentError(f"{self._task_id} has no intermediate scoring")
            with self.clock.paused():
                visible = self._score()
            event.update(message=visible.message, score=visible.score)
        return visible

    def record(self, kind: str, **data: Any) -> None:
        """Add a line to the transcript; it is no action, and allowed when the time is up."""
        self._seen(kind, data)
        self._transcript.write(kind, data)

    @contextmanager
    def action(self, kind: str, **data: Any) -> Iterator[dict[str, Any]]:
        """Count an action, and write it down whatever becomes of it."""
        self.clock.start()
        self._meter.act()
        self._seen(kind, data)
        try:
            yield data
        except Exception as error:
            data["error"] = clip(f"{type(error).__name__}: {error}")
            raise
        finally:
            self._transcript.write(kind, data)

    def waiting(self) -> AbstractContextManager[None]:
        """Take the time in the ``with`` block for waiting, which is no working time."""
        return self._meter.waiting()

    def paused(self) -> AbstractContextManager[None]:
        """Let the agent's time stand still in the ``with`` block."""
        return self.clock.paused()

    def spend(self, usage: ModelUsage) -> None:
        """Take note of what calls of a model have used.

        :raises LimitReached: where that is more than a limit allows.
        """
        self._meter.spend(usage)

    def observe(self, name: str) -> None:
        """Count something that says how far to trust the result."""
        self._meter.observe(name)

    def check_limits(self) -> Left:
        """Return what is left of the limits; the agent's time begins now at the latest.

        :raises LimitReached: where one is used up.
        """
        self.clock.start()
        return self._meter.check()

    def check_time(self) -> None:
        """See that what has come to its end did so in time. :raises LimitReached: where it did not."""
        self._meter.check_time()

    def read_leftover(self, path: str, *, limit: int) -> bytes:
        """Read what the agent left, when it may do no more: neither an action, nor within its limits.

        Raises as :meth:`read_file`, but never :class:`~pytest_metr.errors.LimitReached`.
        """
        return self._sandbox.read_file(path, user="agent", limit=limit)

    def _seen(self, kind: str, data: Mapping[str, Any]) -> None:
        if self._look_on is not None:
            self._look_on(kind, data)

    def _limit_reached(self, name: LimitName, allowed: float, used: float) -> None:
        self.record("limit", name=name, allowed=allowed, used=used)


def clip(text: str | bytes, *, limit: int = TRANSCRIPT_LIMIT) -> str:
    """Return *text* with its middle dropped, and the cut said, where it is longer than *limit* bytes.

    Bytes that are not UTF-8 are shown as U+FFFD.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if isinstance(text, str) and len(data) <= limit:
        return text
    kept = Capped(limit)
    kept.add(data)
    return kept.value().decode("utf-8", "replace")
