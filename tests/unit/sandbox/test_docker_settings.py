"""What a container may use and do, and what the Docker provider refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_metr.sandbox.docker.refusal import refusal
from pytest_metr.sandbox.docker.settings import RESERVED_PROCESSES, host_config
from pytest_metr.types import Gpu, Resources
from tests.unit.sandbox.engines import FACTS, MadeUpEngine

NOTHING = Resources()


def settings(engine: MadeUpEngine, resources: Resources = NOTHING, **more: Any) -> tuple[dict[str, Any], str]:
    config, notes = host_config(engine, resources, network="none", max_processes=100, **more)
    return config, "; ".join(notes)


def test_a_container_has_no_more_rights_than_it_needs() -> None:
    config, notes = settings(MadeUpEngine())
    assert notes == ""
    assert config["CapDrop"] == ["ALL"]
    assert "SYS_ADMIN" not in config["CapAdd"]
    assert "NET_RAW" not in config["CapAdd"]
    assert config["SecurityOpt"] == ["no-new-privileges:true"]
    assert config["NetworkMode"] == "none"
    assert config["IpcMode"] == "private"
    assert not {"Binds", "Mounts", "Devices", "Privileged", "PidMode", "UsernsMode"} & config.keys()


def test_memory_is_a_cap_with_swap_off() -> None:
    config, _ = settings(MadeUpEngine(), Resources(memory_gb=1.5))
    assert config["Memory"] == config["MemorySwap"] == 1_500_000_000


def test_a_task_that_does_not_say_how_much_memory_it_needs_gets_most_of_it() -> None:
    config, _ = settings(MadeUpEngine())
    assert config["Memory"] == config["MemorySwap"] == 12_800_000_000


def test_processors_and_processes_are_capped() -> None:
    config, _ = settings(MadeUpEngine(), Resources(cpus=1.5))
    assert config["NanoCpus"] == 1_500_000_000
    assert config["PidsLimit"] == 100 + RESERVED_PROCESSES


def test_what_an_engine_cannot_cap_is_said() -> None:
    bare = MadeUpEngine(memory_limit=False, swap_limit=False, pids_limit=False, cpu_limit=False)
    config, notes = settings(bare, Resources(cpus=1, memory_gb=1))
    assert not {"Memory", "MemorySwap", "PidsLimit", "NanoCpus"} & config.keys()
    assert all(word in notes for word in ("memory_gb", "processes", "cpus"))
    config, notes = settings(MadeUpEngine(swap_limit=False), Resources(memory_gb=1))
    assert "Memory" in config
    assert "MemorySwap" not in config
    assert "swap" in notes


def test_storage_is_capped_where_the_driver_can_and_said_where_not() -> None:
    config, notes = settings(MadeUpEngine(can_cap_storage=True), Resources(storage_gb=2.5))
    assert (config["StorageOpt"], notes) == ({"size": "2500000000"}, "")
    config, notes = settings(MadeUpEngine(), Resources(storage_gb=2.5))
    assert "StorageOpt" not in config
    assert "storage_gb is not a cap here" in notes
    assert "overlay2 on extfs" in notes


def test_gpus_are_asked_for_by_number() -> None:
    config, notes = settings(MadeUpEngine(gpus=True), Resources(gpu=Gpu(count_min=2, count_max=4, model="h100")))
    (request,) = config["DeviceRequests"]
    assert (request["Count"], request["Capabilities"]) == (2, [["gpu"]])
    assert "h100" in notes
    assert "DeviceRequests" not in settings(MadeUpEngine(), Resources(gpu=Gpu(count_min=0, count_max=1)))[0]


def test_only_a_build_may_do_what_package_managers_do() -> None:
    building = set(settings(MadeUpEngine(), building=True)[0]["CapAdd"])
    assert building - set(settings(MadeUpEngine())[0]["CapAdd"]) == {"NET_BIND_SERVICE", "SETFCAP", "SYS_CHROOT"}


@pytest.mark.parametrize("need", ["two_users", "apt", "internet", "python", "hard_memory_limit"])
def test_the_needs_that_docker_is_for_are_met(need: str) -> None:
    assert refusal(NOTHING, [need], FACTS) is None


@pytest.mark.parametrize("need", ["docker", "aux_vm", "gpu", "something_new"])
def test_a_need_that_is_not_met_is_refused_by_name_in_one_line(need: str) -> None:
    reason = refusal(NOTHING, [need, need], FACTS)
    assert reason is not None
    assert reason.startswith(f"{need}: ")
    assert reason.count(need) == reason.count(f"{need}: ")
    assert "\n" not in reason


def test_a_hard_memory_limit_needs_an_engine_that_can() -> None:
    reason = refusal(NOTHING, ["hard_memory_limit"], replace(FACTS, memory_limit=False))
    assert reason is not None
    assert "hard_memory_limit" in reason


@pytest.mark.parametrize(("resources", "name"), [(Resources(cpus=4.5), "cpus"), (Resources(memory_gb=17), "memory_gb")])
def test_more_than_the_engines_machine_has_is_refused(resources: Resources, name: str) -> None:
    reason = refusal(resources, (), FACTS)
    assert reason is not None
    assert reason.startswith(f"{name}: the task asks for ")


def test_what_the_engines_machine_has_is_not_refused() -> None:
    gpu = Gpu(count_min=1, count_max=1)
    assert refusal(Resources(cpus=4, memory_gb=16, storage_gb=1e6), (), FACTS) is None
    assert refusal(Resources(gpu=gpu), ["gpu"], replace(FACTS, gpus=True)) is None
    assert refusal(Resources(gpu=gpu), (), FACTS) is not None
