"""The reporting process of a session: one process of its own, or the controller of pytest-xdist.

It opens the session's folder, and at the end makes the report from what is on disk: the plan and the
journal. So a report can be made as well when the session has died: see :func:`write_report`.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_metr.bench import Bench
from pytest_metr.crashes import Crashes
from pytest_metr.errors import InfrastructureError, UsageMistake
from pytest_metr.gate_outcome import GateOutcome, gate_undecided, read_gate, show_verdict
from pytest_metr.hopeless import Hopeless
from pytest_metr.items import CONTROLLER_INPUT, PROVIDER_INPUT, SESSION_DIR_INPUT
from pytest_metr.ownership import SessionLock
from pytest_metr.pacing import Pacer
from pytest_metr.progress import show_progress
from pytest_metr.protocol import check_weights
from pytest_metr.refusals import refuse_the_same_twice, refuse_two_of_a_name
from pytest_metr.report import summary_lines
from pytest_metr.report.progress import STATUS_DIR
from pytest_metr.reporting import how_it_ended, read_past, read_plan, session_facts, write_report
from pytest_metr.resuming import Resumption
from pytest_metr.sandbox.reaping import clear_away
from pytest_metr.session_dir import clear_away_empty, make_session_dir
from pytest_metr.settings import Settings
from pytest_metr.terminal import StatusWords
from pytest_metr.terms import Terms
from pytest_metr.types import RunRecord, RunRow, Verdict

if TYPE_CHECKING:
    from pytest_metr.xdist import Rank


class LastOfAll:
    """What is done when every worker is down."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report of a session that was cut short, and clear away what its workers left."""
        self._controller.clear_away()
        self._controller.write_report(session)


