"""How far the session has come, in the terminal, again and again while it runs."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.report.progress import Board, SessionView, progress_lines
from pytest_metr.sandbox.owner import life_of
from pytest_metr.screen import Screen
from pytest_metr.status import WIDTH


class Progress:
    """Shows a block of lines in each period, from a thread of the reporting process: a plugin.

    The first comes when the first period is over, so that a short session shows none.

    :param folder: the session's.
    :param period: in seconds.
    """

    def __init__(self, folder: Path, screen: Screen, *, period: float) -> None:
        self._board = Board(folder, life_of=life_of)
        self._screen = screen
        self._period = period
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metr-progress", daemon=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """Begin, while nothing is captured yet."""
        self._screen.open()
        self._thread.start()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Show nothing more: what follows is how it ended."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._screen.close()

    def _run(self) -> None:
        while not self._over.wait(self._period):
            # A disk that cannot be read, or a terminal that is gone, is for those to tell who need it.
            with suppress(OSError, UsageMistake):
                view = self._board.view()
                if view.planned:
                    self._screen.show(self._block(view))

    def _block(self, view: SessionView) -> list[str]:
        lines = progress_lines(view, width=self._screen.width or WIDTH)
        rows = len(view.in_hand)
        head, runs = lines[: len(lines) - rows], lines[len(lines) - rows :]
        dead = [each.life == "dead" for each in view.in_hand]
        shown = [self._screen.red(line) if died else line for line, died in zip(runs, dead, strict=True)]
        return [*map(self._screen.bold, head), *shown]


def show_progress(config: pytest.Config, folder: Path, *, period: float) -> None:
    """See that the progress of a session is shown while it runs.

    Does nothing where there is no terminal reporter, or no period.

    :param period: in seconds; 0 for never.
    """
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None or not period:
        return
    screen = Screen(reporter)
    config.pluginmanager.register(screen, "metr_screen")
    config.pluginmanager.register(Progress(folder, screen, period=period), "metr_progress")
