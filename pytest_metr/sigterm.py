"""SIGTERM as Ctrl-C: runs stop, tasks are torn down, sandboxes removed, journal and report written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

import pytest


class OrderlyEnd:
    """Turns the first SIGTERM into what pytest does at Ctrl-C, exit status 2 included; further ones change nothing.

    It stands aside where somebody else handles the signal, and outside of the main thread.

    :param pass_on: sends the signal on to the processes that make runs for this one.
    """

    def __init__(self, pass_on: Callable[[], None] | None = None) -> None:
        self._pass_on = pass_on
        self._ending = False
        self._installed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Take over the signal."""
        if threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._end)
            self._installed = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """From here on the session is ending already."""
        self._ending = True

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Give the signal back."""
        if self._installed:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._installed = False

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        if self._ending:
            return
        self._ending = True
        if self._pass_on is not None:
            self._pass_on()
        raise KeyboardInterrupt("terminated (SIGTERM)")
