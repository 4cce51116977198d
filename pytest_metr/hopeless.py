"""The end of a session whose every further run would fail alike: a wrong key, a model that there is not."""

from __future__ import annotations

from typing import Any

import pytest

#: The attribute of a report that says why no further run is worth beginning.
HOPELESS = "metr_hopeless"


class Hopeless:
    """Stops the whole session, all its workers, at the first report that says so.

    The exit status is pytest's for a mistake of usage. Runs that were not made stay to be made when the session is
    taken up again.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._why: str | None = None

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell pytest-xdist to hand nothing further out; without it, the session stops by itself."""
        why: str | None = getattr(report, HOPELESS, None)
        if why is None or self._why is not None:
            return
        self._why = why
        distributed: Any = self._config.pluginmanager.getplugin("dsession")
        if distributed is not None:
            distributed.shouldstop = why

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Set the exit status, before the report says how the session ended."""
        if self._why is not None:
            session.shouldstop = self._why
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say it once in a line of its own."""
        if self._why is not None:
            terminalreporter.ensure_newline()
            terminalreporter.write_line(f"metr: stopped, as every further run would fail alike: {self._why}", red=True)