class Controller:
    """Opens and closes a session; told of what goes wrong between processes."""

    def __init__(self, config: pytest.Config, settings: Settings, bench: Bench, terms: Terms) -> None:
        self._config = config
        self._settings = settings
        self._bench = bench
        self._terms = terms
        self._gate = read_gate(settings, terms.protocol, bench.agents)
        self._outcome = GateOutcome()
        self._pacer: Pacer | None = None
        self._report: Mapping[str, Any] | None = None
        self._trouble: str | None = None
        self._plan_checked = False
        self._made_folder = False
        self._provider = ""
        self._facts: Mapping[str, Any] = {}
        self._lock: SessionLock | None = None
        self._resumption: Resumption | None = None
        self._crashes: Crashes | None = None
        self._left: str | None = None
        self._given_up: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Make the session's folder or take it up, write the journal's first line, see that sandboxes can be made.

        :raises pytest.UsageError: where the folder cannot be used or no sandbox is to be had.
        """
        try:
            self._provider = self._bench.provider.name
            self._begin(self._provider)
            self._crashes = Crashes(self._dir, self._bench.journal, self._bench.agents, self._settings.retries)
        except UsageMistake as mistake:
            raise pytest.UsageError(str(mistake)) from None
        self.reap()
        self._config.pluginmanager.register(self._crashes, "metr_crashes")
        self._config.pluginmanager.register(StatusWords(), "metr_status_words")
        self._config.pluginmanager.register(Hopeless(self._config), "metr_hopeless")
        self._config.pluginmanager.register(self._outcome, "metr_gate")
        self._config.pluginmanager.register(LastOfAll(self), "metr_last")
        if self._terms.in_stages:
            self._pacer = self._make_pacer()
            self._config.pluginmanager.register(self._pacer, "metr_pacer")
        if self._config.pluginmanager.hasplugin("xdist"):
            self._join_xdist()
        self._show_progress()

    def _show_progress(self) -> None:
        specs, kinds = self._bench.agents.values(), self._bench.kinds
        # Where a person works at the terminal, it is theirs.
        if not any(kinds[spec.kind].needs_terminal for spec in specs):
            show_progress(self._config, self._dir, period=self._settings.progress)

    def _begin(self, provider: str) -> None:
        self._facts = self._bench.redactor.json(session_facts(self._config, self._bench, self._terms, provider))
        if self._settings.resume is not None:
            self._resumption = Resumption(self._settings.resume, tell=self._tell)
            self._lock, self._bench.session_dir = self._resumption.lock, self._settings.resume
            return
        try:
            self._bench.session_dir, self._made_folder = make_session_dir(self._settings)
            self._lock = SessionLock.share(self._dir)
            (self._dir / "transcripts").mkdir()
            self._bench.journal.append("session", self._facts)
        except (OSError, InfrastructureError) as error:
            folder = self._settings.out or self._settings.invocation_dir / "metr-runs"
            raise UsageMistake(f"cannot be written: {error}", file=folder, key="--metr-out") from None

    @property
    def _dir(self) -> Path:
        return self._bench.session_dir

    def _join_xdist(self) -> None:
        from pytest_metr.xdist import XdistController

        xdist = XdistController(
            plan=self._plan_for_scheduler,
            crashed=self.crashed,
            workerinput={
                SESSION_DIR_INPUT: str(self._dir),
                PROVIDER_INPUT: self._provider,
                CONTROLLER_INPUT: os.getpid(),
            },
        )
        self._config.pluginmanager.register(xdist, "metr_xdist")

    def _plan_for_scheduler(self) -> dict[str, Rank]:
        planned = read_plan(self._dir).runs
        if self._pacer is not None:
            self._pacer.begin()
        return {p.nodeid: (self._terms.rules.of(p), p.run, -(p.task.human_minutes or 0.0)) for p in planned}

    def _make_pacer(self) -> Pacer:
        return Pacer(
            self._terms.rules,
            self._dir,
            self._bench.journal,
            plan=lambda: read_plan(self._dir).runs,
            rows=lambda: [RunRow.of(record) for record in read_past(self._dir).records],
            undecided=gate_undecided(self._gate, self._bench.agents, self._terms.protocol),
            stopped=self._stopped,
            decided=lambda: () if self._resumption is None else self._resumption.decisions,
        )

    def _stopped(self) -> str | None:
        xdist = self._config.pluginmanager.getplugin("metr_xdist")
        return None if xdist is None else xdist.stopped(self._config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Open the first stage, in a process that makes the runs itself."""
        if self._pacer is not None and session.items:
            self._pacer.begin()

    def crashed(self, nodeid: str, can_repeat: bool) -> bool:
        """Record the run that a worker died in; return whether it is to be handed out once more."""
        assert self._crashes is not None
        again = self._crashes.take(nodeid, can_repeat=can_repeat)
        if self._pacer is not None and not again:
            self._pacer.ended(nodeid)
        return again

    def terminate_workers(self) -> None:
        """Send SIGTERM on to the workers."""
        xdist = self._config.pluginmanager.getplugin("metr_xdist")
        if xdist is not None:
            xdist.signal_workers(signal.SIGTERM)

    @pytest.hookimpl
    def pytest_collection_finish(self) -> None:
        """Go on with a session that is taken up again, where this process has collected what it is to make."""
        self._go_on()

    def _go_on(self) -> None:
        if self._resumption is not None:
            self._resumption.go_on(self._bench, self._facts, anyway=self._settings.resume_anyway)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Refuse, once the first worker has written the plan, what makes no sense as a whole."""
        if not self._plan_checked:
            self._go_on()
            runs = read_plan(self._dir).runs
            refuse_two_of_a_name([run.task for run in runs])
            refuse_the_same_twice(runs)
            self._plan_checked = True

    @pytest.hookimpl
    def pytest_report_header(self) -> list[str]:
        """Say under which conditions the session runs."""
        parts = [f"agent {', '.join(self._bench.agents)}", f"sandbox {self._bench.provider.name}"]
        if self._settings.protocol is not None:
            parts.append(f"protocol {self._terms.protocol.name} {self._terms.protocol.version}")
        if self._gate is not None:
            parts.append(f"gate {self._gate.name}")
        conditions = f"metr: {'; '.join(parts)}; results in {self._shown(self._dir)}"
        told = [conditions, *(f"metr: passed over {line}" for line in self._bench.passed_over)]
        if self._resumption is not None:
            kept, planned = len(self._resumption.kept), self._resumption.planned
            told.append(f"metr: takes the session up again; {kept} of {planned} runs are kept")
        return told

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report of a session that came to its end, before other plugins tell of it.

        Every worker is done by then, and every attempt torn down. Of a session that was cut short, some workers
        are still at work: see :class:`LastOfAll`.
        """
        if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._give_up(session)
            self.write_report(session)

    def _give_up(self, session: pytest.Session) -> None:
        """Fail a session in which a worker died and was not replaced, so that its run was not made again."""
        self._given_up = [] if self._crashes is None else self._crashes.give_up()
        if self._given_up:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Give back the session's folder."""
        if self._resumption is not None:
            self._resumption.close()
        elif self._lock is not None:
            self._lock.close()

    def clear_away(self) -> None:
        """Remove what workers that are gone have left, and what they have shared."""
        self.reap()
        for folder in (self._bench.shared_dir, self._dir / STATUS_DIR):
            shutil.rmtree(folder, ignore_errors=True)

    def reap(self) -> None:
        """Remove what dead processes have left, of this session or of others."""
        self._left = clear_away(containers=self._provider == "docker").trouble

    def write_report(self, session: pytest.Session) -> None:
        """Write the report, unless that was done before, and set the session's exit status."""
        if self._report is not None or self._trouble is not None:
            return
        if self._resumption is not None and not self._resumption.settled:
            return
        if not (self._dir / "plan.json").exists():
            self._nothing_to_run(session)
            return
        try:
            self._report = write_report(self._dir, ended=how_it_ended(session), weigh=self._weigh, gate=self._gate)
            self._set_status(session, self._report)
        except (OSError, UsageMistake) as error:
            self._trouble = f"the report could not be written: {error}; every finished run is in journal.jsonl"
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def _set_status(self, session: pytest.Session, report: Mapping[str, Any]) -> None:
        if report["gate"] is not None:
            self._outcome.settle(session, Verdict.from_json(report["gate"]), read_plan(self._dir).runs)
        if any(agent["problem"] for agent in report["agents"]):
            session.exitstatus = pytest.ExitCode.USAGE_ERROR  # a weights hook that returned no weights

    def _nothing_to_run(self, session: pytest.Session) -> None:
        if self._gate is not None:
            self._trouble = f"gate {self._gate.name}: inconclusive: there was no run to judge"
            self._outcome.judged_nothing(session)
        clear_away_empty(self._dir, self._settings, made=self._made_folder)

    def _weigh(self, runs: Sequence[RunRecord]) -> Sequence[float] | None:
        try:
            weights = self._config.hook.pytest_metr_task_weights(config=self._config, runs=tuple(runs))
        except Exception as error:
            problem = f"the hook failed: {type(error).__name__}: {error}"
            raise UsageMistake(problem, key="pytest_metr_task_weights") from error
        return None if weights is None else check_weights(weights, len(runs))

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the table by bracket, the overall score, and where everything is."""
        if self._left is not None:
            terminalreporter.write_line(f"metr: {self._left}; pytest-metr clean removes them", yellow=True)
        for nodeid in self._given_up:
            terminalreporter.write_line(f"metr: not made again after its worker had died: {nodeid}", red=True)
        if self._report is None and self._trouble is None:
            return
        terminalreporter.section("METR", sep="=")
        if self._trouble is not None:
            terminalreporter.write_line(self._trouble, red=True)
        if self._report is not None:
            width, verbose = terminalreporter._tw.fullwidth, self._config.option.verbose > 0
            shown = {**self._report, "files": {"results": self._shown(self._dir)}}
            for line in summary_lines(shown, width=width, verbose=verbose):
                terminalreporter.write_line(line)
            if self._report["gate"] is not None:
                show_verdict(terminalreporter, Verdict.from_json(self._report["gate"]))
        if self._outcome.trouble is not None:
            terminalreporter.write_line(self._outcome.trouble, red=True)

    def _tell(self, line: str) -> None:
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"metr: {line}")

    def _shown(self, path: Path) -> str:
        try:
            return str(path.relative_to(self._settings.invocation_dir))
        except ValueError:
            return str(path)
