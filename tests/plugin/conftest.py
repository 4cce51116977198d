"""Fixtures of the tests that run pytest in a repository of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.providers import excused
from tests.plugin.project import Project


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of installed families that the tests of one process share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path, shared_cache: Path) -> Project:
    """An empty repository for families."""
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    root = tmp_path / "repository"
    root.mkdir()
    return Project(root, {"XDG_CACHE_HOME": str(shared_cache), "TMPDIR": str(scratch)})


@pytest.fixture(params=["bubblewrap", "docker"])
def anywhere(request: pytest.FixtureRequest, project: Project) -> Project:
    """A repository whose sandboxes are of each provider in turn."""
    name = str(request.param)
    if name == "docker" and (excuse := excused("docker")):
        pytest.skip(excuse)
    project.use(name)
    return project
