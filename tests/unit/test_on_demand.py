"""Packages whose names are imported when they are first asked for have all of them, and load no more than that."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_metr

ROOT = Path(pytest_metr.__file__).parent
PACKAGES = sorted(
    ".".join(("pytest_metr", *file.parent.relative_to(ROOT).parts))
    for file in ROOT.rglob("__init__.py")
    if "on_demand(" in file.read_text(encoding="utf-8")
)


def written(package: str) -> set[str]:
    """Return the names that a type checker finds in a package."""
    file = importlib.import_module(package).__file__
    assert file is not None
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    return {name.name for node in block.body if isinstance(node, ast.ImportFrom) for name in node.names}


def test_the_large_packages_are_such() -> None:
    assert {f"pytest_metr.{name}" for name in ("interfaces", "protocol", "report", "types")} <= set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_type_checker_and_python_find_the_same_names(package: str) -> None:
    module = importlib.import_module(package)
    names = {name for name in dir(module) if not name.startswith("_")}
    assert written(package) <= names
    for name in written(package):
        assert getattr(module, name) is not None
    added = names - written(package) - {"TYPE_CHECKING", "on_demand"}
    assert all(isinstance(getattr(module, name), type(sys)) for name in added)  # modules in it


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_that_there_is_not_is_told_as_python_does(package: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        importlib.import_module(package).nothing  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec(f"from {package} import nothing")


def test_a_score_of_lines_knows_nothing_of_sessions_and_elicitation() -> None:
    """That would double what it takes to start."""
    code = "import sys, pytest_metr.commands.score; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "pytest_metr.types.rows" in loaded
    spared = {
        "types.tasks",
        "types.runs",
        "types.impact",
        "types.elicitation",
        "report.document",
        "report.journal",
        "protocol.compare",
    }
    assert not spared & {name.removeprefix("pytest_metr.") for name in loaded}
