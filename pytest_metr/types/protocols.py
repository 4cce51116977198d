"""An evaluation protocol as it was read: every choice that a number depends on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pytest_metr.types.names import Split
from pytest_metr.types.record import Record

#: The protocol's name for weights that were recorded with the runs, because a hook made them.
RECORDED_WEIGHTS = "recorded"


#: The forms that a metric's name can have, for messages where no protocol says which there are.
METRIC_FORMS = ("overall_score", "success_rate", "time_horizon_p<percent>", "bracket/<name>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket(Record):
    """A named range of human minutes; it begins where the one before it ends.

    :param upper: its upper end in human minutes; infinite for the last one that takes all above.
    :param inclusive: whether a task of exactly *upper* minutes is in it (``up_to``) or not (``below``).
    """

    name: str
    upper: float
    inclusive: bool = True

    def ends_above(self, minutes: float) -> bool:
        """Whether a task of that many human minutes lies below the bracket's upper end."""
        return minutes <= self.upper if self.inclusive else minutes < self.upper


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsRule(Record):
    """How often each task is run.

    :param first: runs of every task before anything is decided; all of them where not *adaptive*.
    :param adaptive: whether rounds of one more run of each task follow while the interval holds a gate's threshold.
    :param most: runs of every task at which the budget is spent; never fewer than *first*.
    """

    first: int = 1
    adaptive: bool = False
    most: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRule(Record):
    """A check that the protocol asks for.

    :param bound: what the figure is compared with; None for a check that holds or does not.
    """

    name: str
    bound: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationProtocol(Record):
    """A protocol file after reading.

    :param file: where it was read from; None for one that the package ships.
    :param sha256: over all that it says, so that two results of the same protocol can be told from others.
    :param split: the tasks that count: those of this split and those of none; None for all.
    :param lowest: human minutes below which a task is in no bracket (0 for none).
    :param brackets: rising.
    :param weighting: the name of a weighting, or :data:`RECORDED_WEIGHTS`.
    :param success_threshold: a run is a success above it; None for what each run's own record says.
    :param fractional: whether the horizon is fitted to scores as fractions of success instead of to successes.
    :param regularization: the factor of the L2 penalty on the slope, per total weight 1.
    :param percents: the chances of success, in percent, whose time horizons are reported.
    :param confidence: of every interval, between 0 and 1.
    :param draws: of the bootstrap.
    :param seed: of the bootstrap; each agent's own draws follow from it and the agent's name.
    :param staging_above: the score that a bracket must exceed for the next one to be run; None for no staging.
    """

    name: str
    version: str
    source: str = ""
    file: str | None = None
    sha256: str = ""
    split: Split | None = None
    lowest: float = 0.0
    brackets: tuple[Bracket, ...] = ()
    weighting: str = "invsqrt_family"
    success_threshold: float | None = None
    fractional: bool = False
    regularization: float = 0.1
    percents: tuple[int, ...] = (50, 80)
    confidence: float = 0.95
    draws: int = 1000
    seed: int = 0
    staging_above: float | None = None
    runs: RunsRule = RunsRule()
    checks: tuple[CheckRule, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the numbers that results of this protocol have, as gates and comparisons call them."""
        horizons = (f"time_horizon_p{percent}" for percent in self.percents)
        return ("overall_score", "success_rate", *horizons, *(f"bracket/{bracket.name}" for bracket in self.brackets))

    def bracket_of(self, human_minutes: float | None) -> str | None:
        """Return the name of the bracket that *human_minutes* fall in, or None where they are in none."""
        if human_minutes is None or not self.lowest <= human_minutes < math.inf:
            return None
        return next((bracket.name for bracket in self.brackets if bracket.ends_above(human_minutes)), None)

    def counts(self, split: str | None) -> bool:
        """Whether tasks of that split (None for a task of no split) count."""
        return self.split is None or split is None or split == self.split
