"""Numbers about agents, each with what is needed to defend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pytest_metr.types.protocols import EvaluationProtocol
from pytest_metr.types.record import Record

#: Where a stage stands in the order of a session: its round (0 for the first runs) and its bracket (0 for all).
StageKey = tuple[int, int]
THE_START: StageKey = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval(Record):
    """A range of a number; an end can be infinite."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Record):
    """A number and how well it is known.

    :param value: None where there is none; *problem* then says why. Infinite where it exceeds every task.
    :param interval: as METR computes it: quantiles over the draws in which the number exists.
    :param bounds: what a gate goes by: never narrower than *interval*. Draws in which a horizon does not exist
        lie beyond the ends, and runs that are all alike have the exact binomial interval over families.
    :param problem: ``no_runs``, ``no_human_minutes``, ``all_failures``, ``all_successes`` or ``not_falling``.
    :param left_out: how many draws of the bootstrap are not in *interval*.
    """

    value: float | None
    interval: Interval | None = None
    bounds: Interval | None = None
    problem: str | None = None
    left_out: int = 0

    @property
    def spread(self) -> bool:
        """Whether the interval says anything: resampling runs that are all alike shows a certainty that nobody has."""
        interval = self.interval
        return interval is not None and interval.low < interval.high and self.problem != "all_failures"


@dataclass(frozen=True, slots=True, kw_only=True)
class BracketResult(Record):
    """One bracket: the weighted mean score of the runs in it, by the weights of the whole."""

    name: str
    tasks: int
    runs: int
    score: Estimate
    success_rate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult(Record):
    """One task of one agent: the points of a picture, and what a comparison is paired by.

    :param runs: the runs that count.
    :param weight: the sum of their weights.
    """

    task_id: str
    family: str
    human_minutes: float | None
    bracket: str | None
    runs: int
    score: float
    success_rate: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonResult(Record):
    """The curve P(success) = sigmoid(a + b * log2(human minutes)) and where it crosses.

    :param intercept: a; None without a curve.
    :param slope: b; minus infinity for all failures.
    :param at: by percent (``"50"``), the time horizon in human minutes.
    :param problem: see :class:`Estimate`.
    :param warnings: sentences for the reader.
    """

    intercept: float | None
    slope: float | None
    at: dict[str, Estimate] = field(default_factory=dict)
    problem: str | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> HorizonResult:
        """Build the result again."""
        at = {str(percent): Estimate.from_json(estimate) for percent, estimate in data["at"].items()}
        return cls(
            intercept=_number(data["intercept"]),
            slope=_number(data["slope"]),
            at=at,
            problem=data.get("problem"),
            warnings=tuple(data.get("warnings", ())),
        )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult(Record):
    """One check of the protocol.

    :param figure: what was measured; None where nothing could be.
    :param verdict: ``unknown`` where the records cannot answer, which never counts as passed.
    :param sentence: what was found, for a person.
    """

    name: str
    figure: float | None
    bound: float | None
    verdict: Literal["passed", "failed", "unknown"]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResult(Record):
    """Everything that a protocol says of one agent.

    :param runs: the runs that count: those with a score, and those that staging left out, as zeros.
    :param zeros_by_rule: how many of them staging left out.
    :param missing: runs without a score that should have one; they are in no number here.
    :param success_rate: the overall score of successes (1) and failures (0).
    :param floor: the overall score where each missing run counts 0: runs lost to the infrastructure may be lost for a
        reason that has to do with the agent. Equal to the overall score where none is missing.
    """

    agent: str
    runs: int
    tasks: int
    families: int
    zeros_by_rule: int
    missing: int
    overall_score: Estimate
    success_rate: Estimate
    horizon: HorizonResult
    brackets: tuple[BracketResult, ...] = ()
    floor: float | None = None
    task_results: tuple[TaskResult, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult(Record):
    """What a protocol says of several agents, side by side.

    :param sources: the files and folders that the runs were read from.
    """

    protocol: EvaluationProtocol
    agents: tuple[AgentResult, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Record):
    """What a protocol decided about one stage of a live session for one agent.

    :param stage: 0-based place in the order of the session.
    :param round: the run number that the stage makes; None where it makes all.
    :param bracket: the bracket that the stage is about; None for all of them.
    :param rule: ``start``, ``staging``, ``rounds`` or ``stopped``.
    :param figure: what was compared with *bound*; None where nothing was.
    """

    agent: str
    stage: int
    round: int | None
    bracket: str | None
    opened: bool
    rule: str
    sentence: str
    figure: float | None = None
    bound: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult(Record):
    """One rule of a gate, applied to one agent.

    :param estimate: the number as it was judged, so with every missing run counted in the worst way.
    :param judged: its bounds with the margin added, which the threshold was compared with.
    """

    name: str
    agent: str
    metric: str
    must_stay: Literal["below", "above"]
    threshold: float
    margin: float
    estimate: Estimate
    judged: Interval | None
    verdict: Literal["passed", "failed", "inconclusive"]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Record):
    """What a gate says: passed (exit status 0), failed (1) or inconclusive (20).

    :param reasons: why it is not passed, most important first; empty where it is.
    """

    verdict: Literal["passed", "failed", "inconclusive"]
    sentence: str
    gate: str
    rules: tuple[RuleResult, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """The exit status of a session or command with this verdict."""
        return {"passed": 0, "failed": 1, "inconclusive": 20}[self.verdict]
