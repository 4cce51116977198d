"""What a driver asks a family before a run: its tasks, and what one of them needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_metr.errors import TaskError
from pytest_metr.interfaces import Sandbox
from pytest_metr.standard.call import Call, run_call
from pytest_metr.standard.timeouts import Timeouts
from pytest_metr.types import Record, TaskSpec

#: The one permission that the Task Standard knows.
FULL_INTERNET = "full_internet"

_DEFAULTS = Timeouts()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskData(Record):
    """What a family says about one task.

    :param instructions: the only thing about the task that the agent is told; empty where the family has none.
    :param permissions: as the family lists them: nothing, or texts with ``FULL_INTERNET`` among them.
    :param required_environment_variables: the only secrets that reach the methods of a run.
    :param skip_chown_after_start: whether ``start`` has set the owners in the agent's home itself.
    """

    instructions: str = ""
    permissions: tuple[str, ...] = ()
    required_environment_variables: tuple[str, ...] = ()
    skip_chown_after_start: bool = False
    has_start: bool = False
    has_score: bool = False
    has_intermediate_score: bool = False
    has_aggregate_scores: bool = False
    has_teardown: bool = False


def list_tasks(
    sandbox: Sandbox, family: str, *, secrets: Mapping[str, str], timeouts: Timeouts = _DEFAULTS
) -> tuple[str, ...]:
    """Return the sorted names that ``get_tasks`` has, asked with all secrets.

    :raises TaskError: (cause ``task_list``) where ``get_tasks`` raises, hangs or returns something else than a dict
        with names as keys.
    """
    call = Call(family=family, method="get_tasks", cause="task_list", timeout=timeouts.list_tasks, env=secrets)
    return tuple(run_call(sandbox, call).value)


def read_task_data(
    sandbox: Sandbox, task: TaskSpec, *, secrets: Mapping[str, str], timeouts: Timeouts = _DEFAULTS
) -> TaskData:
    """Ask the family about *task*, with all secrets, in one call.

    :raises TaskError: with the cause ``unknown_task`` (the names there are in the message), ``task_data`` (a method
        failed or returned what the standard does not know), ``aux_vm`` (the task wants a second machine) or
        ``missing_secret``.
    """
    call = Call(
        family=task.family,
        method="describe",
        task=task.name,
        cause="task_data",
        timeout=timeouts.task_data,
        env=secrets,
    )
    reply = run_call(sandbox, call)
    found = reply.value
    if found["needs_aux_vm"]:
        message = f"{task.family}.py: get_aux_vm_spec: {task.id} asks for an auxiliary VM, which no provider here has"
        raise TaskError(message, cause="aux_vm", evidence=reply.output)
    methods = found["methods"]
    data = TaskData(
        instructions=found["instructions"],
        permissions=tuple(found["permissions"]),
        required_environment_variables=tuple(found["required_environment_variables"]),
        skip_chown_after_start=found["skip_chown_after_start"],
        has_start="start" in methods,
        has_score="score" in methods,
        has_intermediate_score="intermediate_score" in methods,
        has_aggregate_scores="aggregate_scores" in methods,
        has_teardown="teardown" in methods,
    )
    check_secrets(data, secrets, family=task.family)
    return data


def check_secrets(data: TaskData, secrets: Mapping[str, str], *, family: str | None = None) -> None:
    """Check that all variables are there that the task requires; an empty value is one.

    :param family: the family whose file the message is to name.
    :raises TaskError: (cause ``missing_secret``) naming those that are not, and how to give them.
    """
    missing = [name for name in data.required_environment_variables if name not in secrets]
    if missing:
        where = "" if family is None else f"{family}.py: "
        message = (
            f"{where}required_environment_variables: no value was given for {', '.join(missing)} "
            "(remedy: --metr-env-file FILE with lines of NAME=value)"
        )
        raise TaskError(message, cause="missing_secret")
