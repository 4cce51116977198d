"""The host's end of the warden: starting it, starting sandboxes through it, and what is known of their lives."""

from __future__ import annotations

import os
import py_compile
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.bubblewrap.post import Gone, pair, post
from pytest_metr.sandbox.code import START, inside_files
from pytest_metr.sandbox.inside import wire

_START_PATIENCE = 30.0
_END_PATIENCE = 20.0


def copy_inside(folder: Path) -> Path:
    """Copy and compile the code that runs outside this process to *folder*, and return its entry point."""
    for path, content in inside_files().items():
        copy = folder / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
        # Compiled here once, because a sandbox that sees the folder read-only would compile at each start.
        py_compile.compile(str(copy), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    return folder / START


class Life:
    """What the warden says about one sandbox: that it has ended. It can be told to end it."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def ended_within(self, seconds: float) -> bool:
        """Wait until every process of the sandbox is gone; whether that was within *seconds*."""
        self._socket.settimeout(seconds)
        try:
            self._socket.recv(64)
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def kill(self) -> None:
        """Have the sandbox killed from outside."""
        wire.tell(self._socket, "kill")

    def close(self) -> None:
        """Lose interest, which kills it too."""
        self._socket.close()


class WardenLink:
    """A running warden. Closing the link, or the death of this process, ends it and all that it has started.

    :param start: the entry point on the host, see :func:`copy_inside`.
    :param folder: the provider's folder, which the warden removes in the end.
    :raises SandboxError: where the warden does not start.
    """

    def __init__(self, start: Path, folder: Path) -> None:
        ours, theirs = pair()
        command = [
            sys.executable,
            "-I",
            "-S",
            str(start),
            "warden",
            str(theirs.fileno()),
            str(os.getpid()),
            str(folder),
        ]
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                cwd="/",
                # Nothing of the environment, but for what this very interpreter may need to start.
                env={name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ},
            )
        self._socket = ours
        self._lock = threading.Lock()
        ours.settimeout(_START_PATIENCE)
        try:
            ready = ours.recv(64).startswith(b"ready")
        except OSError:
            ready = False
        if not ready:
            self.close()
            raise SandboxError(f"the warden process did not start: {' '.join(command)}")

    @property
    def pid(self) -> int:
        """The warden's process."""
        return self._process.pid

    def can_prepare(self, preparation: dict[str, Any]) -> bool:
        """Whether a process may take *preparation*'s steps here (the binds and the drop of :meth:`launch`)."""
        ours, theirs = pair()
        with ours:
            with theirs:
                self._send({"op": "rehearse", **preparation}, [theirs.fileno()])
            ours.settimeout(_START_PATIENCE)
            return ours.recv(64).startswith(b"done")

    def launch(self, argv: Sequence[str], *, fds: dict[int, int], log: int, preparation: dict[str, Any]) -> Life:
        """Start a sandbox.

        :param fds: descriptors by the number that *argv* calls them.
        :param log: where its standard output and error go.
        :param preparation: ``binds`` (source and target of mounts that only the sandbox sees) and ``drop`` (the
            user and group to become, or None).
        :raises SandboxError: where the warden is gone or the request cannot be sent.
        """
        ours, theirs = pair()
        request = {"op": "launch", "argv": list(argv), "env": {}, "numbers": list(fds), **preparation}
        with theirs:
            try:
                self._send(request, [theirs.fileno(), log, *fds.values()])
            except BaseException:
                ours.close()
                raise
        return Life(ours)

    def close(self) -> None:
        """End the warden, which ends its sandboxes and removes the folder first."""
        self._socket.close()
        try:
            self._process.wait(_END_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, request: dict[str, Any], fds: list[int]) -> None:
        try:
            with self._lock:
                post(self._socket, request, fds)
        except Gone as error:
            raise SandboxError(f"the warden process of this session is gone: {error}") from error
