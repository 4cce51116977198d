"""The session object of one process: what is collected, and which tools its attempts get.

Made in every process that meets a family, also where it is only listed: what attempts need is imported when one
is made.

The same class serves a process of its own, a pytest-xdist worker and a pytest-xdist controller; the latter
two differ in who collects and who reports. What only the reporting process does is in
:mod:`pytest_metr.controller`.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_metr.collect.nodes import PLANNER, RunItem
from pytest_metr.errors import InfrastructureError, UsageMistake
from pytest_metr.hopeless import HOPELESS
from pytest_metr.items import (
    ATTEMPT,
    CONTROLLER_INPUT,
    LEFT_OUT,
    PROVIDER_INPUT,
    SESSION_DIR_INPUT,
    describe,
    pass_over_own_test,
    planned_run,
)
from pytest_metr.marks import KNOWN_MARKS
from pytest_metr.planner import SessionPlanner
from pytest_metr.planning import left_out, write_plan
from pytest_metr.refusals import (
    no_agent,
    refuse_other_orders,
    refuse_reruns,
    refuse_the_same_twice,
    refuse_two_of_a_name,
    refuse_without_terminal,
)
from pytest_metr.settings import Settings, read_settings
from pytest_metr.sigterm import OrderlyEnd
from pytest_metr.types import THE_START
from pytest_metr.under_test import agent_kinds, check_secrets, load_agents

if TYPE_CHECKING:
    from pytest_metr.attempt import Attempt
    from pytest_metr.bench import Bench
    from pytest_metr.ownership import SessionLock
    from pytest_metr.pacing import PaceReader
    from pytest_metr.terms import Terms

#: The session object of this process.
SESSION = pytest.StashKey["MetrSession"]()

#: Options of pytest with which nothing of what is collected is run.
ONLY_LOOKING = ("collectonly", "showfixtures", "show_fixtures_per_test")


class MetrSession:
    """Plans the runs of a session and gives its items their tools."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        self._worker_input: dict[str, Any] | None = getattr(config, "workerinput", None)
        self._bench: Bench | None = None
        self._lock: SessionLock | None = None
        self._planner = SessionPlanner(config, settings, bench=lambda: self.bench, terms=lambda: self._terms)
        config.stash[PLANNER] = self._planner

    # Set-up

    def configure(self) -> None:
        """Check agents, secrets and folders before anything is collected, and take up the reporting role.

        :raises pytest.UsageError: with one line for a person's mistake.
        """
        refuse_reruns(self._config)
        try:
            bench = self.bench
            terms = self._terms
            if self._worker_input is None and not self._config.option.collectonly:
                from pytest_metr.controller import Controller
                from pytest_metr.terms import read_terms

                check_secrets(bench.agents_need)
                refuse_without_terminal(self._config, bench.agents.values(), bench.kinds)
                controller = Controller(self._config, self._settings, bench, terms or read_terms(self._settings))
                self._config.pluginmanager.register(controller, "metr_controller")
                self._config.pluginmanager.register(OrderlyEnd(controller.terminate_workers), "metr_sigterm")
            elif self._worker_input is not None and SESSION_DIR_INPUT in self._worker_input:
                self._belong(bench.session_dir, self._worker_input[CONTROLLER_INPUT])
        except UsageMistake as mistake:
            raise pytest.UsageError(str(mistake)) from None
        if terms is not None and terms.in_stages:
            refuse_other_orders(self._config)

    def _belong(self, folder: Path, controller: int) -> None:
        """Be a worker of a session: for as long as its controller lives, and stopped as it is."""
        from pytest_metr.ownership import SessionLock, die_with_parent

        die_with_parent(controller)
        self._lock = SessionLock.share(folder)
        self._config.pluginmanager.register(OrderlyEnd(), "metr_sigterm")

    @cached_property
    def _terms(self) -> Terms | None:
        """The protocol that was asked for and what follows from it; None for the plain one.

        A process that only makes runs then need not load any of it.
        """
        if self._settings.protocol is None:
            return None
        from pytest_metr.terms import read_terms

        return read_terms(self._settings)

    @property
    def bench(self) -> Bench:
        """The tools of this process."""
        if self._bench is None:
            from pytest_metr.agent import CONTROL
            from pytest_metr.bench import Bench
            from pytest_metr.defaults import cache_dir
            from pytest_metr.env_file import read_env_file
            from pytest_metr.guide import read_guide

            told = self._worker_input or {}
            settings = replace(self._settings, sandbox=told.get(PROVIDER_INPUT, self._settings.sandbox))
            kinds = agent_kinds(self._config)
            given = told.get(SESSION_DIR_INPUT)
            self._bench = Bench(
                settings,
                session_dir=Path(given) if given else None,
                agents=load_agents(settings, kinds),
                kinds={**kinds, CONTROL.name: CONTROL},
                secrets=read_env_file(settings.env_file),
                cache_dir=cache_dir("task-names"),
                guidance=read_guide(settings.guide),
                process=told.get("workerid", "main"),
            )
        return self._bench

    # What the fixtures ask for

    def begin(self, item: pytest.Item) -> Attempt:
        """Begin the attempt of an item.

        :raises UsageMistake: where a person's test names no task that there is, or no agent is under test.
        """
        from pytest_metr.attempt import Attempt

        made = Attempt(self.bench, planned_run(item, self.bench))
        item.stash[ATTEMPT] = made
        return made

    # Hooks of pytest

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        """Order the runs: run 1 of every task before any run 2, otherwise as collected.

        Without an agent there is nothing to run: families beside ordinary tests are then left out, so that a
        bare ``pytest`` goes on as it did before the families were there.
        """
        items.sort(key=lambda item: item.run if isinstance(item, RunItem) else 1)
        if any(isinstance(item, RunItem) for item in items):
            self._leave_out(items)
        yield
        terms = self._terms
        if terms is not None and terms.in_stages:
            # Whatever order other plugins have made, a stage comes after those that decide about it.
            rules = terms.rules
            items.sort(key=lambda i: rules.key(i.task.human_minutes, i.run) if isinstance(i, RunItem) else THE_START)

    def _leave_out(self, items: list[pytest.Item]) -> None:
        """Deselect runs without an agent beside ordinary tests, and those whose split the protocol leaves out."""
        agentless = not (self._settings.makes_runs or self._config.option.collectonly)
        protocol = self._terms.protocol if self._terms is not None else None
        gone = left_out(items, agentless=agentless, protocol=protocol)
        if gone:
            passed_over = set(gone)
            items[:] = [item for item in items if item not in passed_over]
            self._config.hook.pytest_deselected(items=gone)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Write down what is going to be done, for the reporting process and for whoever comes after a crash."""
        ours = [item for item in session.items if isinstance(item, RunItem)]
        if self._worker_input is None:  # a worker cannot tell it in one line; the controller does
            refuse_two_of_a_name([item.task for item in ours])
        if any(getattr(self._config.option, name, False) for name in ONLY_LOOKING):
            return
        if self._worker_input is None:
            refuse_the_same_twice([item.planned for item in ours])
        if self._settings.makes_runs:
            write_plan(self.bench, session.items, self._planner.broken_families)
        elif self._worker_input is None and ours:
            raise no_agent(self._settings)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Wait until it is decided whether the item's run is to be made; its own phases have not begun yet."""
        if self._pace is not None and isinstance(item, RunItem):
            item.stash[LEFT_OUT] = self._pace.wait_for(item.planned, alone=self._worker_input is None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a run that the protocol leaves out, and a person's own test whose run is kept."""
        failure = item.stash.get(LEFT_OUT, None)
        if failure is not None:
            self.begin(item).left_out(failure)
            pytest.skip(f"{failure.cause}: {failure.message}")
        if self._settings.resume is not None:
            pass_over_own_test(item, self.bench)

    @cached_property
    def _pace(self) -> PaceReader | None:
        if self._terms is None or not self._terms.in_stages:
            return None
        from pytest_metr.pacing import PaceReader

        return PaceReader(self._terms.rules, self.bench.session_dir)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """Say in the report what became of the attempt, so that every process can show it."""
        report = yield
        made = item.stash.get(ATTEMPT, None)
        error = call.excinfo.value if call.excinfo is not None else None
        if call.when == "setup" and error is not None and isinstance(item, RunItem) and self._settings.makes_runs:
            (made or self.begin(item)).not_made(skipped=report.skipped, error=error)
        describe(report, item, call, made)
        if made is not None and call.when == "call" and not (isinstance(item, RunItem) or made.record is None):
            # A person's own test can fail whatever the score; should the session be resumed, that must be known.
            self.bench.journal.append("outcome", {"run_id": made.planned.run_id, "outcome": report.outcome})
        if getattr(error, "cause", None) in ("journal", "transcript"):
            # Results that cannot be kept are worth nothing: no further run is begun.
            item.session.shouldstop = f"results cannot be written: {error}"
        elif isinstance(error, InfrastructureError) and error.hopeless:
            item.session.shouldstop = self.bench.redactor.text(str(error))
            setattr(report, HOPELESS, item.session.shouldstop)
        return report

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self) -> None:
        """Take note of Ctrl-C and the like."""
        if self._bench is not None:
            self._bench.interrupted = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Give back the sandboxes of this process."""
        if self._bench is not None:
            self._bench.close()

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Give back a worker's hold on the session's folder."""
        if self._lock is not None:
            self._lock.close()


def metr_session(config: pytest.Config) -> MetrSession:
    """Return this process's session object, made when a family or an agent is first met."""
    if SESSION not in config.stash:
        session = MetrSession(config, read_settings(config))
        config.stash[SESSION] = session
        config.pluginmanager.register(session, "metr_session")
        for name, text in KNOWN_MARKS:
            config.addinivalue_line("markers", f"{name}: {text}")
    return config.stash[SESSION]
