"""What came of it: scores, usage, and the record of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pytest_metr.types.machines import SandboxInfo
from pytest_metr.types.names import RunStatus
from pytest_metr.types.record import Record
from pytest_metr.types.tasks import AgentSpec, Control, Guidance, Limits, PlannedRun

#: The statuses of runs that have come to their end: another session does not make them again.
SETTLED: tuple[str, ...] = ("scored", "limit", "agent_error", "needs_score")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreEntry(Record):
    """One intermediate score. A NaN score means that there was no valid score at that moment.

    :param elapsed_seconds: the agent's time when it was asked for, strictly rising within a run.
    """

    score: float
    message: Any = None
    details: Any = None
    scored_at: str
    elapsed_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCounts(Record):
    """The tokens of one call of a model, or of several, as the server counts them.

    :param input: all that went in, the cached ones too.
    :param cached: of those, what was read from a cache.
    :param cache_written: of those, what was written to a cache.
    :param output: all that came out, the reasoning too.
    :param reasoning: of those, what was reasoning.
    """

    input: int = 0
    cached: int = 0
    cache_written: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        """Everything that went in and came out."""
        return self.input + self.output

    def __add__(self, other: TokenCounts) -> TokenCounts:
        return TokenCounts(
            input=self.input + other.input,
            cached=self.cached + other.cached,
            cache_written=self.cache_written + other.cache_written,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsage(Record):
    """What a run used of one model.

    :param model: ``provider/name``.
    :param calls: requests that were answered.
    :param retries: requests that were made again, because the server failed or asked to wait.
    :param uncounted: answered requests for which the server told no counts of tokens, so that theirs are estimates.
    :param cost: US dollars by the price table of the agent's file; None without one.
    """

    model: str
    calls: int = 0
    retries: int = 0
    uncounted: int = 0
    tokens: TokenCounts = field(default_factory=TokenCounts)
    cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage(Record):
    """What the agent used.

    :param seconds: its time; setting up and scoring are not the agent's.
    :param working_seconds: the same without waiting for models.
    :param tokens: over all models; None where the plugin saw no model.
    :param cost: US dollars over all models; None where one of them has no price.
    """

    seconds: float = 0.0
    working_seconds: float = 0.0
    actions: int = 0
    tokens: int | None = None
    cost: float | None = None
    models: tuple[ModelUsage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitHit(Record):
    """The limit that ended a run."""

    name: str
    allowed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure(Record):
    """Why a run has no score of its own, or what went wrong beside it.

    :param kind: ``infrastructure``, ``agent`` or ``not_run``.
    """

    kind: str
    cause: str
    message: str
    evidence: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTry(Record):
    """A try at a run that came to nothing: the infrastructure failed, or whoever made it was stopped.

    :param cause: as in the failure of a run; ``killed`` where the process that made it left nothing but a transcript.
    :param started_at: when it began; empty where that is not known.
    :param completed_at: when it had failed, likewise.
    :param seconds: how long the agent worked; None where that is not known.
    :param transcript: its transcript's path inside the session's folder; None where it has none.
    """

    cause: str
    message: str
    started_at: str = ""
    completed_at: str = ""
    seconds: float | None = None
    transcript: str | None = None

    @classmethod
    def of(cls, record: RunRecord) -> FailedTry:
        """Return what stays of a record without a result."""
        return cls(
            cause=record.failure.cause if record.failure is not None else record.status,
            message=record.failure.message if record.failure is not None else "",
            started_at=record.started_at,
            completed_at=record.completed_at,
            seconds=record.usage.seconds,
            transcript=record.transcript,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord(Record):
    """Everything about one run that a number may later depend on.

    :param score: None unless the status is ``scored``, ``limit`` or ``agent_error``.
    :param scoring_output: what the task printed while scoring (``stdout``, ``stderr``, ``exit_code``).
    :param canary_found: whether the task's canary is in the transcript of what the agent did; None for a task
        without a canary.
    :param durations: seconds by phase: ``setup``, ``agent``, ``scoring``.
    :param observed: how often something was seen in what the agent did that says how far to trust the result, by name,
        for example ``malformed_call``, ``refusal``, ``empty_answer``, ``gave_up``.
    :param failed_tries: the tries before this one that came to nothing, of earlier sessions too, in their order.
    :param control: what was attempted in the place of an agent, and what it must score; None for an agent's own run.
    :param agent_frozen: whether the agent was frozen, as it was, when the session began; None for a kind that nobody
        freezes, and in records of before there was such a thing.
    :param guidance: the declared fix that it was made with; None for an unguided run. A guided run is in no number of
        unguided ones.
    """

    run_id: str
    nodeid: str
    task_id: str
    family: str
    family_hash: str
    task_version: str | None
    run: int
    agent: str
    agent_identity: str
    model: str | None
    scaffold: str | None
    status: RunStatus
    score: float | None
    success_threshold: float
    human_minutes: float | None
    human_source: str | None
    bracket: str | None
    domains: tuple[str, ...] = ()
    split: str | None = None
    submission: str | None = None
    intermediate_scores: tuple[ScoreEntry, ...] = ()
    usage: Usage = field(default_factory=Usage)
    limits: Limits = field(default_factory=Limits)
    limit_hit: LimitHit | None = None
    failure: Failure | None = None
    notes: tuple[str, ...] = ()
    scoring_output: dict[str, str] = field(default_factory=dict)
    sandbox: SandboxInfo | None = None
    transcript: str | None = None
    canary_found: bool | None = None
    started_at: str = ""
    completed_at: str = ""
    durations: dict[str, float] = field(default_factory=dict)
    observed: dict[str, int] = field(default_factory=dict)
    failed_tries: tuple[FailedTry, ...] = ()
    control: Control | None = None
    agent_frozen: bool | None = None
    guidance: Guidance | None = None

    @property
    def own(self) -> bool:
        """Whether it is an agent's own run, without guidance: the only ones that numbers are made of."""
        return self.control is None and self.guidance is None

    @property
    def settled(self) -> bool:
        """Whether the run has come to its end, with a score or for a person to score."""
        return self.status in SETTLED

    @property
    def success(self) -> bool | None:
        """METR's binarised score: strictly above the threshold; None where there is no score."""
        return None if self.score is None else self.score > self.success_threshold

    @property
    def passed(self) -> bool | None:
        """Whether pytest's item passes: a success, or a control with a score in its range; None without a score."""
        if self.control is None or self.score is None:
            return self.success
        return self.control.admits(self.score)

    @classmethod
    def blank(cls, planned: PlannedRun, agent: AgentSpec) -> RunRecord:
        """Return the record of a run that has not taken place: all that is known beforehand."""
        task = planned.task
        return cls(
            run_id=planned.run_id,
            nodeid=planned.nodeid,
            task_id=task.id,
            family=task.family,
            family_hash=task.family_hash,
            task_version=task.version,
            run=planned.run,
            agent=agent.name,
            agent_identity=agent.identity,
            model=agent.model,
            scaffold=agent.scaffold,
            status="not_run",
            score=None,
            success_threshold=task.success_threshold,
            human_minutes=task.human_minutes,
            human_source=task.human_source,
            bracket=task.bracket,
            domains=task.domains,
            split=task.split,
            limits=agent.limits,
            control=planned.control,
            guidance=planned.guidance,
            agent_frozen=agent.frozen,
        )
