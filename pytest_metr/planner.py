"""What the nodes of families ask of the session that they are collected in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_metr.collect import Family, marks_of
from pytest_metr.collect.nodes import Mode
from pytest_metr.items import attempt, own_tests
from pytest_metr.settings import Settings
from pytest_metr.types import BrokenFamily, TaskSpec

if TYPE_CHECKING:
    from pytest_metr.bench import Bench
    from pytest_metr.terms import Terms


class SessionPlanner:
    """Says which items a family has, as :class:`~pytest_metr.collect.nodes.Planner` wants it.

    :param bench: gives the tools of this process, which a mere listing does not need.
    :param terms: gives what follows from the protocol that was asked for; None for the plain one.
    :ivar broken_families: those that could not be collected.
    """

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        *,
        bench: Callable[[], Bench],
        terms: Callable[[], Terms | None],
    ) -> None:
        self._config = config
        self._settings = settings
        self._bench = bench
        self._terms = terms
        self._marks: dict[object, list[pytest.MarkDecorator]] = {}
        self.broken_families: list[BrokenFamily] = []

    @property
    def agents(self) -> Sequence[str]:
        """The names of the agents under test."""
        return tuple(self._bench().agents) if self._settings.makes_runs else ()

    @property
    def mode(self) -> Mode:
        """What the items of a family are."""
        return self._settings.mode

    @property
    def runs(self) -> int:
        """How often every task is run by every agent, at most."""
        terms = self._terms()
        return terms.runs if terms is not None else self._settings.runs or 1

    @property
    def attempt(self) -> Callable[..., None]:
        """The test function behind every attempt."""
        return attempt

    @property
    def own_tests(self) -> Callable[..., None]:
        """The test function behind every item that stands for a family's own tests."""
        return own_tests

    def task_names(self, family: Family) -> Sequence[str]:
        """Ask the family's ``get_tasks`` in a sandbox."""
        return self._bench().task_names(family)

    def broken(self, folder: Path, problem: str) -> None:
        """Take note of a family that cannot be collected."""
        self.broken_families.append(BrokenFamily(folder=str(folder), message=problem))

    def marks(self, task: TaskSpec) -> Sequence[pytest.MarkDecorator]:
        """Return the marks of a task's items; tasks of one kind share them."""
        kind = (task.human_minutes, task.domains, task.split, task.internet, task.resources.gpu, task.manual_score)
        if kind not in self._marks:
            self._marks[kind] = [self._mark(name, **values) for name, values in marks_of(task)]
        return self._marks[kind]

    def _mark(self, name: str, **values: Any) -> pytest.MarkDecorator:
        registered = {line.split(":")[0].split("(")[0].strip() for line in self._config.getini("markers")}
        if name not in registered:
            self._config.addinivalue_line("markers", f"{name}: tasks of the domain {name}.")
        mark: pytest.MarkDecorator = getattr(pytest.mark, name)
        return mark(**values) if values else mark
