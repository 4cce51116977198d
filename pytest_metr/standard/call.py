"""Calls a method of a family inside the sandbox and brings its value back by a channel of its own.

The request goes in by standard input and the reply comes back as a file that only root can reach, sealed with a key
that this one request brought: processes that a task starts, even as root, and even if they outlive it, cannot make one.
So a reply counts however the process ends after it. What the task prints is evidence and nothing else.
"""

from __future__ import annotations

import errno
import hmac
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
_SEAL_BYTES = 65
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
        out of time or returns too much, or where the reply is somebody else's; with the cause ``unknown_task`` where
        ``get_tasks`` does not have the task, and with ``out_of_memory`` or ``disk_full`` where it failed for that.
    """
    folder = f"{FAMILY_ROOT}/.metr-{secrets.token_hex(16)}"
    scratch = f"{FAMILY_ROOT}/.metr-{secrets.token_hex(16)}"
    key = secrets.token_hex(32)
    request = {
        "root": FAMILY_ROOT,
        "family": call.family,
        "task": call.task,
        "arguments": list(call.arguments),
        "result": folder,
        "key": key,
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
        return _reply(sandbox, call, result, f"{folder}/result.json", key)
    finally:
        sandbox.exec(["rm", "-rf", "--", folder, scratch], user="root", cwd="/", timeout=60)


def encode(request: Any) -> bytes:
    """Return JSON that any text survives: lone surrogates stay apart, which escapes would join to pairs."""
    return json.dumps(request, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _reply(sandbox: Sandbox, call: Call, result: ExecResult, path: str, key: str) -> Reply:
    output = evidence_of(result)
    where = f"{call.family}.py: {call.method}"
    cause = "out_of_memory" if result.out_of_memory else call.cause
    if result.timed_out:
        raise TaskError(f"{where}: {ending_of(result, call.timeout)}", cause=cause, evidence=output)
    try:
        data = sandbox.read_file(path, user="root", limit=REPLY_LIMIT + _SEAL_BYTES)
    except FileNotFoundError as error:
        memory = ": the sandbox ran out of memory" if result.out_of_memory else ""
        message = f"{where}: {ending_of(result, call.timeout)} and returned nothing{memory}"
        raise TaskError(message, cause=cause, evidence=output) from error
    except ValueError as error:
        message = f"{where}: returned what cannot be read, or more than {REPLY_LIMIT} bytes"
        raise TaskError(message, cause=call.cause, evidence=output) from error
    if not _is_sealed(data, key):
        message = (
            f"{where}: {ending_of(result, call.timeout)} and left a reply that is not its own: something forged it"
        )
        raise TaskError(message, cause=call.cause, evidence=output)
    reply = json.loads(data[_SEAL_BYTES:].decode("utf-8", "surrogatepass"))
    if "error" in reply:
        raise _task_error(call, reply["error"], output, cause)
    return Reply(value=reply["value"], type_name=reply["type"], output=output)


def _is_sealed(data: bytes, key: str) -> bool:
    seal = hmac.new(key.encode(), data[_SEAL_BYTES:], "sha256").hexdigest()
    return hmac.compare_digest(data[:_SEAL_BYTES], seal.encode() + b"\n")


def _task_error(call: Call, error: Mapping[str, Any], output: dict[str, str], cause: str) -> TaskError:
    if error["kind"] == "unknown_task":
        names = [repr(name) for name in error["names"]]
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        there = ", ".join(names[:NAMES_SHOWN]) + more or "none (does get_tasks want a secret?)"
        message = f"{call.family}.py: get_tasks: has no task {call.task!r}; it has: {there}"
        return TaskError(message, cause="unknown_task")
    text = " ".join(f"{call.family}.py: {error['where']}: {error['message']}".split())
    text = text if len(text) <= 1000 else f"{text[:1000]}..."
    if error["errno"] == errno.ENOSPC and cause == call.cause:
        cause = "disk_full"
    return TaskError(f"{text} {error['hint']}".rstrip(), cause=cause, evidence=output)
