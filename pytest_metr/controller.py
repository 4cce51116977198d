"""The reporting process of a session: one process of its own, or the controller of pytest-xdist.

It opens the session's folder, and at the end makes the report from what is on disk: the plan and the
journal. So a report can be made as well when the session has died: see :func:`write_report`.
"""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.bench import Bench
from pytest_metr.errors import InfrastructureError, UsageMistake
from pytest_metr.options import Settings
from pytest_metr.protocol import check_weights, task_weights
from pytest_metr.report import (
    Journal,
    JournalContent,
    SessionInfo,
    build_report,
    public_rows,
    read_journal,
    summary_lines,
    write_json,
    write_jsonl,
)
from pytest_metr.sandbox import reap
from pytest_metr.terminal import StatusWords
from pytest_metr.types import Failure, Limits, Plan, PlannedRun, RunRecord, now

#: The key of a worker's input under which the controller hands over the session's folder.
SESSION_DIR_INPUT = "metr_session_dir"

Weigh = Callable[[Sequence[RunRecord]], Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a session ended.

    :param status: in words, for the report.
    :param failure: why runs that were planned have no record.
    """

    status: str
    failure: Failure

    @classmethod
    def by(cls, cause: str, message: str) -> Ended:
        """Return an end with its cause, for example ``interrupted``, and a sentence about it."""
        return cls(status=message, failure=Failure(kind="not_run", cause=cause, message=message))


def new_session_dir(settings: Settings) -> Path:
    """Return the folder for a new session's files: the one asked for, or one named by time and agents."""
    if settings.out is not None:
        return settings.out
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    names = "+".join(Path(name).stem for name in settings.agents) or "none"
    folder = settings.invocation_dir / "metr-runs" / f"{stamp}-{names}"
    number = 2
    while folder.exists():
        folder = folder.with_name(f"{stamp}-{names}-{number}")
        number += 1
    return folder


class Controller:
    """Opens and closes a session; told of what goes wrong between processes."""

    def __init__(self, config: pytest.Config, settings: Settings, bench: Bench) -> None:
        self._config = config
        self._settings = settings
        self._bench = bench
        self._dir = bench.session_dir
        self._report: Mapping[str, Any] | None = None
        self._trouble: str | None = None
        self._plan_checked = False

    def open(self) -> None:
        """Make the session's folder, write the journal's first line, and see that sandboxes can be made.

        :raises pytest.UsageError: where the folder cannot be used or no sandbox is to be had.
        """
        try:
            provider = self._bench.provider
            self._open_journal(self._bench.journal, provider.name)
        except UsageMistake as mistake:
            raise pytest.UsageError(str(mistake)) from None
        reap(Path(tempfile.gettempdir()))
        self._config.pluginmanager.register(StatusWords(), "metr_status_words")
        if self._config.pluginmanager.hasplugin("xdist"):
            self._join_xdist()

    def _open_journal(self, journal: Journal, provider: str) -> None:
        if (self._dir / "journal.jsonl").exists():
            raise UsageMistake(
                "already holds a session; expected a new or empty folder", file=self._dir, key="--metr-out"
            )
        try:
            (self._dir / "transcripts").mkdir(parents=True, exist_ok=True)
            journal.append("session", session_facts(self._config, self._settings, self._bench, provider))
        except (OSError, InfrastructureError) as error:
            raise UsageMistake(f"cannot be written: {error}", file=self._dir, key="--metr-out") from None

    def _join_xdist(self) -> None:
        from pytest_metr.xdist import XdistController

        xdist = XdistController(
            plan=lambda: {p.nodeid: (p.run, p.task.human_minutes or 0.0) for p in read_plan(self._dir).runs},
            crashed=self.crashed,
            workerinput={SESSION_DIR_INPUT: str(self._dir)},
        )
        self._config.pluginmanager.register(xdist, "metr_xdist")

    def crashed(self, nodeid: str) -> None:
        """Record the run that a worker died in, unless the worker had recorded it before it died."""
        plan = read_plan(self._dir)
        planned = next((p for p in plan.runs if p.nodeid == nodeid), None)
        if planned is None or planned.run_id in {r.run_id for r in read_records(self._dir)}:
            return
        failure = Failure(
            kind="infrastructure",
            cause="worker_crashed",
            message="the worker process died while it made this run",
        )
        blank = RunRecord.blank(planned, self._bench.agents[planned.agent or ""])
        record = replace(blank, status="infra_error", failure=failure, completed_at=now())
        self._bench.journal.append("run", record.to_json())

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Refuse, once the first worker has written the plan, what makes no sense as a whole."""
        if not self._plan_checked:
            refuse_two_of_a_name(read_plan(self._dir).runs)
            self._plan_checked = True

    @pytest.hookimpl
    def pytest_report_header(self) -> str:
        """Say under which conditions the session runs."""
        agents = ", ".join(self._bench.agents)
        return f"metr: agent {agents}; sandbox {self._bench.provider.name}; results in {self._shown(self._dir)}"

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report, when every worker is down and every attempt torn down."""
        reap(Path(tempfile.gettempdir()))
        if not (self._dir / "plan.json").exists():
            return
        try:
            self._report = write_report(self._dir, weigh=self._weigh, ended=how_it_ended(session))
        except (OSError, UsageMistake) as error:
            self._trouble = f"the report could not be written: {error}; every finished run is in journal.jsonl"
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def _weigh(self, runs: Sequence[RunRecord]) -> Sequence[float]:
        weights = self._config.hook.pytest_metr_task_weights(config=self._config, runs=tuple(runs))
        return check_weights(weights, len(runs))

    @pytest.hookimpl(trylast=True)
    def pytest_metr_task_weights(self, runs: Sequence[RunRecord]) -> list[float]:
        """Weigh as METR does, unless another plugin has an answer."""
        return task_weights(runs)

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
            for line in summary_lines(self._report, width=width, verbose=verbose):
                terminalreporter.write_line(line)
        terminalreporter.write_line(f"results: {self._shown(self._dir)}")

    def _shown(self, path: Path) -> str:
        try:
            return str(path.relative_to(self._settings.invocation_dir))
        except ValueError:
            return str(path)


def how_it_ended(session: pytest.Session) -> Ended:
    """Return how a session that has come to its end ended."""
    stopped = session.shouldstop or session.shouldfail
    if stopped:
        return Ended.by("stopped", f"the session was stopped: {stopped}")
    if session.exitstatus == pytest.ExitCode.INTERRUPTED:
        return Ended.by("interrupted", "the session was interrupted")
    if session.exitstatus in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        return Ended.by("session_error", "the session ended with an error")
    words = {pytest.ExitCode.OK: "all passed", pytest.ExitCode.TESTS_FAILED: "not all passed"}
    word = words.get(pytest.ExitCode(session.exitstatus), f"exit status {session.exitstatus}")
    return Ended(status=word, failure=Failure(kind="not_run", cause="no_record", message="no process finished it"))


def refuse_two_of_a_name(runs: Sequence[PlannedRun]) -> None:
    """Refuse two families of one name: their task ids could not be told apart.

    :raises pytest.UsageError: with both folders.
    """
    folders: dict[str, str] = {}
    for run in runs:
        task = run.task
        first = folders.setdefault(task.family, task.family_dir)
        if first != task.family_dir:
            raise pytest.UsageError(
                f"two families are named {task.family!r}: {first} and {task.family_dir}; "
                "expected one folder for each name, rename one or select one"
            )


def session_facts(config: pytest.Config, settings: Settings, bench: Bench, provider: str) -> dict[str, Any]:
    """Return the journal's first line: what the session was asked for, and with which versions."""
    return {
        "started_at": now(),
        "command_line": list(config.invocation_params.args),
        "versions": {
            "python": platform.python_version(),
            "pytest": pytest.__version__,
            "pytest_metr": version("pytest-metr"),
        },
        "platform": platform.platform(),
        "provider": provider,
        "runs_per_task": settings.runs,
        "limits": Limits(wall_seconds=settings.time_limit).to_json(),
        "agents": [spec.to_json() for spec in bench.agents.values()],
    }


def read_plan(session_dir: Path) -> Plan:
    """Return the plan of a session; an empty one where nothing was collected yet."""
    try:
        return Plan.from_json(json.loads((session_dir / "plan.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Plan()


def read_records(session_dir: Path) -> list[RunRecord]:
    """Return the records of all finished runs, in the order in which they ended."""
    return [RunRecord.from_json(line) for line in read_journal(session_dir / "journal.jsonl").of_kind("run")]


def write_report(
    session_dir: Path, *, weigh: Weigh = task_weights, weighting: str = "invsqrt_family", ended: Ended
) -> dict[str, Any]:
    """Make ``report.json`` and ``runs.jsonl`` from the plan and the journal of a session, and return the report.

    :param ended: how the session ended, which is why planned runs have no record.
    :raises OSError: where a file cannot be read or written; what was there before stays.
    """
    journal = read_journal(session_dir / "journal.jsonl")
    records = [RunRecord.from_json(line) for line in journal.of_kind("run")]
    plan = read_plan(session_dir)
    report = build_report(
        session=_session_info(journal, records, weighting, ended),
        planned=plan.runs,
        records=records,
        weigh=weigh,
        not_run={p.run_id: ended.failure for p in plan.runs},
        broken_families=plan.broken,
        notes=_notes(journal),
    )
    write_json(session_dir / "report.json", report)
    write_jsonl(session_dir / "runs.jsonl", public_rows([*records]))
    return report


def _session_info(journal: JournalContent, records: Sequence[RunRecord], weighting: str, ended: Ended) -> SessionInfo:
    facts = next(iter(journal.of_kind("session")), {})
    return SessionInfo.from_json(
        {
            "started_at": "",
            "command_line": [],
            "versions": {},
            "platform": "",
            "runs_per_task": 0,
            **facts,
            "ended_at": now(),
            "exit_status": ended.status,
            "weighting": weighting,
            "sandbox": next((r.sandbox.to_json() for r in records if r.sandbox is not None), None),
        }
    )


def _notes(journal: JournalContent) -> list[str]:
    notes = [f"the teardown of {t['run_id']} failed: {t['message']}" for t in journal.of_kind("teardown_error")]
    if journal.damaged:
        notes.append(f"lines of the journal could not be read: {', '.join(map(str, journal.damaged))}")
    return notes
