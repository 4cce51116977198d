"""What a task may ask for that this provider cannot give; it says so by name instead of pretending."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_metr.types import Resources

#: Needs that are met here anyway.
MET = frozenset({"internet", "python"})
_REMEDIES = {
    "two_users": "needs a provider with two real users (Docker)",
    "apt": "needs a provider whose /usr can be written (Docker)",
    "hard_memory_limit": "needs a provider that caps memory (Docker)",
    "docker": "needs a daemon inside the sandbox, which no provider here gives",
    "aux_vm": "needs a driver with auxiliary virtual machines",
    "gpu": "needs a provider with GPUs (Docker)",
}
#: Firmware and kernel keep a part of the memory that a machine is sold with.
_MEMORY_TOLERANCE = 0.05
_GB = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What the host has: processors, and gigabytes (1e9 bytes) of memory and of free disk space."""

    cpus: int
    memory_gb: float
    storage_gb: float


def this_host() -> Host:
    """Measure the host. Memory is the machine's, disk space what is free in the folder for temporary files."""
    return Host(
        cpus=len(os.sched_getaffinity(0)),
        memory_gb=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _GB,
        storage_gb=shutil.disk_usage(tempfile.gettempdir()).free / _GB,
    )


def refusal(resources: Resources, needs: Sequence[str], host: Host) -> str | None:
    """Return in one line why a task that asks for these cannot be served, or None where it can."""
    reasons = [_need(need) for need in needs if need not in MET]
    if resources.gpu is not None and resources.gpu.count_min > 0:
        reasons.append(f"gpu: {_REMEDIES['gpu']}")
    for name, asked, has in (
        ("cpus", resources.cpus, host.cpus),
        ("memory_gb", resources.memory_gb, host.memory_gb * (1 + _MEMORY_TOLERANCE)),
        ("storage_gb", resources.storage_gb, host.storage_gb),
    ):
        if asked is not None and asked > has:
            reasons.append(f"{name}: the task asks for {asked:g}, this machine has {getattr(host, name):.3g}")
    return "; ".join(dict.fromkeys(reasons)) or None


def _need(need: str) -> str:
    return f"{need}: {_REMEDIES.get(need, 'not known to the bubblewrap provider')}"
