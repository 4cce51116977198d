"""In a repository without families the plugin is not there: no files, no output, no imports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.plugin.project import Project

HEAVY = ("docker", "numpy", "yaml", "filelock", "dotenv", "openai", "anthropic", "pytest_metr.types")


@pytest.fixture
def ordinary(project: Project) -> Project:
    """A repository with one ordinary test and a manifest of some other program."""
    (project.root / "test_ordinary.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    (project.root / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n", encoding="utf-8")
    (project.root / "deploy").mkdir()
    (project.root / "deploy" / "manifest.yaml").write_text("apiVersion: v1\nkind: Pod\n", encoding="utf-8")
    return project


def files(root: Path) -> set[str]:
    return {str(p.relative_to(root)) for p in root.rglob("*") if "__pycache__" not in p.parts}


@pytest.mark.parametrize("workers", ["0", "2"])
def test_same_output_and_no_files(ordinary: Project, workers: str) -> None:
    before = files(ordinary.root)
    with_plugin = ordinary.pytest("-v", "-n", workers)
    without = ordinary.pytest("-v", "-n", workers, "-p", "no:metr")
    assert with_plugin.status == without.status == 0

    def comparable(output: str) -> list[str]:
        return [re.sub(r"in [\d.]+s|gw\d", "", line) for line in output.splitlines() if "plugins:" not in line]

    assert comparable(with_plugin.output) == comparable(without.output)
    assert files(ordinary.root) == before


def test_nothing_heavy_is_imported_at_start(project: Project) -> None:
    source = f"import sys\n\ndef test_it():\n    assert not [m for m in {HEAVY!r} if m in sys.modules]\n"
    (project.root / "test_ordinary.py").write_text(source, encoding="utf-8")
    result = project.pytest("-p", "no:xdist")
    assert result.status == 0, result.output
