"""The grounds of the hostile suite: each provider with a real kernel, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.conftest import working
from tests.conformance.providers import PROVIDERS, REAL
from tests.hostile.arena import Grounds


@pytest.fixture(scope="session", params=REAL)
def grounds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grounds]:
    """A provider on which the hostile families are built."""
    provider = working(PROVIDERS[request.param](tmp_path_factory.mktemp("cache")))
    made = Grounds(provider)
    try:
        yield made
    finally:
        made.close()
        provider.close()
