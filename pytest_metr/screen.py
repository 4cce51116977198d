"""Writing into what pytest shows while tests run, between its lines and never into them."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Generator, Sequence

import pytest


class Screen:
    """Shows lines of other threads amid pytest's own: a plugin.

    Pytest tells of an item from the main thread, piece by piece. Its hooks that do so and :meth:`show` take turns, and
    a line that is not complete is ended before, and begun again after what is shown.

    What is shown goes to the file that pytest's own lines go to, around the capturing of output: while a test of this
    process runs, the file's number stands for something else.
    """

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter
        self._lock = threading.RLock()
        self._fd: int | None = None

    @property
    def width(self) -> int | None:
        """The columns of the terminal; None where there is none."""
        return self._reporter._tw.fullwidth if self._reporter.isatty else None

    def bold(self, line: str) -> str:
        """Return a line in bold type, where colours are wanted."""
        return self._reporter._tw.markup(line, bold=True)

    def red(self, line: str) -> str:
        """Return a line in red, where colours are wanted."""
        return self._reporter._tw.markup(line, red=True)

    @property
    def _with_workers(self) -> bool:
        return bool(self._reporter.config.pluginmanager.hasplugin("dsession"))

    def open(self) -> None:
        """Take hold of pytest's output as it is now. To be called while nothing is captured."""
        try:
            self._fd = os.dup(self._reporter._tw._file.fileno())
        except (io.UnsupportedOperation, AttributeError):
            self._fd = None  # a file in memory, which nothing captures either

    def close(self) -> None:
        """Let go of it. May be called more than once."""
        with self._lock:
            fd, self._fd = self._fd, None
            if fd is not None:
                os.close(fd)

    def show(self, lines: Sequence[str]) -> None:
        """Write lines in one piece.

        :raises OSError: where the output cannot be written to.
        """
        with self._lock:
            reporter, writer = self._reporter, self._reporter._tw
            before = "\n" if writer.width_of_current_line else ""
            # With -v and without workers, the name of the item that runs stands there, and its outcome is to come.
            pending = reporter.currentfspath
            name = pending if isinstance(pending, str) and not self._with_workers else ""
            self._write(f"{before}{''.join(f'{line}{chr(10)}' for line in lines)}{name}")
            if not name:
                writer._current_line = ""
                if pending == -2 or isinstance(pending, str):  # that a line is there to be ended
                    reporter.currentfspath = None

    def _write(self, text: str) -> None:
        file = self._reporter._tw._file
        if self._fd is None:
            file.write(text)
            file.flush()
            return
        data = text.encode(getattr(file, "encoding", None) or "utf-8", "backslashreplace")
        while data:
            data = data[os.write(self._fd, data) :]

    # While one of these tells of something, nothing else is shown.

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logstart(self) -> Generator[None, object, object]:
        """Have pytest's lines to itself while it tells that an item begins."""
        with self._lock:
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self) -> Generator[None, object, object]:
        """As above, while it tells what came of an item."""
        with self._lock:
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logfinish(self) -> Generator[None, object, object]:
        """As above, while it tells how far the session is."""
        with self._lock:
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True, optionalhook=True)
    def pytest_testnodedown(self) -> Generator[None, object, object]:
        """As above, while pytest-xdist tells that a worker has ended."""
        with self._lock:
            return (yield)
