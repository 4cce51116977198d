"""Every provider is put through the lifecycle of families that are odd in one way each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_metr.interfaces import Provider
from tests.conformance.conftest import working
from tests.conformance.providers import PROVIDERS, REAL

from .bench import Bench


@pytest.fixture(scope="session", params=REAL)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Return what makes sandboxes of odd families, one provider after the other."""
    provider: Provider = working(PROVIDERS[request.param](tmp_path_factory.mktemp("cache")))
    try:
        yield Bench(provider)
    finally:
        provider.close()
