"""The providers that the suite is run over."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_metr.interfaces import Provider
from pytest_metr.sandbox import BubblewrapProvider
from pytest_metr.sandbox.fake import FakeProvider

#: How many processes an agent may have in these tests: few, so that a fork bomb stays small.
MAX_PROCESSES = 48

#: How many a container may have besides, for root.
RESERVED_PROCESSES = 512
#: The image that machines of the Docker provider are made from. Where it is named, Docker has to work.
DOCKER_BASE = os.environ.get("METR_TEST_DOCKER_BASE", "python:3.11-slim")


def _docker(cache: Path) -> Provider:
    from pytest_metr.sandbox.docker import DockerProvider

    return DockerProvider(base=DOCKER_BASE, cache_dir=cache, max_processes=MAX_PROCESSES)


PROVIDERS: Mapping[str, Callable[[Path], Provider]] = {
    "fake": lambda _: FakeProvider(),
    "bubblewrap": lambda cache: BubblewrapProvider(cache_dir=cache, max_processes=MAX_PROCESSES),
    "docker": _docker,
}
#: Those with a real kernel below them: processes, signals, a network.
REAL = tuple(name for name in PROVIDERS if name != "fake")


def excused(name: str) -> str | None:
    """Return why the tests of a provider that does not work here are skipped, or None where that is a failure."""
    if name == "bubblewrap" and os.environ.get("METR_TESTS_WITHOUT_BUBBLEWRAP") == "1":
        return "METR_TESTS_WITHOUT_BUBBLEWRAP=1"
    if name == "docker" and "METR_TEST_DOCKER_BASE" not in os.environ:
        return "METR_TEST_DOCKER_BASE names no image"
    return None
