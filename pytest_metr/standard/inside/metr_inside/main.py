"""Runs one method of a task family inside the sandbox, as root.

    python -I helper.py METHOD < request

The request is one JSON object on standard input, in UTF-8 with lone surrogates passed, so that any text arrives as
it was: ``root`` (the folder with the family's files), ``family``, ``task`` (a name, or null), ``arguments``,
``result`` (a folder that does not exist yet), ``key`` (a secret of this one call), ``scratch`` (a folder for temporary
files, or null) and ``get_tasks_env`` (variables that exist while ``get_tasks`` runs and at no other time).

The reply goes to ``<result>/result.json``: a line with the HMAC-SHA-256 under the key of what follows, then, in the
same encoding, ``{"value": ..., "type": ...}`` or ``{"error": {"kind", "where", "message", "names"}}``. Standard output
and error belong to the task. The key is in no argument and no variable, and the programs that a task starts cannot look
into this process, even as root: no other process can write a reply that counts.

METHOD is a method of ``TaskFamily``, or ``describe`` for all that a driver asks before a run, or ``own_tests`` for the
tests that the family brings with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import hmac
import io
import json
import os
import sys
import tempfile
from typing import Any

from .encoding import Encoder, safe_text, valid_text
from .family import Family, Fault, a_type
from .hints import hint_of, one_user
from .trace import trace_of

PR_SET_DUMPABLE = 4
FULL_INTERNET = "full_internet"
OWN_TESTS = "own_tests"
METHODS = ("install", "start", "score", "intermediate_score", "aggregate_scores", "teardown")


class UnknownTask(Exception):
    """``get_tasks`` has no task of that name; the argument is the list of names that it has."""


def texts(found: Any) -> list[str]:
    """Return a list of texts that a family states, in its order where it has one.

    :raises Fault: where it is something else.
    """
    if not isinstance(found, (list, tuple, set, frozenset)) or not all(isinstance(item, str) for item in found):
        raise Fault(f"expected a list of str, found {safe_text(repr, found)[:200]}")
    listed = [valid_text(item) for item in found]
    return listed if isinstance(found, (list, tuple)) else sorted(listed)


def describe(family: Family, task: Any) -> dict[str, Any]:
    """Return all that a driver asks about a task before its run."""
    required = sorted(set(texts(family.attribute("required_environment_variables", ()))))
    skip_chown = bool(family.attribute("skip_chown_after_start", False))
    permissions = texts(family.call("get_permissions", (task,))) if family.has("get_permissions") else []
    # The standard gives a meaning to the empty list and to any list with this word in it.
    if permissions and FULL_INTERNET not in permissions:
        raise Fault(f"expected [] or a list with {FULL_INTERNET!r}, found {safe_text(repr, permissions)[:200]}")
    instructions = family.call("get_instructions", (task,)) if family.has("get_instructions") else ""
    if not isinstance(instructions, str):
        raise Fault(f"returned {a_type(instructions)}, expected a str")
    aux_vm = family.call("get_aux_vm_spec", (task,)) if family.has("get_aux_vm_spec") else None
    return {
        "instructions": instructions,
        "permissions": permissions,
        "required_environment_variables": required,
        "skip_chown_after_start": skip_chown,
        "needs_aux_vm": aux_vm is not None,
        "methods": [name for name in METHODS if family.has(name)],
    }


def find_task(family: Family, name: str, get_tasks_env: dict[str, str]) -> Any:
    """Return the task that ``get_tasks`` has under *name*, asked with variables that are gone afterwards."""
    before = dict(os.environ)
    os.environ.update(get_tasks_env)
    try:
        tasks = family.tasks()
    finally:
        for variable in get_tasks_env:
            os.environ.pop(variable, None)
            if variable in before:
                os.environ[variable] = before[variable]
    if name not in tasks:
        raise UnknownTask(sorted(tasks))
    return tasks[name]


def run(family: Family, method: str, request: dict[str, Any]) -> Any:
    """Call *method* as the request says and return its value."""
    if method == "get_tasks":
        return sorted(family.tasks())
    if method == "install":
        return family.call("install", ()) if family.has("install") else None
    task = find_task(family, request["task"], request["get_tasks_env"])
    if method == "describe":
        return describe(family, task)
    if method == OWN_TESTS:
        from .own_tests import run_own_tests

        return run_own_tests(family, request["family"], request["task"], task, *request["arguments"])
    if method == "teardown":
        return family.call("teardown", (task,), ())
    return family.call(method, (task, *request["arguments"]))


def error_of(error: BaseException, where: str) -> dict[str, Any]:
    """Return the error part of a reply."""
    if isinstance(error, UnknownTask):
        return {"kind": "unknown_task", "where": where, "message": "", "names": error.args[0], "errno": None}
    message = safe_text(str, error)
    if not isinstance(error, Fault):
        message = f"raised {type(error).__name__}: {message}" if message else f"raised {type(error).__name__}"
    number = error.errno if isinstance(error, OSError) and isinstance(error.errno, int) else None
    return {
        "kind": "failed",
        "where": where,
        "message": message,
        "names": [],
        "hint": hint_of(error),
        "errno": number,
    }


def write_reply(request: dict[str, Any], reply: dict[str, Any]) -> None:
    """Write the reply in one step: it is there completely or not at all."""
    folder = request["result"]
    data = json.dumps(reply, ensure_ascii=False).encode("utf-8", "surrogatepass")
    seal = hmac.new(request["key"].encode(), data, "sha256").hexdigest()
    os.makedirs(folder, 0o700)  # noqa: PTH103 - as above
    part = os.path.join(folder, "part")  # noqa: PTH118 - as above
    with open(part, "wb") as file:  # noqa: PTH123 - as above
        file.write(seal.encode() + b"\n" + data)
    os.replace(part, os.path.join(folder, "result.json"))  # noqa: PTH105, PTH118 - as above


def read_request() -> dict[str, Any]:
    """Take the request from standard input, which is empty for the task afterwards."""
    request: dict[str, Any] = json.loads(sys.stdin.buffer.read().decode("utf-8", "surrogatepass"))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return request


def use_scratch(folder: str) -> None:
    """Keep the temporary files of a task that scores away from the agent, unless the machine does it.

    Where one user stands behind root and the agent, the sticky bit of /tmp protects nothing. Where there are two, the
    home is the agent's own, and a task may hand temporary files to the agent on purpose.
    """
    if not one_user():
        return
    os.makedirs(folder, 0o700)  # noqa: PTH103 - as above
    os.environ["TMPDIR"] = folder
    tempfile.tempdir = None


def close_to_others() -> None:
    """Let no other process of this user, root included, read or change the memory and the open files of this one.

    It ends where a process runs another program: what a task starts is as open as ever.

    :raises OSError: where the kernel refuses.
    """
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl: {os.strerror(code)}")


def print_safely() -> None:
    """Let a task print any text, whatever the locale."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def answer() -> None:
    """Run the method that the command line names and write the reply; what it raises is raised again."""
    close_to_others()
    request = read_request()
    print_safely()
    if request["scratch"] is not None:
        use_scratch(request["scratch"])
    own_pid = os.getpid()
    family: Family | None = None
    try:
        family = Family(request["root"], request["family"])
        value = run(family, sys.argv[1], request)
    except BaseException as error:
        if os.getpid() == own_pid:
            write_reply(request, {"error": error_of(error, "import" if family is None else family.where)})
        raise
    # A process that the method forked and that came back this way is no second caller.
    if os.getpid() == own_pid:
        write_reply(request, {"value": Encoder().encode(value), "type": type(value).__name__})


def main() -> int:
    """Answer the request and return the exit status; a traceback on standard error shows no frame of ours."""
    try:
        answer()
    except SystemExit:
        # Has a status and no traceback.
        raise
    except (Fault, UnknownTask):
        return 1
    except BaseException as error:  # noqa: BLE001 - whatever a task raises is told here and nowhere else
        # Not by sys.stderr, which a task may have closed or replaced.
        with contextlib.suppress(OSError):
            os.write(2, trace_of(error).encode())
        return 1
    return 0
