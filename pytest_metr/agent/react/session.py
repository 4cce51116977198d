"""A shell or an interpreter in the sandbox that keeps its state from one command to the next."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_metr.agent.react.trimmed import Trimmed
from pytest_metr.interfaces import Process, Workspace

#: Bytes of output that may wait to be received: as much as a command can print while this process does other things.
_ROOM = 4 << 20
#: Seconds for the result of a process that has ended already.
_PATIENCE = 30.0
#: Exit codes of a program that could not be started.
_NOT_STARTED = (126, 127)

#: Words a command as the session's program reads it, given the text that it is to print behind the command's output.
Wrap = Callable[[str, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command left behind.

    :param output: standard output and standard error as they came, capped; see :class:`Trimmed`.
    :param exit_code: None after a timeout.
    :param dropped: bytes of the output that are not in *output*.
    :param ended: whether the session itself has ended, by its own doing; *exit_code* is then the session's.
    """

    output: str
    exit_code: int | None
    seconds: float
    dropped: int
    timed_out: bool = False
    ended: bool = False


class Session:
    """One process in the sandbox, started when it is first needed, and again after it has ended.

    How it is told that a command has ended: the process prints a random number after it, which stands behind the
    command in its input and so is not known to the command: it is in no variable, argument or file. What the command
    prints can therefore not be taken for the end, and what it does not read cannot be swallowed.
    Output of background jobs comes with that of the command that runs when it is printed, or of the next.

    :param argv: the program, which reads commands from its standard input.
    :param wrap: see :data:`Wrap`.
    :param output_limit: bytes of a command's output that are kept.
    """

    def __init__(self, workspace: Workspace, argv: Sequence[str], wrap: Wrap, *, output_limit: int) -> None:
        self._workspace = workspace
        self._argv = tuple(argv)
        self._wrap = wrap
        self._output_limit = output_limit
        self._process: Process | None = None

    def start(self) -> Process:
        """Start the process, unless there is one.

        :raises LimitReached: where a limit is used up.
        """
        if self._process is None:
            self._process = self._workspace.spawn(self._argv, room=_ROOM)
        return self._process

    def run(self, command: str, seconds: float) -> Ran:
        """Run one command to its end. After *seconds* the session is killed with all that it has started."""
        process, nonce = self.start(), secrets.token_hex(16)
        output = UntilEnd(nonce, self._output_limit)
        begun, lost = time.monotonic(), process.dropped
        process.send(self._wrap(command, nonce))
        in_time = _receive(process, output, begun + seconds)
        exit_code, ended = output.exit_code, in_time and output.exit_code is None
        if not in_time:
            self.close()
        elif ended:
            exit_code = self._end(process, output.kept)
        lost = process.dropped - lost
        return Ran(
            output=output.kept.text(lost=lost),
            exit_code=exit_code,
            seconds=time.monotonic() - begun,
            dropped=output.kept.dropped + lost,
            timed_out=not in_time,
            ended=ended,
        )

    def close(self) -> None:
        """Kill the process with all that it has started. The next command gets a new one."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _end(self, process: Process, output: Trimmed) -> int | None:
        """Take note that the process has ended by itself. What it left running in the background lives on."""
        self._process = None
        result = process.wait(_PATIENCE)
        process.close()
        if result is None:
            return None
        if result.exit_code in _NOT_STARTED:
            output.add(result.stderr)  # which says what could not be started
        return result.exit_code


def _receive(process: Process, output: UntilEnd, deadline: float) -> bool:
    """Receive until the command or the session has ended. Return whether that was before the deadline."""
    while (left := deadline - time.monotonic()) > 0:
        data = process.receive(left)
        if data is not None and output.add(data):
            return True
        if data == b"":
            break
    output.finish()
    return left > 0


class UntilEnd:
    """Takes a session's output up to the end of a command, and the exit code behind it."""

    def __init__(self, nonce: str, limit: int) -> None:
        self.kept = Trimmed(limit)
        self.exit_code: int | None = None
        self._end = re.compile(rb"\x00" + nonce.encode() + rb" (\d+)\x00")
        self._longest = len(nonce) + 16
        self._waiting = b""

    def add(self, data: bytes) -> bool:
        """Take the next bytes; return whether the end was among them."""
        self._waiting += data
        found = self._end.search(self._waiting)
        if found is None:
            # The last bytes may be a part of the end.
            self._keep(max(0, len(self._waiting) - self._longest))
            return False
        self.exit_code = int(found[1])
        before, after = self._waiting[: found.start()], self._waiting[found.end() :]
        self.kept.add(before)
        self.kept.add(after)  # what a background job has printed since
        return True

    def finish(self) -> None:
        """Take note that nothing more will come."""
        self._keep(len(self._waiting))

    def _keep(self, size: int) -> None:
        self.kept.add(self._waiting[:size])
        self._waiting = self._waiting[size:]
