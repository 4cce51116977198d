"""Fixtures of the tests with a real engine; they skip where none is to be had, as the conformance suite does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from pytest_metr.sandbox.docker import DockerProvider
from pytest_metr.sandbox.docker.engine import Engine, connect
from tests.conformance.conftest import working
from tests.conformance.providers import DOCKER_BASE, MAX_PROCESSES

#: The session that containers of this process belong to; tests may be under way in others.
SESSION = f"tests-{os.getpid()}"

#: Of the containers that this process makes: others may run tests at the same time.
SESSION = f"tests-{os.getpid()}"


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerProvider]:
    with ExitStack() as stack:
        made = DockerProvider(
            base=DOCKER_BASE, cache_dir=tmp_path_factory.mktemp("cache"), max_processes=MAX_PROCESSES, session=SESSION
        )
        stack.callback(made.close)
        working(made)
        yield made


@pytest.fixture(scope="session")
def engine(provider: DockerProvider) -> Iterator[Engine]:
    """A connection of the test's own."""
    made = connect()
    yield made
    made.close()


@pytest.fixture(scope="session")
def snapshot(provider: DockerProvider) -> str:
    """The image of a family on whose machine nothing was installed."""
    return provider.snapshot("bare", lambda _: None)
