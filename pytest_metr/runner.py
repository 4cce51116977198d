"""One attempt, from a fresh sandbox to a line in the journal: where the stages meet on a worker.

open:     snapshot -> sandbox -> task data -> network -> start -> first intermediate score
attempt:  agent -> last intermediate score -> score -> run record -> journal
close:    teardown -> destroy, whatever happened
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_metr.agent import AgentClock, AgentOutcome, LimitedWorkspace, make_agent, run_agent
from pytest_metr.bench import Bench
from pytest_metr.errors import InfrastructureError, MetrError, TaskError, UsageMistake
from pytest_metr.interfaces import Agent, Sandbox, VisibleScore
from pytest_metr.report import Transcript, keep_submission
from pytest_metr.standard import FULL_INTERNET, FinalScore, Lifecycle, TaskData, read_task_data
from pytest_metr.types import Failure, Limits, PlannedRun, RunRecord, RunStatus, now


class Attempt:
    """One run in progress: what the fixture ``run_record`` gives.

    :ivar record: the finished record, once there is one.
    """

    def __init__(self, bench: Bench, planned: PlannedRun) -> None:
        self.planned = planned
        self.record: RunRecord | None = None
        self._bench = bench
        self._spec = bench.agents[planned.agent or ""]
        self._limits = self._spec.limits.tightest(Limits(wall_seconds=bench.settings.time_limit))
        self._so_far = replace(RunRecord.blank(planned, self._spec), started_at=now(), limits=self._limits)
        self._clock = AgentClock()
        self._durations: dict[str, float] = {}
        self._transcript: Transcript | None = None
        self._sandbox: Sandbox | None = None
        self._lifecycle: Lifecycle | None = None
        self._data: TaskData | None = None

    def make_agent(self) -> Agent:
        """Return the agent under test.

        :raises InfrastructureError: where its files have changed since the session began.
        """
        with self._recorded():
            return make_agent(self._spec, kinds=self._bench.kinds)

    def open(self) -> Sandbox:
        """Make the sandbox and start the task in it.

        :raises InfrastructureError: which is recorded before it is raised.
        """
        with self._recorded(), self._timed("setup"):
            canary = self.planned.task.canary
            self._transcript = Transcript(self.transcript_path, self._bench.redactor, canary=canary)
            self._note("run", run=self.planned.to_json(), agent=self._spec.to_json())
            self._sandbox, self._data = self._prepare()
            self._note("task", instructions=self._data.instructions, sandbox=self._sandbox.info.to_json())
            self._lifecycle = Lifecycle(
                self._sandbox,
                self.planned.task,
                self._data,
                secrets=self._bench.secrets,
                timeouts=self._bench.timeouts,
            )
            self._lifecycle.start()
            self._note("start", output=self._lifecycle.outputs)
            self._intermediate_score()
            return self._sandbox

    def attempt(self, agent: Agent) -> RunRecord:
        """Let the agent work, score what it did, and record it. The record is on the disk when this returns.

        :raises InfrastructureError: which is recorded before it is raised; never becomes a score.
        """
        if self._sandbox is None or self._data is None:
            raise TaskError("ask for the fixture `sandbox`: an attempt needs one", cause="no_sandbox")
        if self.record is not None:
            raise TaskError("the attempt has been made already", cause="internal")
        with self._recorded():
            with self._timed("agent"):
                outcome = run_agent(agent, self._workspace(self._sandbox, self._data))
            # From here on what the agent did is kept, also where scoring fails.
            submission, notes = keep_submission(self._bench.session_dir, self.planned.run_id, outcome.submission)
            self._so_far = replace(
                self._so_far,
                submission=submission,
                notes=notes,
                usage=outcome.usage,
                limit_hit=outcome.limit,
                failure=outcome.failure,
            )
            with self._timed("scoring"):
                record = self._judge(self._sandbox, outcome)
            self._finish(record)
        return record

    def close(self) -> None:
        """Tear the task down and destroy the sandbox, whatever happened.

        :raises TaskError: where the task's own ``teardown`` failed; it is noted in the journal.
        """
        try:
            if self._lifecycle is not None:
                self._lifecycle.teardown()
        except InfrastructureError as error:
            self._note("teardown_error", message=str(error), evidence=error.evidence)
            line = {"run_id": self.planned.run_id, "message": str(error)}
            self._bench.journal.append("teardown_error", self._bench.redactor.json(line))
            raise
        finally:
            self._lifecycle = None
            if self._sandbox is not None:
                self._sandbox.close()
            if self._transcript is not None:
                self._transcript.close()

    @property
    def transcript_path(self) -> Path:
        """Where the transcript is."""
        return self._bench.session_dir / self._transcript_path

    def not_made(self, *, skipped: bool, error: BaseException) -> None:
        """Record why there was no attempt, unless that is on record: somebody's mark or fixture prevented it."""
        if self.record is not None or getattr(error, "cause", None) == "journal":
            return
        if skipped:
            failure = Failure(kind="not_run", cause="skipped", message=str(error))
            self._finish(replace(self._so_far, status="not_run", failure=failure))
        else:
            self._fail(InfrastructureError(f"{type(error).__name__}: {error}", cause="setup"))

    def left_out(self, failure: Failure) -> None:
        """Record that the protocol leaves this run out."""
        self._finish(replace(self._so_far, status="not_run", failure=failure))

    def redacted(self, text: str) -> str:
        """Return a text as it may be shown: without the secrets of the task."""
        return self._bench.redactor.text(text)

    # The steps of opening

    def _prepare(self) -> tuple[Sandbox, TaskData]:
        task, bench = self.planned.task, self._bench
        refusal = bench.provider.refusal(task.resources, task.needs)
        if refusal is not None:
            raise InfrastructureError(f"{task.id}: {refusal}", cause="refused")
        snapshot = bench.snapshot(Path(task.family_dir), task.family_hash)
        sandbox = self._create(snapshot, internet=False)
        try:
            data = read_task_data(sandbox, task, secrets=bench.secrets, timeouts=bench.timeouts)
            internet = FULL_INTERNET in data.permissions
            if task.internet is not None and task.internet != internet:
                raise TaskError(
                    f"{task.id}: the manifest says meta.internet: {str(task.internet).lower()}, "
                    f"but get_permissions gives {list(data.permissions)}",
                    cause="task_permissions",
                )
        except BaseException:
            sandbox.close()
            raise
        if internet:
            # Whether a task has the network is known only from inside, and never granted before.
            sandbox.close()
            sandbox = self._create(snapshot, internet=True)
        return sandbox, data

    def _create(self, snapshot: str, *, internet: bool) -> Sandbox:
        resources = self.planned.task.resources
        return self._bench.provider.create(
            snapshot, internet=internet, resources=resources, label=self.planned.task.family
        )

    # The steps of an attempt

    def _workspace(self, sandbox: Sandbox, data: TaskData) -> LimitedWorkspace:
        assert self._transcript is not None
        solution = Path(self.planned.task.family_dir) / "solution"
        return LimitedWorkspace(
            sandbox=sandbox,
            transcript=self._transcript,
            clock=self._clock,
            limits=self._limits,
            task_id=self.planned.task.id,
            instructions=data.instructions,
            score=self._visible_score if data.has_intermediate_score else None,
            solution=solution if solution.is_dir() else None,
        )

    def _visible_score(self) -> VisibleScore:
        assert self._lifecycle is not None
        entry = self._lifecycle.intermediate_score(self._clock.seconds)
        assert entry is not None
        return self._lifecycle.visible(entry)

    def _intermediate_score(self) -> None:
        assert self._lifecycle is not None
        entry = self._lifecycle.intermediate_score(self._clock.seconds)
        if entry is not None:
            self._note("intermediate_score", **entry.to_json())

    def _judge(self, sandbox: Sandbox, outcome: AgentOutcome) -> RunRecord:
        assert self._lifecycle is not None
        task = self.planned.task
        if outcome.limit is not None or outcome.failure is not None or task.end_agent_processes:
            sandbox.kill_agent()
        unscored = outcome.limit is not None and not task.scoring.score_on_usage_limits
        notes = self._last_intermediate_score(settled=unscored or outcome.failure is not None)
        record = replace(self._so_far, sandbox=sandbox.info, notes=(*self._so_far.notes, *notes))
        if outcome.failure is not None:
            return replace(record, status="agent_error", score=0.0)
        if unscored:
            note = "a limit was reached and the task is not scored on usage limits: score 0"
            return replace(record, status="limit", score=0.0, notes=(*record.notes, note))
        final = self._lifecycle.final_score(outcome.submission)
        return self._scored(record, final)

    def _last_intermediate_score(self, *, settled: bool) -> tuple[str, ...]:
        """Take the last intermediate score. Where the final score is settled, an agent gains nothing by spoiling it."""
        try:
            self._intermediate_score()
        except TaskError as error:
            if not settled:
                raise
            return (f"the last intermediate score failed: {error}",)
        return ()

    def _scored(self, record: RunRecord, final: FinalScore) -> RunRecord:
        self._note("score", score=final.score, notes=list(final.notes), output=final.output)
        status: RunStatus = "needs_score" if final.score is None else "limit" if record.limit_hit else "scored"
        return replace(
            record,
            status=status,
            score=final.score,
            notes=(*record.notes, *final.notes),
            scoring_output=final.output,
        )

    # Records

    @property
    def _transcript_path(self) -> str:
        return f"transcripts/{self.planned.run_id}.jsonl"

    def _note(self, kind: str, **data: Any) -> None:
        if self._transcript is not None:
            self._transcript.write(kind, data)

    def _finish(self, record: RunRecord) -> None:
        record = replace(
            record,
            intermediate_scores=self._lifecycle.score_log if self._lifecycle is not None else (),
            transcript=self._transcript_path,
            canary_found=self._transcript.canary_found if self._transcript is not None else None,
            completed_at=now(),
            durations=dict(self._durations),
        )
        self._bench.journal.append("run", self._bench.redactor.json(record.to_json()))
        self.record = record

    def _fail(self, error: InfrastructureError) -> None:
        failure = Failure(kind="infrastructure", cause=error.cause, message=str(error), evidence=error.evidence)
        if error.cause != "transcript":
            self._note("error", cause=error.cause, message=str(error), evidence=error.evidence)
        self._finish(
            replace(
                self._so_far,
                status="infra_error",
                failure=failure,
                usage=replace(self._so_far.usage, seconds=self._clock.seconds),
                sandbox=self._sandbox.info if self._sandbox is not None else None,
            )
        )

    @contextmanager
    def _recorded(self) -> Iterator[None]:
        """Record what is raised inside as the infrastructure's failure, our own bugs included."""
        try:
            yield
        except InfrastructureError as error:
            if self.record is None and error.cause != "journal":
                self._fail(error)
            raise
        except MetrError as error:
            wrapped = InfrastructureError(str(error), cause="usage" if isinstance(error, UsageMistake) else "internal")
            self._fail(wrapped)
            raise wrapped from error
        except Exception as error:
            message = f"a bug of pytest_metr: {type(error).__name__}: {error}"
            self._fail(InfrastructureError(message, cause="internal", evidence={"traceback": traceback.format_exc()}))
            raise
        except BaseException:
            # Ctrl-C and the like: what was begun is on record as begun.
            if self.record is None:
                failure = Failure(kind="not_run", cause="interrupted", message="interrupted while it was made")
                usage = replace(self._so_far.usage, seconds=self._clock.seconds)
                self._finish(replace(self._so_far, status="not_run", failure=failure, usage=usage))
            raise

    @contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        begin = time.monotonic()
        try:
            yield
        finally:
            self._durations[phase] = round(time.monotonic() - begin, 3)
