"""A container with our supervisor as its main process: started, talked to, found out about when it fails, removed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from docker.errors import NotFound

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.answer import Answer, Sink
from pytest_metr.sandbox.docker.attachment import Attachment
from pytest_metr.sandbox.docker.channel import Channel
from pytest_metr.sandbox.docker.engine import Engine, explained
from pytest_metr.sandbox.docker.talk import Gone
from pytest_metr.sandbox.source import Source
from pytest_metr.types import User

#: The user and group of the agent.
AGENT = (1000, 1000)
#: The command line of the code that is inside, without its role.
CODE = ("python3", "-I", "-S", "/opt/pytest-metr/start.py")
#: Seconds in which a container must have started, and in which the agent's processes must have gone.
_START_PATIENCE = 60.0
_STOP_PATIENCE = 10.0
#: Seconds for which an engine that does not answer is asked again to remove a container: it may be starting anew.
_REMOVE_PATIENCE = 20.0


class Container:
    """A :class:`~pytest_metr.sandbox.supervised.Machine` made of one container.

    :param create: what ``APIClient.create_container`` takes besides image, command and streams.
    :param calls: the filter of system calls for all processes inside, a BPF program; empty for none.
    :raises SandboxError: where it cannot be made or does not start; nothing is left of it then.
    """

    def __init__(self, engine: Engine, image: str, *, create: Mapping[str, Any], calls: bytes) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._closed = False
        command = [*CODE, "container"]
        with explained(f"a container of {image} could not be made"):
            made = engine.api.create_container(
                image,
                command,
                stdin_open=True,
                user="0",
                working_dir="/",
                stop_signal="SIGKILL",  # process 1 has nothing to end in order, and an engine that ends need not wait
                **create,
            )
        self.id: str = made["Id"]
        self._channel: Channel | None = None
        try:
            self._channel = self._start(calls)
        except BaseException:
            self._discard()
            raise

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
        """Make a request, see :meth:`pytest_metr.sandbox.supervised.Machine.converse`.

        :raises SandboxError: where a process of root cannot be started (cause ``exec``) or does not end, and where the
            container is gone, with the cause that the engine knows.
        """
        fault = ""
        for _ in range(2):
            with self._told():
                answer = self._open.converse(request, stdin=stdin(), out=out, err=err, timeout=timeout, idle=idle)
            if answer.word == "fault":
                fault = answer.rest
                if user == "root":
                    break
                # Its own processes may be what is in the way.
                self.kill_agent()
                continue
            if answer.word in ("lost", "stuck"):
                if user == "root":
                    self.close()
                    raise _given_up(answer)
                self.kill_agent()
            return answer
        raise SandboxError(f"the sandbox could not start a process: {fault}", cause="exec")

    def kill_agent(self) -> None:
        """Kill every process of the agent at once; returns when none is left."""
        with self._told():
            answer = self._open.ask({"op": "kill_agent"}, _STOP_PATIENCE)
        if answer.word != "done":
            self.close()
            raise SandboxError("the agent's processes did not end in spite of SIGKILL; the container was removed")

    def stop(self) -> None:
        """End the supervisor, and with it all processes, so that the container can be kept as an image."""
        self._close_channel()
        with explained("a container did not stop"):
            self._engine.api.wait(self.id, timeout=int(_START_PATIENCE))

    def close(self) -> None:
        """Remove the container. May be called more than once.

        :raises SandboxError: where the engine does not do it; the reaper will.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._close_channel()
        self._remove()

    @property
    def _open(self) -> Channel:
        if self._channel is None or self._closed:
            raise SandboxError("the sandbox is closed")
        return self._channel

    def _start(self, calls: bytes) -> Channel:
        api = self._engine.api
        with explained("a container could not be attached to"):
            streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            channel = Channel(Attachment(api.attach_socket(self.id, params=streams)), calls)
        try:
            with explained("a container could not be started"):
                api.start(self.id)
            if not channel.wait_ready(_START_PATIENCE):
                raise SandboxError(f"the supervisor of a container did not start: {channel.told}")
        except BaseException:
            channel.close()
            raise
        return channel

    def _close_channel(self) -> None:
        if self._channel is not None:
            self._channel.close()

    def _discard(self) -> None:
        # Why it failed is what there is to tell; the reaper removes what is left.
        with contextlib.suppress(SandboxError):
            self.close()

    def _remove(self) -> None:
        deadline = time.monotonic() + _REMOVE_PATIENCE
        pause = 0.1
        while True:
            try:
                with explained("a container could not be removed"):
                    self._engine.api.remove_container(self.id, force=True, v=True)
            except SandboxError as error:
                if error.cause == "container_removed":
                    return
                if error.cause != "daemon" or time.monotonic() > deadline:
                    raise
            else:
                return
            time.sleep(pause)
            pause = min(2.0, pause * 2)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say what is behind the end of the supervisor, as far as the engine knows it."""
        try:
            yield
        except Gone as gone:
            raise self._dead(str(gone)) from None

    def _dead(self, told: str) -> SandboxError:
        if self._closed:
            return SandboxError("the sandbox is closed")
        try:
            with explained("the engine was lost while a sandbox was at work"):
                state = self._settled_state()
        except SandboxError as error:
            return error
        if state is None:
            return SandboxError("the container was removed by somebody else", cause="container_removed")
        if state["OOMKilled"] and not state["Running"]:
            return SandboxError("the sandbox ran out of memory as a whole", cause="out_of_memory")
        if state["Running"]:
            # Its engine was restarted, or the network between has failed; it stops by itself.
            return SandboxError(f"the connection to a container was lost: {told}", cause="daemon")
        return SandboxError(f"the container has ended with exit code {state['ExitCode']}: {told}")

    def _settled_state(self) -> dict[str, Any] | None:
        """Return the container's state once it is no longer changing, or None where there is no such container."""
        deadline, looks = time.monotonic() + _STOP_PATIENCE, False
        while True:
            try:
                state: dict[str, Any] = self._engine.api.inspect_container(self.id)["State"]
            except NotFound:
                return None
            # The connection ends a moment before the engine knows of the end of the container, and that comes a moment
            # before the end of a removal.
            ended = not state["Running"] and state["Status"] != "removing"
            if (ended and looks) or time.monotonic() > deadline:
                return state
            looks = ended
            time.sleep(0.2)


def _given_up(answer: Answer) -> SandboxError:
    """Return the error of a command of root's whose end nobody has told, or that would not end."""
    if answer.out_of_memory:
        return SandboxError("the sandbox ran out of memory in a command of root", cause="out_of_memory")
    if answer.word == "lost":
        return SandboxError("a command of root killed what watches over it; the container was removed")
    return SandboxError("a command of root did not end in spite of SIGKILL; the container was removed")
