"""One run: tries at it until one gives a result, each of them on record."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from pytest_metr.agent import make_agent
from pytest_metr.bench import Bench
from pytest_metr.errors import InfrastructureError, MetrError, TaskError, UsageMistake
from pytest_metr.interfaces import Agent, Sandbox
from pytest_metr.report import killed_tries, transcript_of
from pytest_metr.retries import worth_another_try
from pytest_metr.runner import Try
from pytest_metr.types import FailedTry, Failure, PlannedRun, RunRecord


class _TryAgain(Exception):
    """A try has failed and is on record, and another one is to follow."""


class Attempt:
    """One run in progress: what the fixture ``run_record`` gives.

    :ivar record: the finished record, once there is one.
    :ivar kept: whether the run had come to its end before, in an earlier process of the session, so that it is not
        made again; then *record* is there from the start.
    """

    def __init__(self, bench: Bench, planned: PlannedRun) -> None:
        self.planned = planned
        self._bench = bench
        past = bench.past(planned.run_id)
        self.record = past.settled
        self.kept = past.settled is not None
        self._past = past.record
        self._given_up = past.record if past.recorded_now and past.record is not None and not self.kept else None
        tries = past.failed_tries
        killed = [] if self.kept else killed_tries(bench.session_dir, planned.run_id, tries)
        self._tries: list[FailedTry] = [*tries, *killed]
        self._failed_now = past.tries_now
        self._try = Try(bench, planned)

    def make_agent(self) -> Agent:
        """Return the agent under test, a fresh one each time.

        :raises InfrastructureError: where its files have changed since the session began.
        """
        with self._recorded():
            return make_agent(self._bench.agent_of(self.planned), kinds=self._bench.kinds)

    def open(self) -> Sandbox:
        """Make the sandbox and start the task in it, again where the infrastructure fails and it is worth it.

        :raises InfrastructureError: which is recorded before it is raised.
        """
        if self._given_up is not None and self._given_up.status == "infra_error":
            # pytest-xdist may hand out what a dead worker had as often as workers die of it.
            self.record = self._given_up
            assert self.record.failure is not None
            raise InfrastructureError(self.record.failure.message, cause=self.record.failure.cause)
        while True:
            self._bench.status.begin(self.planned, number=len(self._tries) + 1)
            try:
                with self._recorded(again=True):
                    return self._try.open()
            except _TryAgain:
                self._renew()

    def attempt(self, agent: Agent) -> RunRecord:
        """Let the agent work, score what it did, and record it. The record is on the disk when this returns.

        :raises InfrastructureError: which is recorded before it is raised; never becomes a score.
        """
        return self._work(agent, again=False)

    def make(self, agent: Agent) -> RunRecord:
        """Make the attempt, and where the infrastructure fails and it is worth it, all of it again.

        Another try has a fresh sandbox, a fresh agent and a clock that begins anew.

        :raises InfrastructureError: the last one, which is recorded before it is raised.
        """
        while True:
            try:
                return self._work(agent, again=True)
            except _TryAgain:
                self._renew()
            self.open()
            agent = self.make_agent()

    def close(self) -> None:
        """Tear the task down and destroy the sandbox, whatever happened.

        :raises TaskError: where the task's own ``teardown`` failed; it is noted in the journal.
        """
        self._bench.status.phase("teardown")
        try:
            self._try.close()
        except InfrastructureError:
            # Raised while pytest stops, it would be pytest's own end, before the report is written.
            if not self._bench.interrupted:
                raise
        finally:
            self._bench.status.end()

    @property
    def transcript_path(self) -> Path:
        """Where the transcript is."""
        recorded = self.record.transcript if self.record is not None else None
        return self._bench.session_dir / (recorded or transcript_of(self.planned.run_id))

    def not_made(self, *, skipped: bool, error: BaseException) -> None:
        """Record why there was no attempt, unless that is on record: somebody's mark or fixture prevented it."""
        if self.record is not None or getattr(error, "cause", None) == "journal":
            return
        if skipped:
            self.left_out(Failure(kind="not_run", cause="skipped", message=str(error)))
        else:
            self._finish(self._try.failed(InfrastructureError(f"{type(error).__name__}: {error}", cause="setup")))

    def left_out(self, failure: Failure) -> None:
        """Record that this run is left out, unless an earlier process of the session has recorded the same."""
        past = self._past
        if (
            past is not None
            and past.status == "not_run"
            and past.failure is not None
            and past.failure.cause == failure.cause
        ):
            self.record = past
        else:
            self._finish(self._try.not_run(failure))

    def redacted(self, text: str) -> str:
        """Return a text as it may be shown: without the secrets of the task."""
        return self._bench.redactor.text(text)

    def _work(self, agent: Agent, *, again: bool) -> RunRecord:
        if self.record is not None:
            raise TaskError("the attempt has been made already", cause="internal")
        with self._recorded(again=again):
            return self._finish(self._try.work(agent))

    def _renew(self) -> None:
        """Close what has failed, wait, and put a fresh try in its place."""
        # Of what has failed already no other failure is news; one of the task's teardown is in the journal.
        with suppress(InfrastructureError):
            self._try.close()
        self._try = Try(self._bench, self.planned)
        self._bench.status.phase("waiting")
        with self._recorded():
            time.sleep(self._bench.settings.retries.pause(self._failed_now))
        self._try = Try(self._bench, self.planned)  # which begins only now

    # Records

    def _finish(self, record: RunRecord) -> RunRecord:
        record = replace(record, failed_tries=tuple(self._tries))
        self._bench.journal.append("run", self._bench.redactor.json(record.to_json()))
        self.record = record
        return record

    def _fail(self, error: InfrastructureError, *, again: bool) -> bool:
        """Record a failure, and return whether another try is to follow."""
        record = self._try.failed(error)
        left = self._failed_now < self._bench.settings.retries.most
        if not (again and left and worth_another_try(error.cause, agent_began=self._try.agent_began)):
            self._finish(record)
            return False
        record = replace(record, failed_tries=tuple(self._tries))
        line = {"try": len(self._tries) + 1, **record.to_json()}
        self._bench.journal.append("try", self._bench.redactor.json(line))
        self._tries.append(FailedTry.of(record))
        self._failed_now += 1
        return True

    @contextmanager
    def _recorded(self, *, again: bool = False) -> Iterator[None]:
        """Record what is raised inside as the infrastructure's failure, our own bugs included.

        :param again: whether the try may be followed by another one.
        :raises _TryAgain: where it is.
        """
        try:
            yield
        except InfrastructureError as error:
            if self.record is None and error.cause != "journal" and self._fail(error, again=again):
                raise _TryAgain from error
            raise
        except MetrError as error:
            wrapped = InfrastructureError(str(error), cause="usage" if isinstance(error, UsageMistake) else "internal")
            self._fail(wrapped, again=False)
            raise wrapped from error
        except Exception as error:
            message = f"a bug of pytest_metr: {type(error).__name__}: {error}"
            bug = InfrastructureError(message, cause="internal", evidence={"traceback": traceback.format_exc()})
            self._fail(bug, again=False)
            raise
        except BaseException:
            # Ctrl-C and the like: what was begun is on record as begun.
            if self.record is None:
                failure = Failure(kind="not_run", cause="interrupted", message="interrupted while it was made")
                self._finish(self._try.not_run(failure))
            raise
