"""From the name of an odd family to a sandbox that holds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_metr.collect.hashing import content_hash
from pytest_metr.interfaces import Provider, Sandbox
from pytest_metr.standard import Lifecycle, Timeouts, build_family, layout_key, list_tasks, read_task_data
from pytest_metr.types import Resources, TaskSpec

FAMILIES = Path(__file__).parents[1] / "fixtures" / "families"


class Bench:
    """Makes sandboxes of the families below ``tests/fixtures/families``."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    @contextmanager
    def sandbox(self, family: str, secrets: Mapping[str, str] | None = None) -> Iterator[Sandbox]:
        """Give a fresh sandbox of *family*, which is built where it has not been."""

        def build(sandbox: Sandbox) -> None:
            build_family(sandbox, FAMILIES / family, secrets=secrets or {})

        snapshot = self._provider.snapshot(layout_key(content_hash(FAMILIES / family)), build)
        with self._provider.create(snapshot, internet=False, resources=Resources(), label=family) as sandbox:
            yield sandbox

    def names(self, family: str, secrets: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """Return the names of the tasks of *family*."""
        with self.sandbox(family, secrets) as sandbox:
            return list_tasks(sandbox, family, secrets=secrets or {})


def spec(family: str, task: str = "main") -> TaskSpec:
    """Return the task *task* of an odd family."""
    return TaskSpec(family=family, name=task, family_dir=str(FAMILIES / family), family_hash=family)


def lifecycle(sandbox: Sandbox, task: TaskSpec, secrets: Mapping[str, str] | None = None, **limits: Any) -> Lifecycle:
    """Return the run of *task*; *limits* are those of :class:`Timeouts`."""
    secrets = secrets or {}
    data = read_task_data(sandbox, task, secrets=secrets)
    return Lifecycle(sandbox, task, data, secrets=secrets, timeouts=Timeouts(**limits))
