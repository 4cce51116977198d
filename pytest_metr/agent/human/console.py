"""The terminal that the person sits at."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Console:
    """Standard input and output, which must be one terminal.

    :param keys: the descriptor that keys come from.
    :param screen: the descriptor that shows.
    """

    def __init__(self, keys: int = 0, screen: int = 1) -> None:
        self._keys = keys
        self._screen = screen

    @property
    def window(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(self._screen, termios.TIOCGWINSZ, b"\0" * 8))
        return rows or 24, columns or 80

    def show(self, data: bytes) -> None:
        """Show bytes as they are, all of them."""
        while data:
            data = data[os.write(self._screen, data) :]

    def tell(self, text: str) -> None:
        """Show lines of our own, set off from what the shell shows."""
        self.show(("\r\n" + "".join(f"\x1b[1;36m{line}\x1b[0m\r\n" for line in text.splitlines())).encode())

    def read(self, seconds: float) -> bytes | None:
        """Return keys that were pressed; None where none was within *seconds*, the empty bytes where no more can be."""
        try:
            ready, _, _ = select.select([self._keys], [], [], seconds)
            return os.read(self._keys, 65536) if ready else None
        except OSError:  # the terminal has gone
            return b""

    @contextmanager
    def raw(self, resized: Callable[[], None]) -> Iterator[None]:
        """Hand on every key as it is pressed, Ctrl-C too, and tell when the window changes; as before afterwards."""

        def changed(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as handlers are called
            resized()

        sys.stdout.flush()
        before = termios.tcgetattr(self._keys)
        handler = signal.signal(signal.SIGWINCH, changed)
        try:
            tty.setraw(self._keys, termios.TCSADRAIN)
            yield
        finally:
            termios.tcsetattr(self._keys, termios.TCSADRAIN, before)
            signal.signal(signal.SIGWINCH, handler)
