"""A command that goes on in a sandbox while its caller does something else: its output waits, its end is told."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from pytest_metr.capped import Capped
from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.answer import Answer, Sink
from pytest_metr.sandbox.source import Live
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult

#: Seconds for which output that nobody receives is held back before the oldest goes. It keeps a command that prints for
#: ever from keeping a processor of the host busy, and costs one that is received nothing.
_MOMENT = 0.005
#: Seconds in which a command that is killed must have ended: its minder has 5, the agent's other processes 10.
_PATIENCE = 30.0


class Run(Protocol):
    """Makes the request of a command and returns its answer when it has ended."""

    def __call__(self, *, stdin: Callable[[], Live], out: Sink, err: Sink) -> Answer: ...


class Backlog:
    """Output that waits to be received, of which the oldest goes where it is more than *room* bytes."""

    def __init__(self, room: int, told: Callable[[], None] | None) -> None:
        if room < 1:
            raise ValueError(f"room for {room} bytes of output: expected 1 or more")
        self._room = room
        self._told = told
        self._changed = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._dropped = 0
        self._ended = False
        self._deaf = False

    @property
    def dropped(self) -> int:
        """How many bytes have gone."""
        return self._dropped

    def add(self, data: bytes) -> None:
        """Take the next bytes; where there is no room for them, after a moment."""
        with self._changed:
            self._changed.wait_for(lambda: self._deaf or not self._size or self._fits(data), _MOMENT)
            if self._deaf:
                return
            self._waiting.append(data)
            self._size += len(data)
            self._drop(self._size - self._room)
            self._changed.notify_all()
        self._tell()

    def skip(self, count: int) -> None:
        """Take note of *count* bytes that are not here."""
        with self._changed:
            self._dropped += count

    def take(self, timeout: float | None) -> bytes | None:
        """Return all that waits: the empty bytes once nothing will come, None where nothing came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._size or self._ended, timeout)
            if not self._size:
                return b"" if self._ended else None
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._size = 0
            self._changed.notify_all()
            return data

    def ignore(self) -> None:
        """Forget what waits and what still comes."""
        with self._changed:
            self._deaf = True
            self._waiting.clear()
            self._size = 0
            self._changed.notify_all()

    def end(self) -> None:
        """Take note that nothing more will come."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._tell()

    def _fits(self, data: bytes) -> bool:
        return self._size + len(data) <= self._room

    def _drop(self, excess: int) -> None:
        while excess > 0:
            oldest = self._waiting.popleft()
            if len(oldest) > excess:
                self._waiting.appendleft(oldest[excess:])
            gone = min(len(oldest), excess)
            self._dropped += gone
            self._size -= gone
            excess -= gone

    def _tell(self) -> None:
        if self._told is not None:
            self._told()


class LiveProcess:
    """A :class:`~pytest_metr.interfaces.Process`: a request and the thread that waits for its answer.

    :param run: makes the request.
    :param name: the name of the thread.
    :param room: bytes of output that may wait.
    :param told: called from that thread whenever there is something to receive; must not block.
    :param forget: called once it has ended.
    """

    def __init__(
        self,
        run: Run,
        *,
        name: str,
        room: int,
        told: Callable[[], None] | None = None,
        forget: Callable[[LiveProcess], None],
    ) -> None:
        self._source = Live()
        self._out = Backlog(room, told)
        self._err = Capped(DEFAULT_OUTPUT_LIMIT)
        self._forget = forget
        self._result: ExecResult | None = None
        self._error: SandboxError | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._wait, args=(run,), name=name, daemon=True)

    def start(self) -> None:
        """Make the request. To be called once, before anything else."""
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Give it more standard input. :raises SandboxError: where the sandbox has failed."""
        self._check()
        self._source.send(data)

    def end_input(self) -> None:
        """End its standard input. :raises SandboxError: where the sandbox has failed."""
        self._check()
        self._source.end()

    def receive(self, timeout: float | None = None) -> bytes | None:
        """Return the next bytes of its output, see :meth:`pytest_metr.interfaces.Process.receive`.

        :raises SandboxError: where the sandbox has failed; what came before it did is returned first.
        """
        data = self._out.take(timeout)
        if data == b"":
            self._check()
        return data

    @property
    def dropped(self) -> int:
        """How many bytes of its output were dropped."""
        return self._out.dropped

    def wait(self, timeout: float | None = None) -> ExecResult | None:
        """Return what it left behind, see :meth:`pytest_metr.interfaces.Process.wait`.

        One that was killed has exit code -9.

        :raises SandboxError: where the sandbox has failed.
        """
        if not self._ended.wait(timeout):
            return None
        self._check()
        return self._result

    def close(self) -> None:
        """Kill it with its whole tree, where it still runs, and wait until it has ended."""
        self._out.ignore()
        self._source.kill()
        if threading.current_thread() is not self._thread:
            self._thread.join(_PATIENCE)

    def _check(self) -> None:
        if self._error is not None:
            error = self._error
            # One of its own for each caller: an exception belongs to the thread that raises it.
            raise SandboxError(str(error), cause=error.cause, evidence=error.evidence) from error

    def _wait(self, run: Run) -> None:
        begun = time.monotonic()
        try:
            answer = run(stdin=self._source.again, out=self._out, err=self._err)
            self._result = self._made(answer, time.monotonic() - begun)
        except SandboxError as error:
            self._error = error
        finally:
            if self._result is None and self._error is None:  # a bug, which Python tells as that of this thread
                self._error = SandboxError("waiting for a command has failed", cause="internal")
            self._source.close()
            self._ended.set()
            self._out.end()
            self._forget(self)

    def _made(self, answer: Answer, seconds: float) -> ExecResult:
        return ExecResult(
            exit_code=answer.exit_code,
            stdout=b"",
            stderr=self._err.value(),
            stdout_dropped=self._out.dropped,
            stderr_dropped=self._err.dropped,
            seconds=seconds,
            out_of_memory=answer.out_of_memory,
        )
