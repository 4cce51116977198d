"""Every provider is put through the lifecycle of families that are odd in one way each."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from pytest_metr.interfaces import Provider
from pytest_metr.sandbox import BubblewrapProvider

from .bench import Bench

PROVIDERS = {"bubblewrap": BubblewrapProvider}


@pytest.fixture(scope="session", params=sorted(PROVIDERS))
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Return what makes sandboxes of odd families, one provider after the other."""
    if request.param == "bubblewrap" and os.environ.get("METR_TESTS_WITHOUT_BUBBLEWRAP") == "1":
        pytest.skip("METR_TESTS_WITHOUT_BUBBLEWRAP=1")
    provider: Provider = PROVIDERS[request.param](cache_dir=tmp_path_factory.mktemp("cache"))
    try:
        yield Bench(provider)
    finally:
        provider.close()
