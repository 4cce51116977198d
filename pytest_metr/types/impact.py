"""What each step of elicitation was worth: several agents in order, on the tasks that all of them have runs of.

Source: METR's guidelines for capability elicitation v0.1 (what post-training and scaffolding added, in points and as a
ratio of time horizons), and its example protocol (the safety margin stands for what may yet be added).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pytest_metr.types.comparison import Change
from pytest_metr.types.protocols import EvaluationProtocol
from pytest_metr.types.record import Record

#: Where a margin is taken from a gain: at the upper end of its bounds, which a gate goes by, at that of its interval,
#: which can be narrower, or at the estimate itself.
MarginEnd = Literal["bounds", "interval", "estimate"]
MARGIN_ENDS: tuple[MarginEnd, ...] = get_args(MarginEnd)
#: Why a task is not compared: steps that have no run of it, or none that counts, or runs of other versions of it.
NotComparedReason = Literal["no_runs", "no_score", "other_versions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOf(Record):
    """How one run was chosen of each *n* runs of another step, by what the agent could see of its own scores.

    :param step: the name of the other step.
    :param groups: how many runs were chosen, each of a group of *n*.
    :param by_log: of these, those whose score log alone ends highest.
    :param tied: of these, those whose logs end as high as another's: the first of them was taken.
    :param without_log: of these, those of groups in which no run has a valid score in its log: the first was taken.
    :param left_over: runs of groups that did not come to *n*; they are in no number.
    """

    step: str
    n: int
    groups: int
    by_log: int
    tied: int
    without_log: int
    left_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePerRun(Record):
    """What one run used on average; what a run of a best of n used is what all n used.

    :param seconds: the agent's time.
    :param tokens: None where one of the runs has no count.
    :param cost: US dollars, likewise.
    """

    seconds: float
    tokens: float | None
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactStep(Record):
    """One step: an agent, and its runs.

    :param runs: of the compared tasks, the runs that count.
    :param zeros_by_rule: how many of them staging left out.
    :param missing: runs without a score that should have one, of any task that the protocol counts; in no number.
    :param best_of: how the runs were chosen; None for an agent's own.
    :param usage: of the compared tasks; None where the sources do not tell.
    """

    name: str
    agent: str
    runs: int
    zeros_by_rule: int
    missing: int
    best_of: BestOf | None = None
    usage: UsagePerRun | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain(Record):
    """What has changed from one step to another, with the two drawn on the same tasks in every draw.

    :param before: the name of the one step.
    :param after: the name of the other.
    :param changes: as in :class:`~pytest_metr.types.Comparison`.
    """

    before: str
    after: str
    changes: tuple[Change, ...]

    def change(self, metric: str) -> Change | None:
        """Return what has become of a metric; None where there is none of that name."""
        return next((change for change in self.changes if change.metric == metric), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCompared(Record):
    """A task that is not compared.

    :param steps: the names of the steps that it is for; empty for versions, which differ between steps.
    """

    task_id: str
    reason: NotComparedReason
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedMargin(Record):
    """The safety margin that the gains suggest for the rules of a gate about one metric.

    :param margin: as a gate file has it, rounded up: ``24.2 points`` for scores, a factor such as ``1.53`` for time
        horizons; None where there is none.
    :param end: what it is rounded up from, never below no gain: a share of 1 for scores, a factor for time horizons;
        None where a gain does not exist, infinite where its end is.
    :param before: the step that the gain with the highest end begins at; None where a gain does not exist.
    :param after: the step that it ends at.
    :param remarks: what to know before it is used, as sentences.
    """

    metric: str
    kind: Literal["score", "horizon"]
    margin: str | None
    end: float | None
    before: str | None
    after: str | None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact(Record):
    """What each step of elicitation was worth.

    :param tasks: how many tasks are compared; all numbers are about these alone.
    :param steps: in the order of the study.
    :param gains: each step but the first against the one before it.
    :param from_first: the same steps, each against the first.
    :param margin_from: the step that the gains of the margins are counted from; None where each is counted from the
        step before it.
    :param margin_end: where the margins are taken from the gains.
    :param margins: in the order of the metrics.
    :param not_compared: sorted by id.
    :param same_versions_only: whether tasks of different versions were left out.
    :param warnings: sentences for the reader.
    """

    study: str
    protocol: EvaluationProtocol
    tasks: int
    families: int
    steps: tuple[ImpactStep, ...]
    gains: tuple[Gain, ...]
    from_first: tuple[Gain, ...]
    margin_from: str | None
    margin_end: MarginEnd
    margins: tuple[SuggestedMargin, ...]
    not_compared: tuple[NotCompared, ...] = ()
    same_versions_only: bool = True
    warnings: tuple[str, ...] = ()
