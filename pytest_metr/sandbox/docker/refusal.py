"""What a task may ask for that an engine cannot give; it is said by name instead of pretended."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_metr.sandbox.docker.engine import EngineFacts
from pytest_metr.sandbox.docker.settings import GB
from pytest_metr.types import Resources

#: Needs that every engine meets.
MET = frozenset({"apt", "internet", "python", "two_users"})
_REMEDIES = {
    "docker": "needs a daemon inside the sandbox, which no provider here gives",
    "aux_vm": "needs a driver with auxiliary virtual machines",
    "hard_memory_limit": "needs an engine that can cap memory, which this one says it cannot",
    "gpu": "needs an engine with NVIDIA's container toolkit, which this one does not have",
}
#: Firmware and kernel keep a part of the memory that a machine is sold with.
_MEMORY_TOLERANCE = 0.05


def refusal(resources: Resources, needs: Sequence[str], facts: EngineFacts) -> str | None:
    """Return in one line why a task that asks for these cannot be served, or None where it can.

    Disk space is not among it: an engine does not say how much it has.
    """
    met = MET | {name for name, has in (("hard_memory_limit", facts.memory_limit), ("gpu", facts.gpus)) if has}
    asked = list(needs)
    if resources.gpu is not None and resources.gpu.count_min > 0:
        asked.append("gpu")
    reasons = [
        f"{need}: {_REMEDIES.get(need, 'not known to the docker provider')}" for need in asked if need not in met
    ]
    for name, wanted, has, tolerance in (
        ("cpus", resources.cpus, float(facts.cpus), 0.0),
        ("memory_gb", resources.memory_gb, facts.memory_bytes / GB, _MEMORY_TOLERANCE),
    ):
        if wanted is not None and wanted > has * (1 + tolerance):
            reasons.append(f"{name}: the task asks for {wanted:g}, the engine's machine has {has:.3g}")
    return "; ".join(dict.fromkeys(reasons)) or None
