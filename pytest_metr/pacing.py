"""A session in stages: decided by the reporting process, waited for by whoever makes the runs.

The reporting process writes what it has decided to ``decisions.json`` in the session's folder, and each decision
to the journal. A process that makes runs looks there before each of them. With one process the answer is there
before it is asked for; a worker of pytest-xdist may have to wait until others have finished the stage before.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.protocol.staging import StageRules, Staging, Undecided, standing
from pytest_metr.report import Journal, write_json
from pytest_metr.types import AgentSpec, Decision, Failure, PlannedRun, RunRecord, RunRow, StageKey

DECISIONS_FILE = "decisions.json"
#: Seconds between two looks at the decisions.
_PAUSE = 0.1
#: Seconds between two looks at whether the session still goes on.
_WATCH = 0.5

Decisions = Mapping[tuple[str, StageKey], Decision]


def failure_by(decision: Decision) -> Failure:
    """Return why a run was not made, where a decision has left it out."""
    return Failure(kind="not_run", cause=decision.rule, message=decision.sentence)


def row_left_out(planned: PlannedRun, decision: Decision) -> RunRow:
    """Return the row of a run that a decision has left out."""
    agent = AgentSpec(name=decision.agent, kind="")
    return RunRow.of(replace(RunRecord.blank(planned, agent), failure=failure_by(decision)))


def by_stage(decisions: Sequence[Decision], rules: StageRules) -> Decisions:
    """Return decisions by agent and stage, as :func:`~pytest_metr.protocol.staging.standing` takes them."""
    stages = ((decision, rules.stage_of(decision)) for decision in decisions)
    return {(decision.agent, key): decision for decision, key in stages if key is not None}


class Pacer:
    """The reporting process's part: a plugin that is told of each run that has ended, and decides.

    :param plan: reads the plan, once there is one.
    :param rows: reads the rows of all finished runs.
    :param stopped: says why no further run is handed out, or None while the session goes on.
    :param decided: reads what was decided before the session was taken up again, which stands.
    """

    def __init__(
        self,
        rules: StageRules,
        session_dir: Path,
        journal: Journal,
        *,
        plan: Callable[[], Sequence[PlannedRun]],
        rows: Callable[[], Sequence[RunRow]],
        undecided: Undecided,
        stopped: Callable[[], str | None],
        decided: Callable[[], Sequence[Decision]] = tuple,
    ) -> None:
        self._rules = rules
        self._file = session_dir / DECISIONS_FILE
        self._journal = journal
        self._plan = plan
        self._rows = rows
        self._undecided = undecided
        self._stopped = stopped
        self._decided = decided
        self._staging: Staging | None = None
        self._running: set[str] = set()
        self._ended: set[str] = set()
        self._end = threading.Event()
        self._over: str | None = None

    def begin(self) -> None:
        """Take up the plan and open the first stage. Does nothing when called again."""
        if self._staging is not None:
            return
        staging = Staging(
            self._rules,
            self._plan(),
            undecided=self._undecided,
            left_out=row_left_out,
            decided=self._decided(),
        )
        self._staging = staging
        self._running = {run.nodeid for run in staging.decided} - self._ended
        self._write(staging)
        self._go_on(staging)
        threading.Thread(target=self._watch, args=(staging,), name="metr-pacer", daemon=True).start()

    @pytest.hookimpl
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Decide the next stage when the last run of the one before has ended."""
        self.ended(nodeid)

    def ended(self, nodeid: str) -> None:
        """Take note of an item that has ended, in whatever way."""
        self._ended.add(nodeid)
        self._running.discard(nodeid)
        if self._staging is not None and not self._running:
            self._go_on(self._staging)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Let nobody wait any longer."""
        self._end.set()
        if self._staging is not None:
            self._over = self._over or "the session has ended"
            with suppress(OSError):  # whoever still waits ends with its channel to this process
                self._write(self._staging)

    def _go_on(self, staging: Staging) -> None:
        while not self._running and (stage := staging.open_stage) is not None:
            for decision in staging.decide(self._rows()):
                self._journal.append("decision", decision.to_json())
            # Items of a closed stage end as well, as skipped ones. Some may have ended before their stage was
            # opened: a worker that waits for it may die.
            self._running = {run.nodeid for run in stage} - self._ended
            self._write(staging)

    def _write(self, staging: Staging) -> None:
        decisions = [decision.to_json() for decision in staging.decisions.values()]
        write_json(self._file, {"decisions": decisions, "stopped": self._over})

    def _watch(self, staging: Staging) -> None:
        """Tell those who wait when the session ends before its stages do: nothing else would wake them."""
        before = None
        while not self._end.wait(_WATCH):
            stopped = self._stopped()
            # Twice in a row: while a worker is being replaced, the session may look as if it ended.
            if stopped is not None and before is not None:
                self._over = stopped  # and it stays: runs that end later must not take it back
                self._write(staging)
                return
            before = stopped


class PaceReader:
    """The part of a process that makes runs: knows for each run whether it is to be made."""

    def __init__(self, rules: StageRules, session_dir: Path) -> None:
        self._rules = rules
        self._file = session_dir / DECISIONS_FILE
        self._decisions: Decisions = {}

    def wait_for(self, planned: PlannedRun, *, alone: bool) -> Failure | None:
        """Return why a run is not to be made, or None where it is; waits until that is decided.

        :param alone: whether this process makes all runs, so that there is nobody to wait for.
        """
        decision, stopped = self._decision(planned), None
        while decision is None:
            stopped = self._read()
            decision = self._decision(planned)
            if decision is None and (alone or stopped is not None):
                message = stopped or "another plugin has changed the order of the runs"
                return Failure(kind="not_run", cause="stopped", message=message)
            if decision is None:
                time.sleep(_PAUSE)
        return None if decision.opened else failure_by(decision)

    def _decision(self, planned: PlannedRun) -> Decision | None:
        try:
            return standing(planned, self._rules, self._decisions)
        except KeyError:
            return None

    def _read(self) -> str | None:
        """Read the decisions, and return why none will follow; None where some may."""
        try:
            document: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        decisions = [Decision.from_json(entry) for entry in document["decisions"]]
        self._decisions = by_stage(decisions, self._rules)
        stopped: str | None = document["stopped"]
        return stopped
