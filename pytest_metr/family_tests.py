"""A family's own tests in the sandbox of one of its tasks: no agent, no score, no record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_metr.bench import Bench
from pytest_metr.opening import open_sandbox
from pytest_metr.standard import Lifecycle
from pytest_metr.types import TaskSpec


@contextmanager
def started(bench: Bench, task: TaskSpec) -> Iterator[Lifecycle]:
    """Give a task that has been started as it is for an agent; tear it down and destroy its sandbox afterwards.

    :raises InfrastructureError: where that fails.
    """
    sandbox, data = open_sandbox(bench, task)
    with sandbox:
        lifecycle = Lifecycle(sandbox, task, data, secrets=bench.secrets, timeouts=bench.timeouts)
        try:
            lifecycle.start()
            yield lifecycle
        finally:
            lifecycle.teardown()
