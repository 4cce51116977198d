"""What becomes of the runs whose worker has died."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_metr.report import Journal, PastRun, PastRuns, killed_tries
from pytest_metr.reporting import read_past, read_plan
from pytest_metr.retries import RetryRules, worth_another_try
from pytest_metr.types import AgentSpec, Failure, PlannedRun, RunRecord, now

CAUSE = "worker_crashed"
_FAILURE = Failure(kind="infrastructure", cause=CAUSE, message="the worker process died while it made this run")


class Crashes:
    """Keeps the record of the runs that workers died in, and says which of them are made again: a plugin.

    :ivar again: by node id the items that were to be handed out once more and have not ended since.
    """

    def __init__(
        self, session_dir: Path, journal: Journal, agents: Mapping[str, AgentSpec], retries: RetryRules
    ) -> None:
        self._dir = session_dir
        self._journal = journal
        self._agents = agents
        self._retries = retries
        self.again: dict[str, PlannedRun] = {}
        self._told: set[str] = set()

    def take(self, nodeid: str, *, can_repeat: bool) -> bool:
        """Record the run that a worker died in, or that it died after the run had been recorded.

        :param can_repeat: whether the item can be handed out once more.
        :return: whether it is to be handed out once more: for another try, or to take the outcome from its record.
        """
        planned = next((run for run in read_plan(self._dir).runs if run.nodeid == nodeid), None)
        if planned is None:
            return False
        past = read_past(self._dir).of(planned.run_id)
        if past.recorded_now or past.settled is not None:
            self._journal.append("crash", {"run_id": planned.run_id})
            # An item whose outcome has been told must not be told of twice: it is an error of its teardown.
            if not can_repeat or past.settled is None or planned.own_test or nodeid in self._told:
                return False
            self.again[nodeid] = planned
            return True
        record = self._record(planned, past)
        left = past.tries_now < self._retries.most
        # Code of a person's own has begun, and may not bear to begin again.
        if can_repeat and left and not planned.own_test and worth_another_try(CAUSE, agent_began=True):
            self._journal.append("try", {"try": len(record.failed_tries) + 1, **record.to_json()})
            self.again[nodeid] = planned
            return True
        self.again.pop(nodeid, None)
        self._journal.append("run", record.to_json())
        return False

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of an item whose outcome is known, although it has not come to its end."""
        if report.when == "call":
            self._told.add(report.nodeid)

    @pytest.hookimpl
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Take note of an item that has come to its end."""
        self.again.pop(nodeid, None)
        self._told.discard(nodeid)

    def give_up(self) -> list[str]:
        """Record the runs that were to be made again and have not been, and return the node ids of such items.

        So it is where pytest-xdist replaces no further worker.
        """
        given_up = list(self.again)
        past = read_past(self._dir) if given_up else PastRuns()
        for planned in self.again.values():
            run = past.of(planned.run_id)
            if not run.recorded_now and run.settled is None:
                last = run.failed_tries[-1]
                record = self._failed(planned, last.transcript, last.started_at)
                self._journal.append("run", replace(record, failed_tries=run.failed_tries[:-1]).to_json())
        self.again.clear()
        return given_up

    def _record(self, planned: PlannedRun, past: PastRun) -> RunRecord:
        """Return the record of the try that the worker died in, which is known by its transcript at most."""
        tries = past.failed_tries
        killed = killed_tries(self._dir, planned.run_id, tries)
        if not killed:
            return replace(self._failed(planned, None, ""), failed_tries=tries)
        *earlier, last = killed
        return replace(self._failed(planned, last.transcript, last.started_at), failed_tries=(*tries, *earlier))

    def _failed(self, planned: PlannedRun, transcript: str | None, started_at: str) -> RunRecord:
        return replace(
            RunRecord.blank(planned, self._agents[planned.agent or ""]),
            status="infra_error",
            failure=_FAILURE,
            transcript=transcript,
            started_at=started_at,
            completed_at=now(),
        )
