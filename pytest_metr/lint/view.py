"""A family as the rules look at it: read once, never imported or run here."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_metr.collect import Family
from pytest_metr.collect.controls import ControlPlan
from pytest_metr.collect.source import UNREADABLE, parse
from pytest_metr.family_layout import tests_file
from pytest_metr.standard.watch import own_code


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyView:
    """What the rules are given.

    :param tasks: the names of the tasks.
    :param controls: None where the family has none.
    :param instructions: of each task; None where nobody has asked the family, which takes a sandbox.
    :param modules: the Python files that run in the sandbox, by their path in the folder; its own tests are left out.
    """

    family: Family
    tasks: Sequence[str]
    controls: Sequence[ControlPlan] | None
    instructions: Mapping[str, str] | None = None
    modules: Mapping[str, ast.Module] = field(default_factory=dict)

    @property
    def dir(self) -> Path:
        """The folder."""
        return self.family.dir

    @property
    def manifest(self) -> Path:
        """Its manifest."""
        return self.dir / "manifest.yaml"

    @property
    def module(self) -> Path:
        """The file with ``TaskFamily``."""
        return self.dir / f"{self.family.name}.py"

    def meta(self, task: str) -> dict[str, Any]:
        """Return what holds for a task under ``meta``."""
        return self.family.manifest.meta_of(task)

    @property
    def canaries(self) -> list[str]:
        """The canaries of the tasks, each once."""
        return sorted({str(self.meta(task).get("canary") or "") for task in self.tasks} - {""})

    def text(self, name: str) -> str | None:
        """Return the text of a file in the folder; None where there is none."""
        path = self.dir / name
        return path.read_text("utf-8", "replace") if path.is_file() else None


def read_modules(family_dir: Path) -> dict[str, ast.Module]:
    """Return the Python files that are copied into a sandbox, parsed; those that are no Python are left out.

    A family may hold broken code for an agent to mend.
    """
    modules = {}
    for name in own_code(family_dir):
        if name != tests_file(family_dir):
            with suppress(*UNREADABLE):
                modules[name] = parse((family_dir / name).read_bytes())
    return modules
