"""Calls a method of a family inside the sandbox and brings its value back by a channel of its own.

The request goes in by standard input and the reply comes back as a file that only root can reach, under a name that
exists nowhere in the sandbox before the method has ended. What the task prints is evidence and nothing else.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_metr.errors import TaskError
from pytest_metr.interfaces import Sandbox
from pytest_metr.standard.evidence import ending_of, evidence_of
from pytest_metr.standard.layout import FAMILY_ROOT, HELPER
from pytest_metr.types import ExecResult

#: A reply of more bytes than this is refused.
REPLY_LIMIT = 32 * 1024 * 1024
NAMES_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a method.

    :param method: a method of ``TaskFamily``, or ``describe``.
    :param cause: the cause of the :class:`TaskError` where the method fails.
    :param timeout: seconds.
    :param env: the variables that the method sees.
    :param get_tasks_env: variables that exist only while ``get_tasks`` is asked for the task.
    :param private_tmp: whether temporary files are to be out of the agent's reach.
    """

    family: str
    method: str
    cause: str
    timeout: float
    task: str | None = None
    arguments: tuple[Any, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    get_tasks_env: Mapping[str, str] = field(default_factory=dict)
    private_tmp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a method returned.

    :param value: JSON data; floats may be NaN or infinite.
    :param type_name: name of the Python type before it became JSON data.
    :param output: ``stdout``, ``stderr`` and ``exit_code``.
    """

    value: Any
    type_name: str
    output: dict[str, str]


def run_call(sandbox: Sandbox, call: Call) -> Reply:
    """Run *call* and return its reply.

    :raises TaskError: with the call's cause and the output as evidence where the method raises, exits, is killed, runs
        out of time or returns too much; with the cause ``unknown_task`` where ``get_tasks`` does not have the task.
    """
    folder = f"{FAMILY_ROOT}/.metr-{secrets.token_hex(16)}"
    scratch = f"{FAMILY_ROOT}/.metr-{secrets.token_hex(16)}"
    request = {
        "root": FAMILY_ROOT,
        "family": call.family,
        "task": call.task,
        "arguments": list(call.arguments),
        "result": folder,
        "scratch": scratch if call.private_tmp else None,
        "get_tasks_env": dict(call.get_tasks_env),
    }
    result = sandbox.exec(
        ["python", "-I", HELPER, call.method],
        user="root",
        cwd=FAMILY_ROOT,
        env=dict(call.env),
        stdin=encode(request),
        timeout=call.timeout,
    )
    try:
        return _reply(sandbox, call, result, f"{folder}/result.json")
    finally:
        sandbox.exec(["rm", "-rf", "--", folder, scratch], user="root", cwd="/", timeout=60)


def encode(request: Any) -> bytes:
    """Return JSON that any text survives: lone surrogates stay apart, which escapes would join to pairs."""
    return json.dumps(request, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _reply(sandbox: Sandbox, call: Call, result: ExecResult, path: str) -> Reply:
    output = evidence_of(result)
    where = f"{call.family}.py: {call.method}"
    if result.timed_out:
        raise TaskError(f"{where}: {ending_of(result, call.timeout)}", cause=call.cause, evidence=output)
    try:
        reply = json.loads(sandbox.read_file(path, user="root", limit=REPLY_LIMIT).decode("utf-8", "surrogatepass"))
    except FileNotFoundError as error:
        message = f"{where}: {ending_of(result, call.timeout)} and returned nothing"
        raise TaskError(message, cause=call.cause, evidence=output) from error
    except (ValueError, RecursionError) as error:
        message = f"{where}: returned what cannot be read, or more than {REPLY_LIMIT} bytes"
        raise TaskError(message, cause=call.cause, evidence=output) from error
    if "error" in reply:
        raise _task_error(call, reply["error"], output)
    return Reply(value=reply["value"], type_name=reply["type"], output=output)


def _task_error(call: Call, error: Mapping[str, Any], output: dict[str, str]) -> TaskError:
    if error["kind"] == "unknown_task":
        names = [repr(name) for name in error["names"]]
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        there = ", ".join(names[:NAMES_SHOWN]) + more or "none (does get_tasks want a secret?)"
        message = f"{call.family}.py: get_tasks: has no task {call.task!r}; it has: {there}"
        return TaskError(message, cause="unknown_task")
    text = " ".join(f"{call.family}.py: {error['where']}: {error['message']}".split())
    return TaskError(text if len(text) <= 1000 else f"{text[:1000]}...", cause=call.cause, evidence=output)
