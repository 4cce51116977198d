"""The data that stages hand to each other: frozen, and JSON on the way out.

Units: seconds for durations, minutes for human time, bytes for sizes. Instants are UTC in ISO 8601 with
milliseconds and a ``Z``.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Json = Union[None, bool, int, float, str, list["Json"], dict[str, "Json"]]

User = Literal["root", "agent"]
LimitName = Literal["wall_seconds"]
HumanSource = Literal["baseline", "qa", "estimate"]
Split = Literal["dev", "test"]
#: What became of a run. Only ``scored`` and ``limit`` and ``agent_error`` carry a score.
RunStatus = Literal["scored", "needs_score", "limit", "agent_error", "infra_error", "not_run"]

HUMAN_SOURCES: tuple[str, ...] = get_args(HumanSource)
SPLITS: tuple[str, ...] = get_args(Split)
RUN_STATUSES: tuple[str, ...] = get_args(RunStatus)

#: METR counts a run as a success when its score is strictly above this (time-horizon analysis, 2025).
DEFAULT_SUCCESS_THRESHOLD = 0.9
#: How many bytes of each output stream are kept of one command; the middle of more is dropped.
DEFAULT_OUTPUT_LIMIT = 256 * 1024

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

#: Entries of a family's top level that no sandbox gets: reference solutions, history, and what tools leave there.
NOT_COPIED: tuple[str, ...] = (
    "solution",
    ".git",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    "metr-runs",
)


def bracket_of(human_minutes: float | None) -> str | None:
    """Return the name of the bracket that *human_minutes* falls in, or None where they are not known."""
    if human_minutes is None:
        return None
    return next(name for name, upper in BRACKETS if human_minutes <= upper)


_T = TypeVar("_T", bound="Record")


class Record:
    """Mixin of the frozen dataclasses that cross a process: JSON out, JSON in, nothing lost."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; NaN and the infinities become the strings ``NaN``, ``Infinity``, ``-Infinity``."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_json(cls: type[_T], data: Mapping[str, Any]) -> _T:
        """Build the record again; keys that this version does not know are ignored.

        :raises KeyError: where a field without a default is missing.
        """
        hints = get_type_hints(cls)
        known = {}
        for f in dataclasses.fields(cls):  # type: ignore[arg-type]
            if f.name in data:
                known[f.name] = _typed(data[f.name], hints[f.name])
            elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
                raise KeyError(f"{cls.__name__}.{f.name}")
        return cls(**known)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_json()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _typed(value: Any, hint: Any) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if value is None:
        return None
    if isinstance(hint, type) and issubclass(hint, Record):
        return hint.from_json(value)
    if origin is tuple:
        return tuple(_typed(v, args[0]) for v in value)
    if hint is float:
        return float(value)
    if args and origin is not Literal and type(None) in args:
        return _typed(value, next(a for a in args if a is not type(None)))
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu(Record):
    """A request for GPUs as a manifest states it."""

    count_min: int
    count_max: int | None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources(Record):
    """What a task asks of its machine; None where it asks nothing."""

    cpus: float | None = None
    memory_gb: float | None = None
    storage_gb: float | None = None
    gpu: Gpu | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring(Record):
    """The ``scoring`` section of a task in a manifest, with the Task Standard's defaults."""

    visible_to_agent: bool = True
    score_on_usage_limits: bool = False
    instructions: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec(Record):
    """One task, as far as it is known without running anything of it.

    :param family: name of the family, which is the name of its folder.
    :param family_dir: the folder, absolute.
    :param family_hash: SHA-256 over everything that is copied into a sandbox.
    :param needs: what the task cannot do without, by name (``two_users``, ``apt``, ``hard_memory_limit`` ...).
    :param internet: whether the manifest says that the task has the internet; None where it does not say.
    """

    family: str
    name: str
    family_dir: str
    family_hash: str
    version: str | None = None
    human_minutes: float | None = None
    human_source: HumanSource | None = None
    domains: tuple[str, ...] = ()
    expertise: Any = None
    split: Split | None = None
    quality: Any = None
    success_threshold: float = DEFAULT_SUCCESS_THRESHOLD
    canary: str | None = None
    needs: tuple[str, ...] = ()
    internet: bool | None = None
    manual_score: bool = False
    resources: Resources = field(default_factory=Resources)
    scoring: Scoring = field(default_factory=Scoring)

    @property
    def id(self) -> str:
        """METR's task id, ``family/task``."""
        return f"{self.family}/{self.name}"

    @property
    def bracket(self) -> str | None:
        """The bracket of the human minutes, or None where those are not known."""
        return bracket_of(self.human_minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Record):
    """What an agent may use in one run; None is no limit."""

    wall_seconds: float | None = None

    def tightest(self, other: Limits) -> Limits:
        """Return the limits that keep both."""
        values = [v for v in (self.wall_seconds, other.wall_seconds) if v is not None]
        return Limits(wall_seconds=min(values, default=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpec(Record):
    """An agent file after reading: what it is, and its identity.

    :param settings: the settings of the kind, checked and complete.
    :param identity: SHA-256 over all that can change what the agent does (settings and the code it brings).
    """

    name: str
    kind: str
    file: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    model: str | None = None
    scaffold: str | None = None
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun(Record):
    """One attempt that is to be made: a task, an agent and a 1-based number.

    :param run_id: unique in the session and safe as a file name.
    """

    run_id: str
    nodeid: str
    task: TaskSpec
    run: int
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenFamily(Record):
    """A family that could not be read, so that none of its tasks was planned."""

    folder: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Record):
    """What a session is going to do, as each collecting process finds it (the same in all of them)."""

    runs: tuple[PlannedRun, ...] = ()
    broken: tuple[BrokenFamily, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecResult:
    """What a command in a sandbox left behind. A command that fails is a result, not an error.

    :param exit_code: the exit status; minus the signal's number when a signal ended it; None after a timeout.
    :param stdout: at most the output limit, the middle dropped and the cut said.
    """

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    timed_out: bool = False
    stdout_dropped: int = 0
    stderr_dropped: int = 0
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the command ended with status 0."""
        return self.exit_code == 0

    @property
    def out(self) -> str:
        """Standard output as text; bytes that are not UTF-8 are shown as U+FFFD."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def err(self) -> str:
        """Standard error as text; bytes that are not UTF-8 are shown as U+FFFD."""
        return self.stderr.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxInfo(Record):
    """What a sandbox is made of, for the record: provider, versions, image."""

    provider: str
    image: str
    versions: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult(Record):
    """Whether a provider works on this machine, and what to do where it does not."""

    provider: str
    works: bool
    detail: str
    remedy: str | None = None


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
class Usage(Record):
    """What the agent used: working seconds (scoring is not the agent's time), actions, tokens, cost in USD."""

    seconds: float = 0.0
    actions: int = 0
    tokens: int | None = None
    cost: float | None = None


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
class RunRecord(Record):
    """Everything about one run that a number may later depend on.

    :param score: None unless the status is ``scored``, ``limit`` or ``agent_error``.
    :param scoring_output: what the task printed while scoring (``stdout``, ``stderr``, ``exit_code``).
    :param durations: seconds by phase: ``setup``, ``agent``, ``scoring``.
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
    started_at: str = ""
    completed_at: str = ""
    durations: dict[str, float] = field(default_factory=dict)

    @property
    def success(self) -> bool | None:
        """METR's binarised score: strictly above the threshold; None where there is no score."""
        return None if self.score is None else self.score > self.success_threshold
