"""What people found when they read runs, and what that makes of the numbers.

Source: METR's guidelines for capability elicitation v0.1 (failures that are real, spurious, or the price of something
else), and its example protocol (what to make of the elicitation gap).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from pytest_metr.types.record import Record
from pytest_metr.types.results import BracketResult, Estimate, HorizonResult

#: What a reader says of a run. ``real``: its score shows what the agent can do, be it a success or a failure;
#: ``spurious``: a failure that a little more work on the agent or the task would have made none; ``tradeoff``: a
#: failure that could be mended only at the price of others; ``success_doubtful``: a success that may be none.
LabelName = Literal["real", "spurious", "tradeoff", "success_doubtful"]
LABELS: tuple[LabelName, ...] = get_args(LabelName)
#: The labels that a run that failed can have, and those of one that succeeded.
LABELS_OF_FAILURES: tuple[LabelName, ...] = ("real", "spurious", "tradeoff")
LABELS_OF_SUCCESSES: tuple[LabelName, ...] = ("real", "success_doubtful")

#: Why a run went as it did: the name in a label -> what it means.
CATEGORIES = MappingProxyType(
    {
        "refusal": "the model, or its maker, declined to do the task",
        "tool_or_format": "a tool failed, or the agent could not say what it wanted in the form that was asked for",
        "task_bug": "the task is wrong, unclear, or scored wrongly",
        "environment": "the sandbox, the network or another part of the environment failed",
        "gave_up_early": "the agent stopped although it could have gone on",
        "misread": "the agent did something else than the instructions say",
        "lost_context": "the agent forgot what it had been told or had found out",
        "other": "anything else; the note says what",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(Record):
    """One reader's word on one run. A later one of the same reader takes the place of an earlier one.

    :param label: None takes back what the reader said before.
    :param reviewer: who says it.
    :param at: when: UTC, ISO 8601 with milliseconds and ``Z``.
    :param settles: whether it settles a disagreement: the last label that does stands above all others of its run.
    :param score: the score that the run had when it was read; a label of a run that has been scored anew since counts
        no more.
    :param source: where it was given, ``review`` for the terminal program, else what an import says.
    """

    run_id: str
    label: LabelName | None
    category: str | None = None
    note: str = ""
    reviewer: str
    at: str
    settles: bool = False
    score: float | None = None
    source: str = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Record):
    """Runs that were drawn at random to be read, so that what is found in them speaks for those that were not.

    :param agent: the agent whose runs they are.
    :param population: which of its runs they were drawn from: ``failed`` or ``passed``.
    :param of: how many runs that were.
    :param runs: ids in the order in which they were drawn: any beginning of it is a random sample as well.
    :param seed: of the draw.
    """

    agent: str
    population: Literal["failed", "passed"]
    of: int
    runs: tuple[str, ...]
    seed: int
    reviewer: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Record):
    """What all readers together say of one run.

    :param label: what stands: what settles it, else what all readers say; None where they disagree.
    :param labels: each reader's last word, by reader.
    :param categories: how many readers named each category.
    """

    run_id: str
    label: LabelName | None
    labels: dict[str, LabelName] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    settled: bool = False

    @property
    def disputed(self) -> bool:
        """Whether the readers disagree, and nobody has settled it."""
        return self.label is None and bool(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Record):
    """How far two readers agree on the runs that both have read.

    :param reviewers: the two.
    :param runs: how many runs both have read.
    :param agreed: on how many of them they gave the same label.
    :param kappa: Cohen's kappa; None where there is none: no run that both read, or one and the same label throughout.
    """

    reviewers: tuple[str, ...]
    runs: int
    agreed: int
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRuns(Record):
    """How many runs of one bracket were read, and what was found.

    :param bracket: None for runs of no bracket.
    :param failures: runs that count and failed.
    :param read: of those, the ones that somebody has read.
    :param disputed: of those read, the ones whose readers disagree.
    :param sampled: of those read, the ones that were drawn at random.
    :param spurious: of those read, the spurious ones; none of them is disputed.
    :param sampled_spurious: of these, the spurious ones.
    :param tradeoff: of those read, the tradeoffs.
    :param successes: runs that count and succeeded.
    :param successes_read: of those, the ones that somebody has read.
    :param doubtful: of those read, the doubtful ones.
    """

    bracket: str | None
    failures: int = 0
    read: int = 0
    disputed: int = 0
    sampled: int = 0
    spurious: int = 0
    sampled_spurious: int = 0
    tradeoff: int = 0
    successes: int = 0
    successes_read: int = 0
    doubtful: int = 0


#: The numbers with and without what was not the model, in the order in which they are shown.
Correction = Literal["as_measured", "without_spurious", "upper_bound", "without_doubtful"]
CORRECTIONS: tuple[Correction, ...] = get_args(Correction)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedResult(Record):
    """An agent's numbers, corrected.

    Estimates have bounds alone, and no interval, where the bootstrap would show too little of what is uncertain: where
    the measured ones have no spread, or all runs of a random sample that others are inferred from are alike.

    :param name: ``as_measured``; ``without_spurious``: spurious failures left out; ``upper_bound``: spurious and
        disputed failures counted as successes; ``without_doubtful``: doubtful successes counted as failures.
    :param changed: how many runs it leaves out or counts otherwise; where only a sample was read, what that comes to.
    :param inferred: how many of these nobody has read: they are inferred from a random sample.
    """

    name: Correction
    changed: float
    inferred: float
    overall_score: Estimate
    success_rate: Estimate
    horizon: HorizonResult
    brackets: tuple[BracketResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidedRuns(Record):
    """Failures of an agent that were run again with a declared fix. They are in no other number.

    :param fix: ``hint``, ``prompt`` or ``task``.
    :param why: what was declared.
    :param runs: how many such runs have a score.
    :param successes: how many of them succeeded.
    """

    fix: str
    why: str
    tasks: tuple[str, ...]
    runs: int
    successes: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Elicitation(Record):
    """What reading the runs of one agent makes of its numbers.

    :param read: by bracket, in the protocol's order.
    :param inferred: whether unread failures are inferred from a random sample.
    :param corrected: in the order of :data:`CORRECTIONS`.
    """

    agent: str
    read: tuple[ReadRuns, ...]
    inferred: bool
    corrected: tuple[CorrectedResult, ...]
    categories: dict[str, int] = field(default_factory=dict)
    guided: tuple[GuidedRuns, ...] = ()
    warnings: tuple[str, ...] = ()

    def result(self, name: Correction) -> CorrectedResult | None:
        """Return one of the numbers."""
        return next((result for result in self.corrected if result.name == name), None)
