"""Waking a thread that waits for descriptors."""

from __future__ import annotations

import socket
from contextlib import suppress


class Bell:
    """A descriptor that becomes readable when somebody rings. Rung by any thread, waited for by one.

    :raises OSError: where the host has no descriptors left.
    """

    def __init__(self) -> None:
        self._ringing, self._heard = socket.socketpair()
        self._ringing.setblocking(False)
        self._heard.setblocking(False)

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._heard.fileno()

    def ring(self) -> None:
        """Wake whoever waits."""
        # A full one has been rung enough, and one that is closed belongs to a thread that has ended.
        with suppress(OSError):
            self._ringing.send(b"x")

    def hush(self) -> None:
        """Take note of all that was rung so far."""
        with suppress(BlockingIOError):
            while self._heard.recv(4096):
                pass

    def close(self) -> None:
        """Close it. May be called more than once."""
        self._ringing.close()
        self._heard.close()
