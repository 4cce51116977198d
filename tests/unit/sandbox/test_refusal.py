"""What the bubblewrap provider refuses, and how it says so."""

from __future__ import annotations

import pytest

from pytest_metr.sandbox.bubblewrap.refusal import Host, refusal, this_host
from pytest_metr.types import Gpu, Resources

HOST = Host(cpus=4, memory_gb=16.0, storage_gb=50.0)


@pytest.mark.parametrize("need", ["two_users", "apt", "hard_memory_limit", "docker", "aux_vm", "gpu", "something_new"])
def test_a_need_that_is_not_met_is_refused_by_name_in_one_line(need: str) -> None:
    reason = refusal(Resources(), [need], HOST)
    assert reason is not None
    assert reason.startswith(f"{need}: ")
    assert "\n" not in reason


def test_two_real_users_are_to_be_had_of_docker() -> None:
    assert refusal(Resources(), ["two_users"], HOST) == "two_users: needs a provider with two real users (Docker)"


def test_every_need_that_is_not_met_is_named_once() -> None:
    reason = refusal(Resources(gpu=Gpu(count_min=1, count_max=1)), ["apt", "gpu", "apt"], HOST)
    assert reason is not None
    assert reason.count("apt:") == reason.count("gpu:") == 1


def test_a_gpu_that_is_optional_is_not_refused() -> None:
    assert refusal(Resources(gpu=Gpu(count_min=0, count_max=1)), ["internet"], HOST) is None


@pytest.mark.parametrize(
    ("resources", "name"),
    [
        (Resources(cpus=4.5), "cpus"),
        (Resources(memory_gb=17), "memory_gb"),
        (Resources(storage_gb=51), "storage_gb"),
    ],
)
def test_more_than_the_machine_has_is_refused(resources: Resources, name: str) -> None:
    reason = refusal(resources, [], HOST)
    assert reason is not None
    assert reason.startswith(f"{name}: the task asks for")


def test_as_much_as_the_machine_has_is_not_refused_nor_a_little_more_memory() -> None:
    assert refusal(Resources(cpus=4, memory_gb=16.8, storage_gb=50), [], HOST) is None


def test_the_host_is_measured() -> None:
    host = this_host()
    assert host.cpus >= 1
    assert 0 < host.memory_gb < 1e6
    assert host.storage_gb > 0
