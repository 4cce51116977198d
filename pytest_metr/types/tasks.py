"""What is to be done: tasks, agents, the runs of a plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pytest_metr.types.names import (
    CONTROL_AGENTS,
    DEFAULT_SUCCESS_THRESHOLD,
    LIMIT_NAMES,
    ControlKind,
    Fix,
    HumanSource,
    Split,
    bracket_of,
)
from pytest_metr.types.record import Record

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
class Limits(Record):
    """What an agent may use in one run; None is no limit.

    :param wall_seconds: the agent's time, waiting for models included; setting up and scoring are not the agent's.
    :param working_seconds: the same without the time in which it waits for a model.
    :param tokens: what goes into models and comes out of them, added up over all calls, cached ones too.
    :param cost: US dollars, by the price table of the agent's file.
    :param actions: what it does in the sandbox: commands, files, scores.
    """

    wall_seconds: float | None = None
    working_seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None
    actions: int | None = None

    def tightest(self, *others: Limits) -> Limits:
        """Return the limits that keep all of them."""
        return Limits(**{name: _least(getattr(each, name) for each in (self, *others)) for name in LIMIT_NAMES})


def _least(values: Iterable[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec(Record):
    """One task, as far as it is known without running anything of it.

    :param family: name of the family, which is the name of its folder.
    :param family_dir: the folder, absolute.
    :param family_hash: SHA-256 over everything that is copied into a sandbox.
    :param needs: what the task cannot do without, by name (``two_users``, ``apt``, ``hard_memory_limit`` ...).
    :param end_agent_processes: whether what the agent left running is killed before the task is scored.
    :param internet: whether the manifest says that the task has the internet; None where it does not say.
    :param limits: what an agent may use on this task, whichever agent it is.
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
    end_agent_processes: bool = False
    resources: Resources = field(default_factory=Resources)
    scoring: Scoring = field(default_factory=Scoring)
    limits: Limits = field(default_factory=Limits)

    @property
    def id(self) -> str:
        """METR's task id, ``family/task``."""
        return f"{self.family}/{self.name}"

    @property
    def bracket(self) -> str | None:
        """The bracket of the human minutes, or None where those are not known."""
        return bracket_of(self.human_minutes)


#: The kinds of agents that nobody elicits, so that freezing them means nothing: the controls of a suite, and people.
NEVER_FROZEN = (*CONTROL_AGENTS, "control", "human", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(Record):
    """Somebody's word that an agent is elicited as far as it will be, and is not changed from here on.

    :param identity: the agent's at that moment.
    :param at: when: UTC, ISO 8601 with milliseconds and ``Z``.
    :param by: who.
    :param overrides: what stood in the place of what the agent's file says, by option.
    """

    agent: str
    identity: str
    at: str
    by: str
    note: str = ""
    overrides: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpec(Record):
    """An agent file after reading: what it is, and its identity.

    :param settings: the settings of the kind, checked and complete.
    :param limits: what it may use on any task.
    :param bracket_limits: what it may use besides on the tasks of a bracket, by the bracket's name.
    :param model: ``provider/name`` where the plugin talks to the model, else how reports are to name it.
    :param overrides: what the command line has put in the place of what the file says, by option.
    :param identity: SHA-256 over all that can change what the agent does (settings and the code it brings).
    :param freeze: the last time that an agent of this name was frozen, be it as it is now or not; None for never.
    """

    name: str
    kind: str
    file: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    bracket_limits: dict[str, Limits] = field(default_factory=dict)
    model: str | None = None
    scaffold: str | None = None
    overrides: dict[str, str] = field(default_factory=dict)
    identity: str = ""
    freeze: Freeze | None = None

    @property
    def frozen(self) -> bool | None:
        """Whether it was frozen, and is what it was then; None for a kind that nobody freezes."""
        if self.kind in NEVER_FROZEN:
            return None
        return self.freeze is not None and self.freeze.identity == self.identity

    def limits_for(self, bracket: str | None) -> Limits:
        """Return what it may use on the tasks of a bracket; None for tasks that are in none."""
        return self.limits.tightest(self.bracket_limits.get(bracket or "", Limits()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Record):
    """A wrong or partial attempt at a task, whose score is known beforehand.

    :param kind: what is wrong with it: nothing is done, the answer is plausible but wrong, half of the work is done, or
        the scorer is to be deceived.
    :param lowest: the lowest score that it may get.
    :param highest: the highest.
    """

    name: str
    kind: ControlKind
    lowest: float
    highest: float

    def admits(self, score: float) -> bool:
        """Whether the score is in the range, ends included, give or take the last digits of a float."""
        near = 1e-9
        return self.lowest - near <= score <= self.highest + near

    @property
    def range(self) -> str:
        """The range as it is shown."""
        return f"{self.lowest:g}" if self.lowest == self.highest else f"{self.lowest:g} to {self.highest:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance(Record):
    """A declared fix, with which failures are run again to see what they were worth.

    :param fix: words were added to the instructions (``hint``), the agent was changed (``prompt``), or the task was.
    :param why: what was wrong, and why the fix mends it.
    :param hint: of a hint: what was added to the instructions.
    :param runs: the ids of the failed runs that it is about.
    """

    fix: Fix
    why: str
    hint: str = ""
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun(Record):
    """One attempt that is to be made: a task, an agent and a 1-based number.

    :param run_id: unique in the session and safe as a file name.
    :param own_test: whether a person's own test makes it, which no protocol leaves out.
    :param control: the attempt that is made in the place of an agent's; None for an agent's own.
    :param guidance: the declared fix that it is made with; None for an unguided run.
    """

    run_id: str
    nodeid: str
    task: TaskSpec
    run: int
    agent: str | None = None
    own_test: bool = False
    control: Control | None = None
    guidance: Guidance | None = None


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
