"""Real sandboxes for the tools, of each provider in turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pytest_metr.interfaces import Sandbox
from pytest_metr.types import Resources
from tests.conformance.conftest import working
from tests.conformance.providers import PROVIDERS, REAL
from tests.unit.react.hands import Hands


@pytest.fixture(scope="session", params=REAL)
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that the tests of one process share."""
    cache: Path = tmp_path_factory.mktemp("cache")
    with closing(working(PROVIDERS[request.param](cache))) as provider:
        snapshot = provider.snapshot("bare", lambda _: None)
        with provider.create(snapshot, internet=False, resources=Resources(), label="tools") as made:
            yield made


@pytest.fixture
def hands(sandbox: Sandbox) -> Iterator[Hands]:
    """The tools of a run in it, which end with the test."""
    with closing(Hands(sandbox)) as made:
        yield made
