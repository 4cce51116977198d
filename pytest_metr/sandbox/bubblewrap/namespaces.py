"""The running part of a sandbox: its two namespaces, root's and the agent's, and how each may end."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.answer import Answer, Sink
from pytest_metr.sandbox.bubblewrap.arguments import (
    AGENT_CODE,
    AGENT_FILTER,
    CODE,
    CONTROL,
    FILTER,
    Tools,
    agent_view,
)
from pytest_metr.sandbox.bubblewrap.control import Control
from pytest_metr.sandbox.bubblewrap.launch import Life, WardenLink
from pytest_metr.sandbox.bubblewrap.post import Gone, pair
from pytest_metr.sandbox.source import Source
from pytest_metr.types import User

_START_PATIENCE = 30.0
#: Seconds in which a sandbox must have gone by itself, then after it was killed.
_END_PATIENCE = (5.0, 10.0)
_STOP_PATIENCE = 10.0


class Namespaces:
    """Root's namespace, which lives as long as the sandbox, and the agent's, made at first need.

    :raises SandboxError: where bubblewrap does not start.
    """

    def __init__(
        self, tools: Tools, warden: WardenLink, argv: list[str], *, log: Path, preparation: dict[str, Any]
    ) -> None:
        self._tools = tools
        self._log = log
        self._agent: Control | None = None
        self._lock = threading.RLock()
        self._closed = False
        with ExitStack() as stack:
            ours, theirs = pair()
            stack.enter_context(theirs)
            fds = {CONTROL: theirs.fileno()}
            if tools.filtered:
                fds[FILTER] = _opened(stack, tools.folder / "root.bpf", os.O_RDONLY)
            log_fd = _opened(stack, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            self._root = Control(ours)
            try:
                self._life: Life = warden.launch(argv, fds=fds, log=log_fd, preparation=preparation)
            except BaseException:
                ours.close()
                raise
        if not self._root.wait_ready(_START_PATIENCE):
            message = f"bubblewrap did not start the sandbox: {self._told()}"
            self.close()
            raise SandboxError(message)

    def converse(
        self,
        user: User,
        request: Mapping[str, Any],
        *,
        stdin: Callable[[], Source],
        out: Sink,
        err: Sink,
        timeout: float | None,
        idle: bool = False,
    ) -> Answer:
        """Make a request to the supervisor of *user* and wait for the answer.

        ``lost`` and ``stuck`` are answers about an agent alone: it has ended its own supervisor or minder, or
        left something that would not die, and all of its processes have been killed for it. Where its supervisor
        says that it cannot start a process, they are killed too, and it is asked once more.

        :raises SandboxError: where that happens to root, or the sandbox is gone, or no process can be started.
        """
        fault = ""
        for _ in range(2):
            control = self._root if user == "root" else self._agent_control()
            try:
                answer = control.converse(request, stdin=stdin(), out=out, err=err, timeout=timeout, idle=idle)
            except Gone:
                if user == "root":
                    break
                # The agent had ended its own namespace before the request was taken; a new one takes it.
                self._stop_agent(control)
                continue
            if answer.word == "fault":
                fault = answer.rest
                if user == "root":
                    break
                # Its own processes may be what is in the way.
                self._stop_agent(control)
                continue
            if answer.word in ("lost", "stuck"):
                if user == "root":
                    self._give_up(answer)
                self._stop_agent(control)
            return answer
        if fault:
            raise SandboxError(f"the sandbox could not start a process: {fault}")
        raise self._dead()

    def kill_agent(self) -> None:
        """Kill the agent's namespace with all its processes; returns when none is left."""
        with self._lock:
            self._stop_agent(self._agent)

    def close(self) -> None:
        """End both namespaces and wait until every process is gone.

        :raises SandboxError: where something is left in spite of SIGKILL.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._agent is not None:
                self._agent.close()
            self._root.close()
        ended = self._life.ended_within(_END_PATIENCE[0])
        if not ended:
            self._life.kill()
            ended = self._life.ended_within(_END_PATIENCE[1])
        self._life.close()
        if not ended:
            raise SandboxError("the processes of a sandbox did not end in spite of SIGKILL")

    def _agent_control(self) -> Control:
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox is closed")
            if self._agent is None:
                self._agent = self._start_agent()
            return self._agent

    def _start_agent(self) -> Control:
        filtered = self._tools.filtered
        opened = [AGENT_CODE, *([AGENT_FILTER] if filtered else [])]
        numbers = [2, CONTROL, CODE, *([FILTER] if filtered else [])]
        request = {"op": "agent_start", "argv": agent_view(self._tools), "env": {}, "opened": opened}
        ours, theirs = pair()
        control = Control(ours)
        with ExitStack() as stack:
            stack.enter_context(theirs)
            log_fd = _opened(stack, self._log, os.O_WRONLY | os.O_APPEND)
            try:
                self._root.send({**request, "numbers": numbers}, [log_fd, theirs.fileno()])
            except Gone:
                control.close()
                raise self._dead() from None
        if not control.wait_ready(_START_PATIENCE):
            control.close()
            raise SandboxError(f"bubblewrap did not start the agent's view of the sandbox: {self._told()}")
        return control

    def _stop_agent(self, control: Control | None) -> None:
        with self._lock:
            if control is None or control is not self._agent:
                return  # another thread has seen to it
            self._agent = None
            control.close()
            try:
                answer = self._root.ask({"op": "agent_stop"}, [], _STOP_PATIENCE)
            except Gone:
                raise self._dead() from None
            if answer.word != "done":
                self.close()
                raise SandboxError("the agent's processes did not end in spite of SIGKILL")

    def _give_up(self, answer: Answer) -> None:
        try:
            alive = self._root.ask({"op": "ping"}, [], _STOP_PATIENCE).word == "pong"
        except Gone:
            alive = False
        if not alive:
            raise self._dead()
        self.close()
        if answer.word == "stuck":
            raise SandboxError("a command of root did not end in spite of SIGKILL; the sandbox was closed")
        raise SandboxError("a command of root killed what watches over it; the sandbox was closed")

    def _dead(self) -> SandboxError:
        if self._closed:
            return SandboxError("the sandbox is closed")
        return SandboxError(f"the sandbox has ended by itself: {self._told()}")

    def _told(self) -> str:
        try:
            text = self._log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            text = ""
        return " ".join(text.split())[-1000:] or "nothing was said"


def _opened(stack: ExitStack, path: Path, flags: int) -> int:
    fd = os.open(path, flags | os.O_CLOEXEC, 0o600)
    stack.callback(os.close, fd)
    return fd
