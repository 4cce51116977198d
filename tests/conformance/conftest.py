"""Fixtures of the conformance suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pytest_metr.interfaces import Provider, Sandbox
from pytest_metr.types import Resources
from tests.conformance.providers import PROVIDERS, excused

Maker = Callable[..., Sandbox]


def working(provider: Provider) -> Provider:
    """Return the provider; where it does not work that is a failure, unless the environment says otherwise."""
    result = provider.probe()
    if not result.works:
        provider.close()
        excuse = excused(provider.name)
        if excuse is not None:
            pytest.skip(f"{excuse}, and {provider.name} does not work here: {result.detail}")
        pytest.fail(f"{provider.name} does not work here: {result.detail} (remedy: {result.remedy})")
    return provider


def one_user(sandbox: Sandbox) -> bool:
    """Whether one user of the host stands behind root and the agent, so that files have no owners that count."""
    return sandbox.exec(["test", "-O", "/home/agent"], user="root").ok


@pytest.fixture(scope="session", params=list(PROVIDERS))
def provider_name(request: pytest.FixtureRequest) -> str:
    """The provider under test; a test of what needs a real kernel is parametrized with the real ones."""
    return str(request.param)


@pytest.fixture(scope="session")
def provider(provider_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    cache: Path = tmp_path_factory.mktemp("cache")
    with ExitStack() as stack:
        made = PROVIDERS[provider_name](cache)
        stack.callback(made.close)
        yield working(made)


@pytest.fixture(scope="session")
def snapshot(provider: Provider) -> str:
    """A machine on which nothing has been installed."""
    return provider.snapshot("bare", lambda _: None)


@pytest.fixture
def make(provider: Provider, snapshot: str) -> Iterator[Maker]:
    """Make sandboxes that are closed after the test."""
    with ExitStack() as stack:

        def made(*, of: str = snapshot, internet: bool = False, label: str = "family/task[run1]") -> Sandbox:
            return stack.enter_context(provider.create(of, internet=internet, resources=Resources(), label=label))

        yield made


@pytest.fixture
def sandbox(make: Maker) -> Sandbox:
    """A fresh sandbox without the internet."""
    return make()


@pytest.fixture(scope="module")
def shared(provider: Provider, snapshot: str) -> Iterator[Sandbox]:
    """One sandbox for the tests of a module that do not disturb each other."""
    with provider.create(snapshot, internet=False, resources=Resources(), label="shared") as sandbox:
        yield sandbox
