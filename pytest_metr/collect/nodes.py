"""The pytest nodes of a family: its folder, its file, and one item for each attempt."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from pytest_metr.collect.family import Family, read_family
from pytest_metr.collect.names import node_name, run_id
from pytest_metr.errors import MetrError, TaskError, UsageMistake
from pytest_metr.types import PlannedRun, TaskSpec


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
        """The test function behind every item; its arguments are fixtures."""
        ...


PLANNER = pytest.StashKey[Planner]()


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

    def _items(self, planner: Planner, tasks: Sequence[TaskSpec]) -> Iterator[RunItem]:
        agents = planner.agents or (None,)
        shared: dict[str, Any] = {}
        for task in tasks:
            marks = planner.marks(task)
            for agent in agents:
                for run in range(1, planner.runs + 1):
                    name = node_name(task.name, run, agent if len(agents) > 1 else None)
                    item = RunItem.from_parent(
                        self, name=name, callobj=planner.attempt, task=task, run=run, agent=agent, **shared
                    )
                    # Which fixtures an attempt needs is the same for a whole family: found once, not 100 times.
                    shared = {"fixtureinfo": item._fixtureinfo}
                    item.own_markers.extend(mark.mark for mark in marks)
                    item.keywords.update({mark.name: mark for mark in marks})
                    yield item


class RunItem(_HooksOfParent, pytest.Function):
    """One attempt of one agent at one task."""

    def __init__(self, *, task: TaskSpec, run: int, agent: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.task = task
        self.run = run
        self.agent = agent
        structured: Any = getattr(self, "id", None)
        if structured is not None:
            # Newer versions of pytest compare ids by their parts (--lf, --nf), of which only parametrisation by
            # pytest itself fills the one in brackets; an id that is read back from the cache has it too.
            self._id = type(structured).parse(self.nodeid)

    @property
    def planned(self) -> PlannedRun:
        """The run as it stands in the plan; made when asked for, which a mere listing does not."""
        return PlannedRun(
            run_id=run_id(self.task.family, self.task.name, self.agent, self.run),
            nodeid=self.nodeid,
            task=self.task,
            run=self.run,
            agent=self.agent,
        )

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item is, for headings and JUnit files."""
        return self.path, 0, f"{self.task.family}/{self.name}"


class BrokenItem(_HooksOfParent, pytest.Item):
    """Stands for a family that cannot be collected, so that it is an error and does not stop the others."""

    def __init__(self, *, problem: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.problem = problem

    def setup(self) -> None:
        """Fail before anything is run: to pytest, an error and not a failure."""
        raise TaskError(self.problem, cause="broken_family")

    def runtest(self) -> None:
        """Do nothing: the set-up has always failed before."""

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item is, for headings and JUnit files."""
        return self.path, 0, f"{self.path.parent.name}: the family cannot be collected"
