"""Why bubblewrap does not work on a machine, and what to do about it, each in one line."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

_USERNS = "bubblewrap needs unprivileged user namespaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What is in the way, and the remedy."""

    detail: str
    remedy: str


def not_linux() -> Cause | None:
    """Return the cause where this is no Linux."""
    system = platform.system()
    if system == "Linux":
        return None
    return Cause(
        detail=f"bubblewrap runs on Linux only, this is {system}", remedy="run on Linux, or in a Linux virtual machine"
    )


def no_program(reason: str) -> Cause:
    """Return the cause where no bubblewrap was found."""
    return Cause(detail=reason, remedy="pip install 'pytest-metr[bubblewrap]', or install your system's bubblewrap")


def keeps_rights(said: str, python: str) -> Cause:
    """Return the cause where root could not lay down its rights and it does not work with them either.

    :param python: the Python that an unprivileged user cannot reach.
    """
    return Cause(
        detail=f"root has no CAP_SYS_ADMIN here to show {python} to an unprivileged user ({said})",
        remedy="run as an ordinary user, or with a Python that every user can reach",
    )


def diagnose(said: str, system: Path = Path("/")) -> Cause:
    """Return the cause of a sandbox that did not start.

    :param said: what bubblewrap said.
    :param system: the root of the file system to look at.
    """
    for relative, off, cause in (
        (
            "proc/sys/user/max_user_namespaces",
            "0",
            Cause(detail=f"{_USERNS}: user.max_user_namespaces is 0", remedy="sysctl user.max_user_namespaces=15000"),
        ),
        (
            "proc/sys/kernel/unprivileged_userns_clone",
            "0",
            Cause(
                detail=f"{_USERNS}: kernel.unprivileged_userns_clone is 0",
                remedy="sysctl kernel.unprivileged_userns_clone=1",
            ),
        ),
        (
            "proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            Cause(
                detail=f"{_USERNS}: AppArmor restricts them (kernel.apparmor_restrict_unprivileged_userns is 1)",
                remedy="sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap",
            ),
        ),
    ):
        if _value(system / relative) == off:
            return cause
    if _contained(system):
        return Cause(
            detail=f"{_USERNS}: this container does not allow them ({said})",
            remedy="docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined",
        )
    return Cause(detail=said, remedy="see whether 'bwrap --unshare-all --ro-bind / / true' works here")


def _value(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None


def _contained(system: Path) -> bool:
    if any((system / mark).exists() for mark in (".dockerenv", "run/.containerenv")):
        return True
    status = _value(system / "proc/self/status") or ""
    return any(line.split() == ["Seccomp:", "2"] for line in status.splitlines())
