"""The names that fields can hold, and the numbers that METR names: what needs no class."""

from __future__ import annotations

import math
from typing import Literal, get_args

HumanSource = Literal["baseline", "qa", "estimate"]
Split = Literal["dev", "test"]
ControlKind = Literal["empty", "wrong", "partial", "gaming"]
Fix = Literal["hint", "prompt", "task"]
LimitName = Literal["wall_seconds", "working_seconds", "tokens", "cost", "actions"]

LIMIT_NAMES: tuple[LimitName, ...] = get_args(LimitName)
HUMAN_SOURCES: tuple[str, ...] = get_args(HumanSource)
SPLITS: tuple[str, ...] = get_args(Split)
CONTROL_KINDS: tuple[str, ...] = get_args(ControlKind)
FIXES: tuple[str, ...] = get_args(Fix)
#: The kinds of agents that are controls of a suite: they show what it is worth, and are not themselves judged.
CONTROL_AGENTS: tuple[str, ...] = ("oracle", "noop")

#: METR counts a run as a success when its score is strictly above this (time-horizon analysis, 2025).
DEFAULT_SUCCESS_THRESHOLD = 0.9
#: (name, upper end in human minutes, inclusive), METR's autonomy evaluation resources v0.1.
BRACKETS: tuple[tuple[str, float], ...] = (
    ("few_minutes", 4),
    ("several_minutes", 15),
    ("under_an_hour", 60),
    ("few_hours", 240),
    ("day_long", 960),
    ("week_long", 4800),
    ("month_long", math.inf),
)

#: What became of a run. Only ``scored`` and ``limit`` and ``agent_error`` carry a score.
RunStatus = Literal["scored", "needs_score", "limit", "agent_error", "infra_error", "not_run"]
RUN_STATUSES: tuple[str, ...] = get_args(RunStatus)


def bracket_of(human_minutes: float | None) -> str | None:
    """Return the name of the bracket that *human_minutes* falls in, or None where they are not known."""
    if human_minutes is None:
        return None
    return next((name for name, upper in BRACKETS if human_minutes <= upper), None)
