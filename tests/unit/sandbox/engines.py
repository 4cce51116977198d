"""Engines for tests without one: what they say of themselves is made up, and nothing is ever sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import docker

from pytest_metr.sandbox.docker.engine import Engine, EngineFacts

FACTS = EngineFacts(
    version="27.0.0",
    api_version="1.46",
    storage_driver="overlay2",
    backing_filesystem="extfs",
    architecture="x86_64",
    kernel="6.1",
    memory_limit=True,
    swap_limit=True,
    pids_limit=True,
    cpu_limit=True,
    cpus=4,
    memory_bytes=16_000_000_000,
    gpus=False,
    podman=False,
)


class MadeUpEngine(Engine):
    """An engine with the facts that a test gives it.

    :param can_cap_storage: what trying it comes to.
    """

    def __init__(self, *, can_cap_storage: bool = False, **facts: Any) -> None:
        super().__init__(docker.APIClient(base_url="tcp://127.0.0.1:1", version="1.46"))
        self.__dict__["facts"] = replace(FACTS, **facts)
        self.can("storage_opt", lambda: can_cap_storage)
