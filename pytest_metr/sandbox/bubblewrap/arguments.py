"""The command lines of bubblewrap: the machine, and the agent's view of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.sandbox.bubblewrap.machine import TOOLS, agent_mounts, mounts
from pytest_metr.sandbox.bubblewrap.python import HostPython

#: The numbers of the descriptors that a command line names.
CONTROL, FILTER, CODE = 60, 61, 62
#: The agent's filter as the root supervisor finds it, and the folder of the code of a supervisor.
AGENT_FILTER, AGENT_CODE = f"{TOOLS}/agent.bpf", f"{TOOLS}/lib"
_PYTHON = (f"{TOOLS}/supervisor", "-I", "-S")
#: The command line of the code that is inside, as root runs it, without its role.
ROOT_CODE = (*_PYTHON, f"{TOOLS}/lib/start.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a provider has laid out for all its sandboxes.

    :param folder: the folder of the host that is mounted at /run/metr.
    :param program: the bubblewrap that makes the machine, by its path on the host.
    :param inner: the bubblewrap that makes the agent's view, by its path inside.
    :param python_source: the folder of the host whose parts are mounted at /opt/python, if any.
    :param filtered: whether there are filters of system calls for this architecture.
    """

    folder: Path
    program: Path
    inner: str
    python: HostPython
    python_source: Path | None
    filtered: bool


def machine(tools: Tools, layer: Path, *, hostname: str, internet: bool) -> list[str]:
    """Return the command line of a machine, whose process 1 is the root supervisor."""
    argv = [str(tools.program), "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    argv += ["--unshare-cgroup-try", *([] if internet else ["--unshare-net"])]
    argv += ["--die-with-parent", "--new-session", "--as-pid-1", "--clearenv", "--hostname", hostname]
    # Linux lets user 0 map itself into a nested user namespace only with CAP_SETFCAP (since 5.12).
    argv += ["--uid", "0", "--gid", "0", "--cap-drop", "ALL", "--cap-add", "CAP_SETFCAP"]
    argv += mounts(layer, tools.python, tools.python_source, tools.folder)
    argv += _common(tools)
    return [*argv, *_supervisor("root", ROOT_CODE[-1])]


def agent_view(tools: Tools) -> list[str]:
    """Return the command line, inside a machine, of the agent's view, whose process 1 is its supervisor."""
    argv = [tools.inner, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-cgroup-try"]
    argv += ["--die-with-parent", "--as-pid-1", "--clearenv", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    argv += agent_mounts(tools.python.program)
    argv += _common(tools)
    # The code is read by way of a descriptor, because its folder is not in the view; it is closed after that.
    return [*argv, *_supervisor("agent", f"/proc/self/fd/{CODE}/start.py")]


def _common(tools: Tools) -> list[str]:
    argv = ["--chdir", "/"]
    for name, value in tools.python.environment.items():
        argv += ["--setenv", name, value]
    return [*argv, *(["--seccomp", str(FILTER)] if tools.filtered else [])]


def _supervisor(role: str, script: str) -> Sequence[str]:
    return ("--", *_PYTHON, script, role, str(CONTROL))
