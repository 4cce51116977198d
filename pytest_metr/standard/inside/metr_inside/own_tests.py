"""Runs the tests that a family brings with it, in METR's form: pytest, as root, in the sandbox of one of its tasks.

The fixtures are ``task_family`` (the class), ``task_family_name``, ``task_name`` and ``task``.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

from .family import Family


def fixtures(pytest: Any, values: dict[str, Any]) -> types.ModuleType:
    """Return a plugin with a fixture for each of *values*."""
    plugin = types.ModuleType("metr_task_fixtures")
    for name, value in values.items():
        setattr(plugin, name, pytest.fixture(name=name, scope="session")(_gives(value)))
    return plugin


def _gives(value: Any) -> Any:
    def give() -> Any:
        return value

    return give


class Outcomes:
    """Counts how the tests end; a plugin likewise."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Count a test once: by what it did, or by the phase around it that failed."""
        if report.when == "call" or report.outcome == "skipped":
            self._count(report.outcome)
        elif report.failed:
            self._count("error")

    def pytest_collectreport(self, report: Any) -> None:
        """Count a file that cannot be collected."""
        if report.failed:
            self._count("error")

    def _count(self, outcome: str) -> None:
        self.counts[outcome] = self.counts.get(outcome, 0) + 1


def run_own_tests(family: Family, name: str, task_name: str, task: Any, packages: str) -> dict[str, Any]:
    """Run ``<family>_test.py`` and return how it ended: pytest's exit status, and the number of tests by outcome.

    :param packages: the folder with pytest in it, which is used where the sandbox has none of its own.
    """
    sys.path.append(packages)
    pytest: Any = importlib.import_module("pytest")
    outcomes = Outcomes()
    values = {"task_family": family.owner, "task_family_name": name, "task_name": task_name, "task": task}
    options = ["-q", "--color=no", "-p", "no:cacheprovider"]
    status = pytest.main([*options, f"{name}_test.py"], plugins=[fixtures(pytest, values), outcomes])
    return {"status": int(status), "outcomes": outcomes.counts}
