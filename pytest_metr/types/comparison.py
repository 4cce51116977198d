"""Two agents side by side: what has changed from one to the other, on the tasks that both were run on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pytest_metr.types.protocols import EvaluationProtocol
from pytest_metr.types.record import Record
from pytest_metr.types.results import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedAgent(Record):
    """One side of a comparison.

    :param runs: the runs of the compared tasks that count: those with a score, and those that staging left out.
    :param zeros_by_rule: how many of them staging left out.
    :param missing: runs without a score that should have one, of any task that the protocol counts; they are in no
        number.
    """

    agent: str
    runs: int
    zeros_by_rule: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Record):
    """What has become of one number. Swapping the two agents negates *difference* and inverts *ratio*.

    The estimates of a change have their problem with the side that has it, for example ``before: all_failures`` or
    ``both: zero``, and count in *left_out* the draws in which the difference, or the ratio, does not exist.

    :param metric: ``overall_score``, ``success_rate``, ``time_horizon_p<percent>`` or ``bracket/<name>``.
    :param tasks: how many of the compared tasks it is of: those of a bracket; for a time horizon those with human
        minutes.
    :param before: the number on the compared tasks alone: a share of 1, or human minutes.
    :param after: likewise.
    :param difference: of scores, after minus before, as a share of 1 (0.05 is 5 percentage points); of time horizons,
        log2(after / before), in doublings.
    :param ratio: after / before.
    :param improved: the share of draws in which *after* is the higher one, draws that cannot tell counted as half;
        None where there are no draws.
    """

    metric: str
    kind: Literal["score", "horizon"]
    tasks: int
    before: Estimate
    after: Estimate
    difference: Estimate
    ratio: Estimate
    improved: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut(Record):
    """Tasks that are not compared, by the reason; sorted ids.

    :param only_before: tasks that *after* has no run of.
    :param only_after: tasks that *before* has no run of.
    :param without_score: tasks that both have runs of, but one of them none that counts.
    :param other_versions: tasks whose version or family hash is not the same on both sides; where the comparison was
        asked to take them for the same, they are named here and compared all the same.
    """

    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()
    without_score: tuple[str, ...] = ()
    other_versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Record):
    """What has changed from one agent to another.

    :param tasks: how many tasks are compared; everything else here is about these alone.
    :param same_versions_only: whether tasks of different versions were left out.
    :param warnings: sentences for the reader.
    """

    before: ComparedAgent
    after: ComparedAgent
    protocol: EvaluationProtocol
    tasks: int
    families: int
    changes: tuple[Change, ...]
    left_out: LeftOut = field(default_factory=LeftOut)
    same_versions_only: bool = True
    warnings: tuple[str, ...] = ()

    def change(self, metric: str) -> Change | None:
        """Return what has become of a metric; None where the comparison has none of that name."""
        return next((change for change in self.changes if change.metric == metric), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Record):
    """A condition on a comparison, for example ``time_horizon_p50 < -20% possibly``.

    :param text: as a person wrote it.
    :param unit: of *number*: ``%`` (relative change), ``points`` (percentage points, of scores alone), ``x`` (after as
        a multiple of before), ``doublings`` (of time horizons alone).
    :param judged_by: ``estimate``; ``surely``, where all of the bounds must satisfy it; ``possibly``, where it is
        enough that some of them do.
    """

    text: str
    metric: str
    operator: Literal["<", "<=", ">", ">="]
    number: float
    unit: Literal["%", "points", "x", "doublings"]
    judged_by: Literal["estimate", "surely", "possibly"] = "estimate"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionResult(Record):
    """What became of a condition.

    :param figure: what was compared with its number, in its unit; None where there is no such number, and then the
        condition holds: what nobody knows passes nothing.
    :param sentence: why it holds or does not, for a person.
    """

    condition: Condition
    holds: bool
    figure: float | None
    sentence: str
