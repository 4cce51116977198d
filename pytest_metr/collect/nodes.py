"""The pytest nodes of a family: its folder, its file, and one item for each attempt."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Protocol

import pytest

from pytest_metr.collect.controls import read_controls
from pytest_metr.collect.family import Family, read_family
from pytest_metr.collect.names import node_name, run_id, tests_name
from pytest_metr.errors import MetrError, TaskError, UsageMistake
from pytest_metr.family_layout import CONTROLS, CONTROLS_FILE, tests_file
from pytest_metr.types import Control, PlannedRun, TaskSpec


class Planner(Protocol):
    """What the nodes ask of the session that they are collected in."""

    @property
    def agents(self) -> Sequence[str]:
        """The names of the agents, none where only a collection is asked for."""
        ...

    @property
    def runs(self) -> int:
        """How often every task is run by every agent."""
        ...

    @property
    def mode(self) -> Mode:
        """What the items of a family are."""
        ...

    def task_names(self, family: Family) -> Sequence[str]:
        """Ask the family's ``get_tasks``, for a family whose manifest names no tasks."""
        ...

    def broken(self, folder: Path, problem: str) -> None:
        """Take note of a family that cannot be collected."""
        ...

    def marks(self, task: TaskSpec) -> Sequence[pytest.MarkDecorator]:
        """Return the marks of a task's items, registered where they are not yet."""
        ...

    @property
    def attempt(self) -> Callable[..., None]:
        """The test function behind every attempt; its arguments are fixtures."""
        ...

    @property
    def own_tests(self) -> Callable[..., None]:
        """The test function behind every item that stands for a family's own tests, likewise."""
        ...


#: What the items of a family are: an agent's attempts, attempts whose scores are known, or the family's own tests.
Mode = Literal["attempts", "controls", "family_tests"]
PLANNER = pytest.StashKey[Planner]()
#: The name of an item and what is its alone; what gives those of a task.
Variant = tuple[str, dict[str, Any]]
Variants = Callable[[TaskSpec], Iterator[Variant]]


class _HooksOfParent:
    """Gives a node the hooks of its parent, so those of the conftest files above the family.

    pytest itself knows no hooks for a folder whose conftest files it has not loaded.
    """

    parent: Any

    @property
    def ihook(self) -> Any:
        """The hooks that apply to the node."""
        return self.parent.ihook


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the garbage collector from going through all of a large collection for each few items that are added."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class FamilyFolder(_HooksOfParent, pytest.File):
    """A family's folder.

    It is a file to pytest and not a directory, because pytest imports the ``conftest.py`` of each directory
    that it collects, and nothing of a family may be imported into the test process.
    """

    def collect(self) -> Iterator[FamilyFile]:
        """Yield the one file that stands for the family in node ids."""
        yield FamilyFile.from_parent(self, path=self.path / f"{self.path.name}.py")


