"""A gate as it was read: what an agent must keep to, and how much must be known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_metr.types import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Record):
    """One threshold that a metric must stay below or above.

    :param metric: ``overall_score``, ``success_rate``, ``time_horizon_p<percent>`` or ``bracket/<name>``.
    :param threshold: human minutes for a time horizon, a share of 1 for everything else.
    :param margin: of a time horizon, the factor that both ends of its interval are multiplied by (1 for none); of
        everything else, the percentage points that are added to both ends (0 for none). Only with ``below``: it
        stands for capability that was not elicited.
    """

    name: str
    metric: str
    must_stay: Literal["below", "above"]
    threshold: float
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Record):
    """A gate file after reading.

    :param file: where it was read from, for messages.
    :param minimum_tasks: so many tasks must count; 1 where *task_patterns* say which.
    :param task_patterns: task ids and globs, each of which a task that counts must match.
    :param minimum_runs: so many runs of each task must have a score.
    :param agents: the agents that it judges; empty for all but the controls of a suite.
    :param checks: the names of the checks that must pass.
    :param confidence: of the judged intervals; None for the protocol's.
    :param minimum_coverage: the share of runs that must count; what is missing below 1 counts in the worst way.
    """

    name: str
    rules: tuple[Rule, ...]
    file: str | None = None
    minimum_tasks: int = 1
    task_patterns: tuple[str, ...] = ()
    minimum_runs: int = 1
    agents: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    confidence: float | None = None
    minimum_coverage: float = 1.0
