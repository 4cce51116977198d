"""The reporting process of a session: one process of its own, or the controller of pytest-xdist.

It opens the session's folder, and at the end makes the report from what is on disk: the plan and the
journal. So a report can be made as well when the session has died: see :func:`write_report`.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_metr.bench import Bench
from pytest_metr.errors import InfrastructureError, UsageMistake
from pytest_metr.gate_outcome import GateOutcome, read_gate, show_verdict
from pytest_metr.items import SESSION_DIR_INPUT
from pytest_metr.options import Settings
from pytest_metr.pacing import Pacer
from pytest_metr.protocol import check_weights
from pytest_metr.refusals import refuse_the_same_twice, refuse_two_of_a_name
from pytest_metr.report import summary_lines
from pytest_metr.reporting import how_it_ended, read_plan, read_records, session_facts, write_report
from pytest_metr.sandbox import reap
from pytest_metr.scoring import undecided_rows
from pytest_metr.terminal import StatusWords
from pytest_metr.terms import Terms
from pytest_metr.types import Failure, RunRecord, RunRow, Verdict, now

if TYPE_CHECKING:
    from pytest_metr.xdist import Rank


def make_session_dir(settings: Settings) -> tuple[Path, bool]:
    """Make the folder for a new session's files: the one asked for, or one named by time and agents.

    :return: the folder, and whether it was not there before.
    :raises UsageMistake: where the one asked for holds something.
    :raises OSError: where no folder can be made.
    """
    if settings.out is not None:
        there = settings.out.exists()
        if there and any(settings.out.iterdir()):
            what = "a session" if (settings.out / "journal.jsonl").exists() else "files"
            raise UsageMistake(
                f"holds {what} already; expected a new or empty folder", file=settings.out, key="--metr-out"
            )
        settings.out.mkdir(parents=True, exist_ok=True)
        return settings.out, not there
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    names = "+".join(Path(name).stem for name in settings.agents)
    parent = settings.invocation_dir / "metr-runs"
    parent.mkdir(exist_ok=True)
    for number in itertools.count(1):
        folder = parent / (f"{stamp}-{names}" if number == 1 else f"{stamp}-{names}-{number}")
        with suppress(FileExistsError):  # sessions may begin in the same second
            folder.mkdir()
            return folder, True
    raise AssertionError("unreachable: there is always a next number")


class LastOfAll:
    """What is done when every worker is down."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report of a session that was cut short, and clear away what its workers left."""
        reap(Path(tempfile.gettempdir()))
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

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Make the session's folder, write the journal's first line, and see that sandboxes can be made.

        :raises pytest.UsageError: where the folder cannot be used or no sandbox is to be had.
        """
        try:
            self._begin(self._bench.provider.name)
        except UsageMistake as mistake:
            raise pytest.UsageError(str(mistake)) from None
        reap(Path(tempfile.gettempdir()))
        self._config.pluginmanager.register(StatusWords(), "metr_status_words")
        self._config.pluginmanager.register(self._outcome, "metr_gate")
        self._config.pluginmanager.register(LastOfAll(self), "metr_last")
        if self._terms.in_stages:
            self._pacer = self._make_pacer()
            self._config.pluginmanager.register(self._pacer, "metr_pacer")
        if self._config.pluginmanager.hasplugin("xdist"):
            self._join_xdist()

    def _begin(self, provider: str) -> None:
        try:
            self._bench.session_dir, self._made_folder = make_session_dir(self._settings)
            (self._dir / "transcripts").mkdir()
            facts = session_facts(self._config, self._bench, self._terms, provider)
            self._bench.journal.append("session", self._bench.redactor.json(facts))
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
            workerinput={SESSION_DIR_INPUT: str(self._dir)},
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
            rows=lambda: [RunRow.of(record) for record in read_records(self._dir)],
            undecided=self._undecided,
            stopped=self._stopped,
        )

    def _undecided(self, rows: Sequence[RunRow]) -> str | None:
        assert self._gate is not None
        kinds = {name: spec.kind for name, spec in self._bench.agents.items()}
        known = [replace(row, agent_kind=kinds.get(row.agent)) for row in rows]
        return undecided_rows(self._gate, known, self._terms.protocol)

    def _stopped(self) -> str | None:
        xdist = self._config.pluginmanager.getplugin("metr_xdist")
        return None if xdist is None else xdist.stopped(self._config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Open the first stage, in a process that makes the runs itself."""
        if self._pacer is not None and session.items:
            self._pacer.begin()

    def crashed(self, nodeid: str) -> None:
        """Record the run that a worker died in, and go on without it."""
        self._record_crash(nodeid)
        if self._pacer is not None:
            self._pacer.ended(nodeid)

    def _record_crash(self, nodeid: str) -> None:
        """Record the run that a worker died in, or that it died after the run had been recorded."""
        plan = read_plan(self._dir)
        planned = next((p for p in plan.runs if p.nodeid == nodeid), None)
        if planned is None:
            return
        if planned.run_id in {r.run_id for r in read_records(self._dir)}:
            self._bench.journal.append("crash", {"run_id": planned.run_id})
            return
        failure = Failure(
            kind="infrastructure",
            cause="worker_crashed",
            message="the worker process died while it made this run",
        )
        blank = RunRecord.blank(planned, self._bench.agents[planned.agent or ""])
        transcript = f"transcripts/{planned.run_id}.jsonl"
        record = replace(
            blank,
            status="infra_error",
            failure=failure,
            transcript=transcript if (self._dir / transcript).exists() else None,
            completed_at=now(),
        )
        self._bench.journal.append("run", record.to_json())

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Refuse, once the first worker has written the plan, what makes no sense as a whole."""
        if not self._plan_checked:
            runs = read_plan(self._dir).runs
            refuse_two_of_a_name([run.task for run in runs])
            refuse_the_same_twice(runs)
            self._plan_checked = True

    @pytest.hookimpl
    def pytest_report_header(self) -> str:
        """Say under which conditions the session runs."""
        parts = [f"agent {', '.join(self._bench.agents)}", f"sandbox {self._bench.provider.name}"]
        if self._settings.protocol is not None:
            parts.append(f"protocol {self._terms.protocol.name} {self._terms.protocol.version}")
        if self._gate is not None:
            parts.append(f"gate {self._gate.name}")
        return f"metr: {'; '.join(parts)}; results in {self._shown(self._dir)}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report of a session that came to its end, before other plugins tell of it.

        Every worker is done by then, and every attempt torn down. Of a session that was cut short, some workers
        are still at work: see :class:`LastOfAll`.
        """
        if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self.write_report(session)

    def write_report(self, session: pytest.Session) -> None:
        """Write the report, unless that was done before, and set the session's exit status."""
        if self._report is not None or self._trouble is not None:
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
        self._clear_away()

    def _clear_away(self) -> None:
        """Leave nothing of a session in which there was nothing to run."""
        (self._dir / "journal.jsonl").unlink(missing_ok=True)
        folders = [self._dir / "transcripts"]
        if self._made_folder:
            folders.append(self._dir)
        if self._settings.out is None:
            folders.append(self._dir.parent)
        for folder in folders:
            with suppress(OSError):  # one that holds something else stays
                folder.rmdir()

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

    def _shown(self, path: Path) -> str:
        try:
            return str(path.relative_to(self._settings.invocation_dir))
        except ValueError:
            return str(path)
