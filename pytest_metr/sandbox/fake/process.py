"""A command that goes on, in memory: a talk that answers what is said to it, or a program that waits for its input."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pytest_metr.capped import Capped
from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.fake.programs import Done
from pytest_metr.sandbox.live import Backlog
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult

#: Answers a piece of standard input; the end of it is answered by a status of 0.
Answers = Callable[[bytes], bytes]


class FakeProcess:
    """A :class:`~pytest_metr.interfaces.Process` that does all it does in the calls of its user.

    :param program: runs on the whole of standard input, once that has ended or somebody waits for what it does.
    :param answers: what answers each piece of input instead.
    :param room: bytes of its output that may wait.
    """

    def __init__(self, program: Callable[[bytes], Done], answers: Answers | None, *, room: int) -> None:
        self._program = program
        self._answers = answers
        self._input = b""
        self._out = Backlog(room, None)
        self._result: ExecResult | None = None
        self._broken = False
        self._ended = threading.Event()

    def send(self, data: bytes) -> None:
        """Give it more standard input."""
        self._check()
        if self._result is None and self._answers is not None:
            self._out.add(self._answers(data))
        elif self._result is None:
            self._input += data

    def end_input(self) -> None:
        """End its standard input, and so the process."""
        self._check()
        self._run()

    def receive(self, timeout: float | None = None) -> bytes | None:
        """Return the next bytes of its output; see :meth:`pytest_metr.interfaces.Process.receive`."""
        self._check()
        if self._answers is None:
            self._run()
        return self._out.take(timeout)

    @property
    def dropped(self) -> int:
        """How many bytes of its output were dropped."""
        return self._out.dropped

    def wait(self, timeout: float | None = None) -> ExecResult | None:
        """Return what it left behind; a talk goes on until its input has ended."""
        self._check()
        if self._answers is None:
            self._run()
        if self._ended.wait(timeout):
            self._check()
        return self._result

    def close(self) -> None:
        """End it, where it has not ended."""
        self._out.ignore()
        self.kill()

    def kill(self) -> None:
        """End it as a signal does."""
        self._end(Done(exit_code=-9))

    def fail(self) -> None:
        """Take note that its sandbox is closed."""
        self._broken = self._result is None
        self._out.end()
        self._ended.set()

    def _run(self) -> None:
        if self._result is None:
            self._end(Done() if self._answers is not None else self._program(self._input))

    def _end(self, done: Done) -> None:
        if self._result is None:
            err = Capped(DEFAULT_OUTPUT_LIMIT)
            err.add(done.stderr)
            self._out.add(done.stdout)
            self._result = ExecResult(
                exit_code=done.exit_code,
                stdout=b"",
                stderr=err.value(),
                stdout_dropped=self._out.dropped,
                stderr_dropped=err.dropped,
                seconds=done.seconds,
            )
            self._out.end()
            self._ended.set()

    def _check(self) -> None:
        if self._broken:
            raise SandboxError("the sandbox is closed")
