"""A sandbox in memory whose programs are Python functions, a transcript in a list, and a clock turned by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from pytest_metr.agent import AgentClock, LimitedWorkspace
from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Forward, Process, Serve, VisibleScore
from pytest_metr.sandbox.fake import Answers, Done, FakeForward, FakeProcess
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult, Limits, SandboxInfo, User

#: Nothing may depend on how busy the machine is.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Time:
    """A time source that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(kw_only=True)
class Call:
    """A command as it reached the sandbox."""

    argv: list[str]
    user: User
    cwd: str | None
    env: dict[str, str]
    stdin: bytes
    timeout: float | None


@dataclass(kw_only=True)
class Answer:
    """What a program does: how long it takes, what it writes and how it ends."""

    exit_code: int = 0
    stdout: bytes = b""
    stderr: bytes = b""
    seconds: float = 0.0
    files: dict[str, bytes] = field(default_factory=dict)


class FakeSandbox:
    """Runs every command by one function; time passes on the :class:`Time` that it shares with the clock."""

    def __init__(self, time: Time, program: Callable[[Call], Answer]) -> None:
        self.time = time
        self.program = program
        self.files: dict[str, bytes] = {}
        #: Paths that are no regular file, such as a fifo.
        self.odd: set[str] = set()
        self.calls: list[Call] = []
        self.users: list[User] = []
        self.kills = 0
        self.broken = False
        #: What answers the input of a command that goes on, by its name.
        self.talks: dict[str, Answers] = {}

    @property
    def info(self) -> SandboxInfo:
        return SandboxInfo(provider="fake", image="none")

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
        self._use(user)
        call = Call(argv=list(argv), user=user, cwd=cwd, env=dict(env or {}), stdin=stdin, timeout=timeout)
        self.calls.append(call)
        answer = self.program(call)
        self.files.update(answer.files)
        timed_out = timeout is not None and answer.seconds > timeout
        seconds = timeout if timed_out and timeout is not None else answer.seconds
        self.time.now += seconds
        return ExecResult(
            exit_code=None if timed_out else answer.exit_code,
            stdout=answer.stdout[:output_limit],
            stderr=answer.stderr[:output_limit],
            timed_out=timed_out,
            stdout_dropped=max(0, len(answer.stdout) - output_limit),
            seconds=seconds,
        )

    def spawn(
        self,
        argv: Sequence[str],
        *,
        user: User = "agent",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        room: int = DEFAULT_OUTPUT_LIMIT,
    ) -> Process:
        self._use(user)

        def program(stdin: bytes) -> Done:
            result = self.exec(argv, user=user, cwd=cwd, env=env, stdin=stdin)
            return Done(exit_code=result.exit_code or 0, stdout=result.stdout, stderr=result.stderr)

        return FakeProcess(program, self.talks.get(argv[0]), room=room)

    def forward(self, serve: Serve) -> Forward:
        self._use("root")
        return FakeForward(serve)

    def read_file(self, path: str, *, user: User = "root", limit: int | None = None) -> bytes:
        self._use(user)
        if path in self.odd:
            raise ValueError(f"{path} is no regular file")
        if path not in self.files:
            raise FileNotFoundError(path)
        if limit is not None and len(self.files[path]) > limit:
            raise ValueError(f"{path} is larger than {limit} bytes")
        return self.files[path]

    def write_file(self, path: str, data: bytes, *, user: User = "root", mode: int = 0o644) -> None:
        self._use(user)
        if not path.startswith(("/home/agent/", "/tmp/")):
            raise PermissionError(13, "Permission denied", path)
        self.files[path] = data

    def put_tree(
        self,
        source: Path,
        destination: str,
        *,
        user: User = "root",
        exclude: Sequence[str] = (),
        skip: Sequence[str] = (),
    ) -> None:
        self._use(user)
        for path in source.rglob("*"):
            parts = path.relative_to(source).parts
            if path.is_file() and parts[0] not in exclude and not set(skip) & set(parts):
                self.files["/".join((destination, *parts))] = path.read_bytes()

    def kill_agent(self) -> None:
        self.kills += 1

    def close(self) -> None:
        self.broken = True

    def __enter__(self) -> FakeSandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _use(self, user: User) -> None:
        self.users.append(user)
        if self.broken:
            raise SandboxError("the sandbox is gone")


class ListTranscript:
    """Keeps the events of a run as ``(kind, data)``."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def write(self, kind: str, data: Mapping[str, Any]) -> None:
        self.events.append((kind, dict(data)))

    def close(self) -> None:
        """Nothing is held open."""

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the data of the events of one kind."""
        return [data for name, data in self.events if name == kind]


class World:
    """A workspace with all that stands behind it, for a test to look at and turn."""

    def __init__(
        self,
        *,
        program: Callable[[Call], Answer] = lambda call: Answer(),
        wall_seconds: float | None = None,
        task_id: str = "riddles/first",
        instructions: str = "Say yes.",
        score: Callable[[], VisibleScore] | None = None,
        solution: Path | None = None,
    ) -> None:
        self.time = Time()
        self.clock = AgentClock(now=self.time)
        self.sandbox = FakeSandbox(self.time, program)
        self.transcript = ListTranscript()
        self.workspace = LimitedWorkspace(
            sandbox=self.sandbox,
            transcript=self.transcript,
            clock=self.clock,
            limits=Limits(wall_seconds=wall_seconds),
            task_id=task_id,
            instructions=instructions,
            score=score,
            solution=solution,
        )
