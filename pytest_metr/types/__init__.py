"""The data that stages hand to each other: frozen, and JSON on the way out.

Units: seconds for durations, minutes for human time, bytes for sizes. Instants are UTC in ISO 8601 with
milliseconds and a ``Z``.
"""

from pytest_metr.types.machines import DEFAULT_OUTPUT_LIMIT, ExecResult, ProbeResult, SandboxInfo, User
from pytest_metr.types.record import Record, now
from pytest_metr.types.runs import RUN_STATUSES, Failure, LimitHit, RunRecord, RunStatus, ScoreEntry, Usage
from pytest_metr.types.tasks import (
    BRACKETS,
    DEFAULT_SUCCESS_THRESHOLD,
    HUMAN_SOURCES,
    NOT_COPIED,
    SPLITS,
    AgentSpec,
    BrokenFamily,
    Gpu,
    HumanSource,
    LimitName,
    Limits,
    Plan,
    PlannedRun,
    Resources,
    Scoring,
    Split,
    TaskSpec,
    bracket_of,
)

__all__ = [
    "BRACKETS",
    "DEFAULT_OUTPUT_LIMIT",
    "DEFAULT_SUCCESS_THRESHOLD",
    "HUMAN_SOURCES",
    "NOT_COPIED",
    "RUN_STATUSES",
    "SPLITS",
    "AgentSpec",
    "BrokenFamily",
    "ExecResult",
    "Failure",
    "Gpu",
    "HumanSource",
    "LimitHit",
    "LimitName",
    "Limits",
    "Plan",
    "PlannedRun",
    "ProbeResult",
    "Record",
    "Resources",
    "RunRecord",
    "RunStatus",
    "SandboxInfo",
    "ScoreEntry",
    "Scoring",
    "Split",
    "TaskSpec",
    "Usage",
    "User",
    "bracket_of",
    "now",
]
