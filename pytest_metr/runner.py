"""One try at a run, from a fresh sandbox to a record: where the stages meet on a worker.

open:   snapshot -> sandbox -> task data -> network -> start -> first intermediate score
work:   agent -> last intermediate score -> score -> record
close:  teardown -> destroy, whatever happened
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pytest_metr.agent import AgentClock, AgentOutcome, LimitedWorkspace, run_agent
from pytest_metr.bench import Bench
from pytest_metr.errors import InfrastructureError, TaskError
from pytest_metr.family_layout import SOLUTION
from pytest_metr.guide import guided
from pytest_metr.interfaces import Agent, Sandbox, VisibleScore
from pytest_metr.opening import open_sandbox
from pytest_metr.report import Transcript, keep_submission, names_of, transcript_of
from pytest_metr.standard import FinalScore, Lifecycle, TaskData
from pytest_metr.types import Failure, PlannedRun, RunRecord, RunStatus, now

#: Seconds that a task's teardown may take when somebody has stopped the session.
_HURRY = 20.0


class Try:
    """One try: a sandbox, a clock and a transcript of its own. It makes records and writes none of them down.

    :ivar agent_began: whether the agent has begun to work.
    """

    def __init__(self, bench: Bench, planned: PlannedRun) -> None:
        self.agent_began = False
        self._planned = planned
        self._bench = bench
        spec = bench.agent_of(planned)
        self._spec = spec
        self._limits = spec.limits_for(planned.task.bracket).tightest(planned.task.limits, bench.settings.limits)
        self._so_far = replace(RunRecord.blank(planned, spec), started_at=now(), limits=self._limits)
        self._clock = AgentClock()
        self._durations: dict[str, float] = {}
        self._name = planned.run_id
        self._transcript: Transcript | None = None
        self._sandbox: Sandbox | None = None
        self._lifecycle: Lifecycle | None = None
        self._data: TaskData | None = None

    def open(self) -> Sandbox:
        """Make the sandbox and start the task in it.

        :raises InfrastructureError: where that fails.
        """
        with self._timed("setup"):
            self._open_transcript()
            self._note("run", run=self._planned.to_json(), agent=self._spec.to_json())
            self._sandbox, self._data = open_sandbox(self._bench, self._planned.task, agent=self._planned.agent)
            self._data = replace(self._data, instructions=guided(self._data.instructions, self._planned.guidance))
            self._note("task", instructions=self._data.instructions, sandbox=self._sandbox.info.to_json())
            self._lifecycle = Lifecycle(
                self._sandbox,
                self._planned.task,
                self._data,
                secrets=self._bench.secrets,
                timeouts=self._bench.timeouts,
            )
            self._lifecycle.start()
            self._note("start", output=self._lifecycle.outputs)
            self._intermediate_score()
            return self._sandbox

    def work(self, agent: Agent) -> RunRecord:
        """Let the agent work, score what it did, and return the record of it.

        :raises InfrastructureError: where something other than the agent fails; it never becomes a score.
        """
        if self._sandbox is None or self._data is None:
            raise TaskError("ask for the fixture `sandbox`: an attempt needs one", cause="no_sandbox")
        workspace = self._workspace(self._sandbox, self._data)
        self._bench.status.meter(lambda: workspace.usage)
        with self._timed("agent"):
            self.agent_began = True
            try:
                outcome = run_agent(agent, workspace)
            finally:
                # Also where the infrastructure failed: what was paid for by then is on record.
                self._so_far = replace(self._so_far, usage=workspace.usage, observed=workspace.observed)
        # From here on what the agent did is kept, also where scoring fails.
        submission, notes = keep_submission(self._bench.session_dir, self._name, outcome.submission)
        self._so_far = replace(
            self._so_far,
            submission=submission,
            notes=notes,
            limit_hit=outcome.limit,
            failure=outcome.failure,
        )
        with self._timed("scoring"):
            record = self._judge(self._sandbox, outcome)
        return self._completed(record)

    def close(self) -> None:
        """Tear the task down and destroy the sandbox, whatever happened. May be called more than once.

        :raises TaskError: where the task's own ``teardown`` failed; it is noted in the journal.
        """
        try:
            if self._lifecycle is not None:
                self._lifecycle.teardown(at_most=_HURRY if self._bench.interrupted else math.inf)
        except InfrastructureError as error:
            self._note("teardown_error", message=str(error), evidence=error.evidence)
            line = {"run_id": self._planned.run_id, "message": str(error)}
            self._bench.journal.append("teardown_error", self._bench.redactor.json(line))
            raise
        finally:
            self._lifecycle = None
            if self._sandbox is not None:
                self._sandbox.close()
            if self._transcript is not None:
                self._transcript.close()

    # Records of tries without a result

    def failed(self, error: InfrastructureError) -> RunRecord:
        """Return the record of a try in which something other than the agent failed."""
        failure = Failure(kind="infrastructure", cause=error.cause, message=str(error), evidence=error.evidence)
        if error.cause != "transcript":
            self._note("error", cause=error.cause, message=str(error), evidence=error.evidence)
        record = self._without_result("infra_error", failure)
        return replace(record, sandbox=self._sandbox.info if self._sandbox is not None else None)

    def not_run(self, failure: Failure) -> RunRecord:
        """Return the record of a try that was not made, or not to its end."""
        return self._without_result("not_run", failure)

    def _without_result(self, status: RunStatus, failure: Failure) -> RunRecord:
        usage = replace(self._so_far.usage, seconds=self._clock.seconds)
        return self._completed(replace(self._so_far, status=status, failure=failure, usage=usage))

    def _completed(self, record: RunRecord) -> RunRecord:
        return replace(
            record,
            intermediate_scores=self._lifecycle.score_log if self._lifecycle is not None else (),
            transcript=transcript_of(self._name) if self._transcript is not None else None,
            canary_found=self._transcript.canary_found if self._transcript is not None else None,
            completed_at=now(),
            durations=dict(self._durations),
        )

    # The steps of an attempt

    def _workspace(self, sandbox: Sandbox, data: TaskData) -> LimitedWorkspace:
        assert self._transcript is not None
        solution = Path(self._planned.task.family_dir) / SOLUTION
        return LimitedWorkspace(
            sandbox=sandbox,
            transcript=self._transcript,
            clock=self._clock,
            limits=self._limits,
            task_id=self._planned.task.id,
            instructions=data.instructions,
            score=self._visible_score if data.has_intermediate_score else None,
            solution=solution if solution.is_dir() else None,
            shared_dir=self._bench.shared_dir,
            look_on=self._bench.status.event,
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
        task = self._planned.task
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

    def _open_transcript(self) -> None:
        folder = self._bench.session_dir
        # What an earlier try has left, of a process that was killed too, is evidence and stays as it is.
        _, self._name = names_of(folder, self._planned.run_id)
        path = folder / transcript_of(self._name)
        self._transcript = Transcript(path, self._bench.redactor, canary=self._planned.task.canary)

    def _note(self, kind: str, **data: Any) -> None:
        if self._transcript is not None:
            self._transcript.write(kind, data)

    @contextmanager
    def _timed(self, phase: Literal["setup", "agent", "scoring"]) -> Iterator[None]:
        begin = time.monotonic()
        self._bench.status.phase(phase)
        try:
            yield
        finally:
            self._durations[phase] = round(time.monotonic() - begin, 3)
