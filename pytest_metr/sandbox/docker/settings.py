"""What a container may use and do."""

from __future__ import annotations

import math
from typing import Any

from docker.types import DeviceRequest, LogConfig, Ulimit

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.docker.engine import Engine, EngineFacts, explained
from pytest_metr.sandbox.docker.labels import IMAGE
from pytest_metr.types import Gpu, Resources

#: Bytes in a manifest's gigabyte.
GB = 10**9
#: The part of the engine's memory that a sandbox may use whose task does not say how much it needs.
MEMORY_SHARE = 0.8
#: Processes that root may have besides the agent's.
RESERVED_PROCESSES = 512
#: Bytes of /dev/shm, which count as the sandbox's memory.
SHARED_MEMORY = 256 << 20
#: What root needs to set up a task, to become the agent and to end its processes.
_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID")
#: What package managers need besides.
_BUILD_CAPABILITIES = ("NET_BIND_SERVICE", "SETFCAP", "SYS_CHROOT")
#: Drivers that can cap what a container writes, some of them only if their file system is set up for it.
_CAPPING_DRIVERS = frozenset({"btrfs", "zfs", "devicemapper", "overlay2", "overlay"})


def host_config(
    engine: Engine, resources: Resources, *, network: str, max_processes: int, building: bool = False
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the settings of a container for ``APIClient.create_container``, and what a reader of a record must know.

    :param network: ``none`` or the id of a network.
    :param max_processes: how many processes the agent may have.
    :param building: whether a family is installed in it.
    :raises SandboxError: where the engine does not answer.
    """
    facts, notes = engine.facts, []
    memory = _memory(resources, facts)
    capabilities = (*_CAPABILITIES, *_BUILD_CAPABILITIES) if building else _CAPABILITIES
    options: dict[str, Any] = {
        "network_mode": network,
        "ipc_mode": "private",
        "cap_drop": ["ALL"],
        "cap_add": list(capabilities),
        "security_opt": ["no-new-privileges:true"],
        "log_config": LogConfig(type="none"),
        "restart_policy": {"Name": "no"},
        "init": False,
        "shm_size": min(SHARED_MEMORY, memory // 2),
        # The number of open files stays the engine's own, which it cannot raise everywhere.
        "ulimits": [Ulimit(name="core", soft=0, hard=0)],
    }
    for add in (_limits(facts, resources, memory, max_processes), _storage(engine, resources), _gpus(resources.gpu)):
        options |= add[0]
        notes += add[1]
    return engine.api.create_host_config(**options), tuple(notes)


def _memory(resources: Resources, facts: EngineFacts) -> int:
    if resources.memory_gb is not None:
        return int(resources.memory_gb * GB)
    return int(facts.memory_bytes * MEMORY_SHARE)


def _limits(
    facts: EngineFacts, resources: Resources, memory: int, max_processes: int
) -> tuple[dict[str, Any], list[str]]:
    options: dict[str, Any] = {}
    notes = []
    if facts.memory_limit:
        options["mem_limit"] = memory
    else:
        notes.append("this engine cannot cap memory: memory_gb is a requirement here, not a cap")
    if facts.memory_limit and facts.swap_limit:
        options["memswap_limit"] = memory
    elif facts.memory_limit:
        notes.append("this engine cannot cap swap: a sandbox may use more than its memory where its machine has swap")
    if facts.pids_limit:
        options["pids_limit"] = max_processes + RESERVED_PROCESSES
    else:
        notes.append("this engine cannot cap the number of processes")
    if resources.cpus is not None and facts.cpu_limit:
        options["nano_cpus"] = int(resources.cpus * 1e9)
    elif resources.cpus is not None:
        notes.append("this engine cannot cap processors: cpus is a requirement here, not a cap")
    return options, notes


def _storage(engine: Engine, resources: Resources) -> tuple[dict[str, Any], list[str]]:
    if resources.storage_gb is None:
        return {}, []
    if engine.can("storage_opt", lambda: _can_cap_storage(engine)):
        return {"storage_opt": {"size": str(math.ceil(resources.storage_gb * GB))}}, []
    driver, below = engine.facts.storage_driver, engine.facts.backing_filesystem
    where = f"{driver} on {below}" if below else driver
    return {}, [f"storage_gb is not a cap here: the engine's storage driver ({where}) has none"]


def _can_cap_storage(engine: Engine) -> bool:
    """Try it with a container that is never started: whether a driver can depends on how its file system is mounted."""
    if engine.facts.storage_driver not in _CAPPING_DRIVERS:
        return False
    with explained("the engine was asked for its images"):
        images = engine.api.images(filters={"label": IMAGE}, quiet=True)
    if not images:
        return False
    config = engine.api.create_host_config(storage_opt={"size": str(GB)}, network_mode="none")
    try:
        with explained("a container with a cap on its storage could not be made"):
            made = engine.api.create_container(images[0], ["true"], host_config=config, use_config_proxy=False)
    except SandboxError as error:
        if error.cause == "daemon":
            raise
        return False
    with explained("a container could not be removed"):
        engine.api.remove_container(made["Id"], force=True, v=True)
    return True


def _gpus(gpu: Gpu | None) -> tuple[dict[str, Any], list[str]]:
    if gpu is None or gpu.count_min == 0:
        return {}, []
    notes = ["GPUs are not set aside: sandboxes at the same time share them"]
    if gpu.model is not None:
        notes.append(f"the engine does not say whether its GPUs are {gpu.model}")
    return {"device_requests": [DeviceRequest(count=gpu.count_min, capabilities=[["gpu"]])]}, notes
