"""A sandbox that is this machine: its port is a real one, and its commands are real processes."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pytest_metr.agent import AgentClock, LimitedWorkspace
from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Forward, Process, Serve, VisibleScore
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult, Limits, User
from tests.unit.agent.fakes import Answer, FakeSandbox, ListTranscript, Time


class LocalForward:
    """A listener on this machine's loopback interface."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="test-accept")]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        if self._listener.fileno() < 0:
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        for sock in self._sockets:
            with suppress(OSError):  # the other side may have ended it already
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join(10)

    def __enter__(self) -> Forward:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._run, args=(sock,), name="test-serve")
            self._sockets.append(sock)
            self._threads.append(thread)
            thread.start()

    def _run(self, sock: socket.socket) -> None:
        with sock:
            self._serve(sock)


class LocalProcess:
    """A process of this machine, without a live standard input."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            argv,
            env={"PATH": os.environ["PATH"], **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.pid = self._process.pid

    def send(self, data: bytes) -> None:
        raise SandboxError("this one takes no input")

    def end_input(self) -> None:
        """There is none."""

    def receive(self, timeout: float | None = None) -> bytes | None:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], timeout)
        return os.read(self._process.stdout.fileno(), 65536) if ready else None

    @property
    def dropped(self) -> int:
        return 0

    def wait(self, timeout: float | None = None) -> ExecResult | None:
        return ExecResult(exit_code=self._process.wait(timeout), stdout=b"", stderr=b"")

    def close(self) -> None:
        if self._process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class LocalSandbox(FakeSandbox):
    """Files in memory, commands and ports of this machine."""

    def __init__(self) -> None:
        super().__init__(Time(), lambda call: Answer())
        self.processes: list[LocalProcess] = []
        self.forwards: list[LocalForward] = []

    def spawn(
        self,
        argv: Sequence[str],
        *,
        user: User = "agent",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        room: int = DEFAULT_OUTPUT_LIMIT,
    ) -> Process:
        process = LocalProcess(argv, env or {})
        self.processes.append(process)
        return process

    def forward(self, serve: Serve) -> Forward:
        forward = LocalForward(serve)
        self.forwards.append(forward)
        return forward


class LocalWorld:
    """A workspace on this machine, with all that stands behind it."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        score: Callable[[], VisibleScore] | None = None,
        shared_dir: Path | None = None,
    ) -> None:
        self.sandbox = LocalSandbox()
        self.transcript = ListTranscript()
        self.workspace = LimitedWorkspace(
            sandbox=self.sandbox,
            transcript=self.transcript,
            clock=AgentClock(now=time.monotonic),
            limits=limits or Limits(),
            task_id="riddles/first",
            instructions="Say yes.",
            score=score,
            shared_dir=shared_dir,
        )
