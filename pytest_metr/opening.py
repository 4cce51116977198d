"""Making the sandbox of a task: its machine, what the task says of itself, and the network where it is permitted."""

from __future__ import annotations

from pathlib import Path

from pytest_metr.bench import Bench
from pytest_metr.errors import InfrastructureError, TaskError
from pytest_metr.interfaces import Sandbox
from pytest_metr.standard import FULL_INTERNET, TaskData, read_task_data
from pytest_metr.types import TaskSpec


def open_sandbox(bench: Bench, task: TaskSpec, *, agent: str | None = None) -> tuple[Sandbox, TaskData]:
    """Return a sandbox in which the task can be started, and what the task says of itself.

    :param agent: whose packages the machine is to have.
    :raises InfrastructureError: where the provider refuses the task, or anything fails.
    """
    refusal = bench.provider.refusal(task.resources, task.needs)
    if refusal is not None:
        raise InfrastructureError(f"{task.id}: {refusal}", cause="refused")
    snapshot = bench.snapshot(Path(task.family_dir), task.family_hash, bench.packages(agent))
    sandbox = _create(bench, task, snapshot, internet=False)
    try:
        data = read_task_data(sandbox, task, secrets=bench.secrets, timeouts=bench.timeouts)
        internet = FULL_INTERNET in data.permissions
        if task.internet is not None and task.internet != internet:
            raise TaskError(
                f"{task.id}: the manifest says meta.internet: {str(task.internet).lower()}, "
                f"but get_permissions gives {list(data.permissions)}",
                cause="task_permissions",
            )
    except BaseException:
        sandbox.close()
        raise
    if internet:
        # Whether a task has the network is known only from inside, and never granted before.
        sandbox.close()
        sandbox = _create(bench, task, snapshot, internet=True)
    return sandbox, data


def _create(bench: Bench, task: TaskSpec, snapshot: str, *, internet: bool) -> Sandbox:
    return bench.provider.create(snapshot, internet=internet, resources=task.resources, label=task.family)
