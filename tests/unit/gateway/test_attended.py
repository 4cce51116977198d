"""A command that is watched while it runs: what it leaves, and what ends it before its time."""

from __future__ import annotations

import os
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent.gateway import run_attended
from pytest_metr.agent.gateway.ending import Ending
from pytest_metr.capped import Capped
from pytest_metr.errors import InfrastructureError, LimitReached
from pytest_metr.types import ExecResult, Limits
from tests.unit.agent.fakes import PATIENT

from .local import LocalWorld


def run(world: LocalWorld, script: str, ending: Ending | None = None) -> ExecResult:
    return run_attended(
        world.workspace, ["sh", "-c", script], cwd="/", env={"A": "b", "METR_TOKEN": "t"}, ending=ending or Ending()
    )


def test_a_command_that_ends_by_itself_is_a_result_one_action_and_one_event() -> None:
    world = LocalWorld()
    result = run(world, "echo $A; exit 3")
    assert (result.exit_code, result.stdout) == (3, b"b\n")
    assert world.workspace.usage.actions == 1
    [event] = world.transcript.of("exec")
    assert (event["argv"], event["exit_code"], event["stdout"]) == (["sh", "-c", "echo $A; exit 3"], 3, "b\n")
    assert event["env"] == ["A", "METR_TOKEN"]


def test_what_ends_the_run_ends_the_command_at_once_and_keeps_what_it_said() -> None:
    world, ending = LocalWorld(), Ending()
    failure = InfrastructureError("the model's server is down", cause="model")
    timer = threading.Timer(0.3, ending.of, [failure])
    timer.start()
    begin = time.monotonic()
    with pytest.raises(InfrastructureError) as caught:
        run(world, "echo hello; sleep 600", ending)
    timer.join()
    assert caught.value is failure
    assert time.monotonic() - begin < 60
    [event] = world.transcript.of("exec")
    assert event["stdout"] == "hello\n"
    assert "the model's server is down" in event["error"]
    with pytest.raises(ProcessLookupError):
        os.kill(world.sandbox.processes[0].pid, 0)


def test_an_error_that_came_with_the_last_breath_of_the_command_counts() -> None:
    ending = Ending()
    ending.of(InfrastructureError("first", cause="model"))
    ending.of(InfrastructureError("second", cause="model"))
    with pytest.raises(InfrastructureError, match="first"):
        run(LocalWorld(), "true", ending)


def test_a_command_is_ended_when_the_time_is_up() -> None:
    world = LocalWorld(limits=Limits(wall_seconds=0.3))
    with pytest.raises(LimitReached):
        run(world, "sleep 600")
    assert world.transcript.of("limit")


def test_a_command_that_waits_for_its_model_uses_no_working_time() -> None:
    world = LocalWorld(limits=Limits(working_seconds=0.5))
    with world.workspace.waiting():
        assert run(world, "sleep 1").ok


def test_the_command_itself_may_be_the_last_action_that_is_allowed() -> None:
    assert run(LocalWorld(limits=Limits(actions=1)), "sleep 0.3").ok


@PATIENT
@given(parts=st.lists(st.binary(max_size=30), max_size=20), limit=st.integers(0, 100))
def test_head_and_tail_of_a_long_output_are_kept_and_the_cut_is_told(parts: list[bytes], limit: int) -> None:
    capped, whole = Capped(limit), b"".join(parts)
    for part in parts:
        capped.add(part)
    assert capped.dropped == max(0, len(whole) - limit)
    if len(whole) <= limit:
        assert capped.value() == whole
    else:
        tail = limit // 2
        head = limit - tail
        assert capped.value().startswith(whole[:head] + f"\n[... {capped.dropped} bytes dropped".encode())
        assert capped.value().endswith(whole[len(whole) - tail :])