class FamilyFile(_HooksOfParent, pytest.File):
    """``<family>/<family>.py``: collected into runs without being imported."""

    _names: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Name the tasks: pytest shows this where the command line asks for one that there is not."""
        named = f", whose tasks are: {', '.join(self._names[:30])}" if self._names else ""
        return f"<{type(self).__name__} {self.name}{named}>"

    def collect(self) -> list[pytest.Item]:
        """Return the attempts at each task; a family that cannot be read becomes one item that says why."""
        planner = self.config.stash[PLANNER]
        try:
            with _collector_paused():
                return list(self._items(planner, self._tasks(planner)))
        except MetrError as error:
            if self.config.option.collectonly:
                raise self.CollectError(str(error)) from None
            planner.broken(self.path.parent, str(error))
            names = self._asked_for() or ["family"]
            return [BrokenItem.from_parent(self, name=name, problem=str(error)) for name in names]

    def _asked_for(self) -> list[str]:
        """Return the tasks of this family that the command line names, which then must be found to be errors."""
        asked = (arg.partition("::") for arg in self.config.args)
        base = self.config.invocation_params.dir
        return list(dict.fromkeys(name for path, _, name in asked if name and (base / path).resolve() == self.path))

    def _tasks(self, planner: Planner) -> list[TaskSpec]:
        family = read_family(self.path.parent)
        names = family.manifest_tasks
        if names is None:
            names = tuple(planner.task_names(family))
        if not names:
            raise UsageMistake("expected at least one task, found none", file=self.path, key="get_tasks")
        self._names = tuple(names)
        return [family.task(name) for name in names]

    def _items(self, planner: Planner, tasks: Sequence[TaskSpec]) -> Iterator[pytest.Item]:
        variants = _VARIANTS[planner.mode](self, planner)
        if isinstance(variants, str):
            yield NothingItem.from_parent(self, name=planner.mode, problem=f"the family has no {variants}")
            return
        own_tests = planner.mode == "family_tests"
        kind = FamilyTestsItem if own_tests else RunItem
        function = planner.own_tests if own_tests else planner.attempt
        shared: dict[str, Any] = {}
        for task in tasks:
            marks = planner.marks(task)
            for name, more in variants(task):
                item: _TaskItem = kind.from_parent(self, name=name, callobj=function, task=task, **more, **shared)
                # Which fixtures an attempt needs is the same for a whole family: found once, not 100 times.
                shared = {"fixtureinfo": item._fixtureinfo}
                item.own_markers.extend(mark.mark for mark in marks)
                item.keywords.update({mark.name: mark for mark in marks})
                yield item

    # Each gives the items of a task, by their names and by what is theirs alone; or names what the family lacks

    def _attempts(self, planner: Planner) -> Variants:
        agents = planner.agents or (None,)

        def variants(task: TaskSpec) -> Iterator[Variant]:
            for agent in agents:
                for run in range(1, planner.runs + 1):
                    name = node_name(task.name, run, agent if len(agents) > 1 else None)
                    yield name, {"run": run, "agent": agent}

        return variants

    def _controls(self, planner: Planner) -> Variants | str:
        controls = read_controls(self.path.parent, self._names)
        if controls is None:
            return f"{CONTROLS}/{CONTROLS_FILE}"
        agent = next(iter(planner.agents), None)

        def variants(task: TaskSpec) -> Iterator[Variant]:
            for control in (plan.of(task.name) for plan in controls if task.name in plan.ranges):
                for run in range(1, planner.runs + 1):
                    name = node_name(task.name, run, control.name)
                    yield name, {"run": run, "agent": agent, "control": control}

        return variants

    def _family_tests(self, _planner: Planner) -> Variants | str:
        name = tests_file(self.path.parent)
        if not (self.path.parent / name).is_file():
            return name
        return lambda task: iter([(tests_name(task.name), {})])


#: What gives the items of a task, by mode.
_VARIANTS: Mapping[Mode, Callable[[FamilyFile, Planner], Variants | str]] = MappingProxyType(
    {"attempts": FamilyFile._attempts, "controls": FamilyFile._controls, "family_tests": FamilyFile._family_tests}
)


class _TaskItem(_HooksOfParent, pytest.Function):
    """An item that is about one task of a family."""

    def __init__(self, *, task: TaskSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.task = task
        structured: Any = getattr(self, "id", None)
        if structured is not None:
            # Newer versions of pytest compare ids by their parts (--lf, --nf), of which only parametrisation by
            # pytest itself fills the one in brackets; an id that is read back from the cache has it too.
            self._id = type(structured).parse(self.nodeid)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item is, for headings and JUnit files."""
        return self.path, 0, f"{self.task.family}/{self.name}"


class RunItem(_TaskItem):
    """One attempt of one agent at one task, or one of a stand-in whose score is known."""

    def __init__(self, *, run: int, agent: str | None, control: Control | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.agent = agent
        self.control = control

    @property
    def planned(self) -> PlannedRun:
        """The run as it stands in the plan; made when asked for, which a mere listing does not."""
        who = self.agent if self.control is None else self.control.name
        return PlannedRun(
            run_id=run_id(self.task.family, self.task.name, who, self.run),
            nodeid=self.nodeid,
            task=self.task,
            run=self.run,
            agent=self.agent,
            control=self.control,
        )


class FamilyTestsItem(_TaskItem):
    """The family's own tests, in the sandbox of one of its tasks."""


class _EndsInSetup(_HooksOfParent, pytest.Item):
    """An item with nothing to run, which says why before it would be run."""

    #: What its place in the report says beside the family's name.
    told = ""

    def __init__(self, *, problem: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.problem = problem

    def runtest(self) -> None:
        """Do nothing: the set-up has always ended before."""

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item is, for headings and JUnit files."""
        return self.path, 0, f"{self.path.parent.name}: {self.told or self.name}"


class NothingItem(_EndsInSetup):
    """Stands for what a family has not, so that it is seen to be missing."""

    def setup(self) -> None:
        """Say what is missing."""
        pytest.skip(self.problem)


class BrokenItem(_EndsInSetup):
    """Stands for a family that cannot be collected, so that it is an error and does not stop the others."""

    told = "the family cannot be collected"

    def setup(self) -> None:
        """Fail before anything is run: to pytest, an error and not a failure."""
        raise TaskError(self.problem, cause="broken_family")
