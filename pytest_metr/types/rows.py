"""One run as the arithmetic sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_metr.types.names import RunStatus
from pytest_metr.types.record import Record

if TYPE_CHECKING:  # METR's files hold none
    from pytest_metr.types.runs import RunRecord

#: The causes of runs that a protocol's own rule left out.
BY_STAGING = "staging"
BY_ROUNDS = "rounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow(Record):
    """One run as the protocol's arithmetic sees it, wherever it was recorded.

    :param score: None where the run has none; then *success* is None as well.
    :param success: whether the score is above the task's threshold, as the run's own record has it.
    :param cause: of a run without a score of its own: why (``staging``, ``sandbox``, ``wall_seconds``, ...).
    :param agent_kind: for example ``oracle`` and ``noop``, the controls of a suite; None where nobody knows.
    :param canary_found: whether the task's canary was found in what the agent did; None where nobody looked.
    :param agent_frozen: whether the agent was frozen, as it was, before the run; None where nobody knows, or where that
        means nothing.
    :param observed: how often something was seen in what the agent did, see :attr:`RunRecord.observed`; None where
        nobody looked.
    :param actions: what the agent did in the sandbox, likewise.
    :param weight: the weight that was recorded with the run; None where there is none.
    :param place: where the row was read, for example ``runs.jsonl:17``.
    """

    run_id: str
    agent: str
    task_id: str
    family: str
    status: RunStatus
    score: float | None
    success: bool | None
    human_minutes: float | None
    run: int | None = None
    split: str | None = None
    cause: str | None = None
    agent_kind: str | None = None
    agent_identity: str | None = None
    task_version: str | None = None
    family_hash: str | None = None
    image: str | None = None
    limit: str | None = None
    canary_found: bool | None = None
    agent_frozen: bool | None = None
    observed: dict[str, int] | None = None
    actions: int | None = None
    weight: float | None = None
    place: str | None = None

    @property
    def has_score(self) -> bool:
        """Whether the run was scored."""
        return self.score is not None

    @property
    def zero_by_rule(self) -> bool:
        """Whether the run was left out by staging, and so counts as a failure with score 0."""
        return self.status == "not_run" and self.cause == BY_STAGING

    @property
    def not_asked_for(self) -> bool:
        """Whether the run was left out because the rounds before it had decided, and so is not missed."""
        return self.status == "not_run" and self.cause == BY_ROUNDS

    @property
    def missing(self) -> bool:
        """Whether a score is missing that there should be."""
        return not (self.has_score or self.zero_by_rule or self.not_asked_for)

    @classmethod
    def of(
        cls,
        record: RunRecord,
        *,
        agent_kind: str | None = None,
        weight: float | None = None,
        place: str | None = None,
    ) -> RunRow:
        """Return the row of a run record."""
        scored = record.status in ("scored", "limit", "agent_error") and record.score is not None
        return cls(
            run_id=record.run_id,
            agent=record.agent,
            task_id=record.task_id,
            family=record.family,
            status=record.status,
            score=record.score if scored else None,
            success=record.success if scored else None,
            human_minutes=record.human_minutes,
            run=record.run,
            split=record.split,
            cause=record.failure.cause if record.failure is not None else None,
            agent_kind=agent_kind,
            agent_identity=record.agent_identity,
            task_version=record.task_version,
            family_hash=record.family_hash,
            image=record.sandbox.image if record.sandbox is not None else None,
            limit=record.limit_hit.name if record.limit_hit is not None else None,
            canary_found=record.canary_found,
            agent_frozen=record.agent_frozen,
            observed=record.observed,
            actions=record.usage.actions,
            weight=weight,
            place=place,
        )
