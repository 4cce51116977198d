"""Commands that go on while their caller does something else."""

from __future__ import annotations

import hashlib
import os
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Process, Sandbox
from pytest_metr.types import User
from tests.conformance.conftest import Maker, one_user
from tests.conformance.providers import REAL
from tests.conformance.test_processes import running

real = pytest.mark.parametrize("provider_name", REAL, indirect=True)

USERS: tuple[User, ...] = ("root", "agent")
#: Seconds for something that takes no time unless it does not happen.
PATIENCE = 60


def received(process: Process, size: int) -> bytes:
    """Receive until there are *size* bytes, or no more."""
    data = b""
    while len(data) < size:
        more = process.receive(PATIENCE)
        assert more is not None, f"only {data[-200:]!r} came"
        if not more:
            break
        data += more
    return data


@pytest.mark.parametrize("user", USERS)
def test_what_is_sent_comes_back_line_by_line(shared: Sandbox, user: User) -> None:
    process = shared.spawn(["cat"], user=user)
    for line in (b"first\n", b"\0\xff\n", b"last\n"):
        process.send(line)
        assert received(process, len(line)) == line
    assert process.receive(0) is None
    assert process.wait(0) is None
    process.end_input()
    assert process.receive(PATIENCE) == b""
    result = process.wait(PATIENCE)
    assert result is not None
    assert (result.exit_code, result.stdout, process.dropped) == (0, b"", 0)
    process.send(b"too late\n")
    process.end_input()
    process.close()
    assert process.receive() == b""


def test_a_program_that_is_not_there_is_a_result(shared: Sandbox) -> None:
    result = shared.spawn(["/no/such/program"]).wait(PATIENCE)
    assert result is not None
    assert (result.exit_code, result.stderr) == (127, b"/no/such/program: not found\n")


def test_a_command_runs_where_and_as_it_is_told(shared: Sandbox) -> None:
    process = shared.spawn(
        ["sh", "-c", "pwd; id -un; echo $WORD; echo problem >&2; exit 7"], cwd="/tmp", env={"WORD": "hi"}
    )
    assert received(process, 100) == b"/tmp\nagent\nhi\n"
    result = process.wait(PATIENCE)
    assert result is not None
    assert (result.exit_code, result.stderr) == (7, b"problem\n")


def test_a_closed_sandbox_ends_what_goes_on(make: Maker) -> None:
    sandbox = make()
    process = sandbox.spawn(["cat"])
    process.send(b"x")
    assert received(process, 1) == b"x"
    sandbox.close()
    with pytest.raises(SandboxError, match="closed"):
        process.receive(PATIENCE)
    with pytest.raises(SandboxError, match="closed"):
        process.wait(PATIENCE)
    with pytest.raises(SandboxError, match="closed"):
        process.send(b"y")
    process.close()


def test_no_room_at_all_is_refused(shared: Sandbox) -> None:
    with pytest.raises(ValueError, match="room"):
        shared.spawn(["cat"], room=0)


@real
def test_output_comes_back_at_once(shared: Sandbox) -> None:
    process = shared.spawn(["cat"])
    took = []
    for _ in range(50):
        begun = time.monotonic()
        process.send(b"line\n")
        assert received(process, 5) == b"line\n"
        took.append(time.monotonic() - begun)
    process.close()
    # In fact it is a millisecond; the median bears a machine that is busy with other things.
    assert statistics.median(took) < 0.05


@real
@pytest.mark.parametrize("user", USERS)
def test_five_megabytes_go_through_unharmed(shared: Sandbox, user: User) -> None:
    process = shared.spawn(["cat"], user=user, room=16 << 20)
    data = os.urandom(5 << 20)
    for at in range(0, len(data), 100_000):
        process.send(data[at : at + 100_000])
    process.end_input()
    assert hashlib.sha256(received(process, len(data) + 1)).digest() == hashlib.sha256(data).digest()
    assert process.dropped == 0


@real
def test_output_that_nobody_receives_goes_oldest_first(shared: Sandbox) -> None:
    process = shared.spawn(["seq", "200000"], room=1000)
    result = process.wait(PATIENCE)
    assert result is not None
    assert (result.exit_code, result.stdout_dropped) == (0, process.dropped)
    left = received(process, 2000)
    everything = "".join(f"{number}\n" for number in range(1, 200_001)).encode()
    assert left == everything[-1000:]
    assert process.dropped == len(everything) - 1000


@real
def test_a_command_that_prints_for_ever_is_held_back_and_can_be_ended(shared: Sandbox) -> None:
    process = shared.spawn(["sh", "-c", "yes; echo $$"], room=1000)
    while not process.dropped:
        time.sleep(0.01)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(shared.exec, ["echo", "others"], timeout=PATIENCE).result().out == "others\n"
    begun = time.monotonic()
    process.close()
    assert time.monotonic() - begun < 10
    assert not running(shared, "yes")


@real
def test_input_that_is_not_read_waits_and_keeps_nobody(shared: Sandbox) -> None:
    process = shared.spawn(["sh", "-c", "read first; echo $first; sleep 600"])
    process.send(b"go\n" + b"x" * (4 << 20))
    assert received(process, 3) == b"go\n"
    assert shared.exec(["echo", "others"], timeout=PATIENCE).out == "others\n"
    process.close()


@real
@pytest.mark.parametrize("user", USERS)
def test_closing_kills_the_whole_tree(shared: Sandbox, user: User) -> None:
    script = "sleep 641 & setsid sh -c 'sleep 641 & sleep 641' & trap '' TERM; echo there; sleep 641"
    process = shared.spawn(["sh", "-c", script], user=user)
    assert received(process, 6) == b"there\n"
    process.close()
    assert not running(shared, "sleep 641")
    result = process.wait(0)
    assert result is not None
    assert result.exit_code == -9
    assert process.receive() == b""


@real
def test_what_a_command_leaves_in_the_background_lives_on_when_it_ends_by_itself(sandbox: Sandbox) -> None:
    process = sandbox.spawn(["sh", "-c", "(while echo line; do sleep 0.05; done) & echo $! > /tmp/pid"])
    result = process.wait(PATIENCE)
    assert result is not None
    assert result.exit_code == 0
    process.close()
    assert sandbox.exec(["sh", "-c", "sleep 0.3; kill $(cat /tmp/pid)"]).ok


@real
def test_kill_agent_ends_the_agents_commands_and_not_roots(sandbox: Sandbox) -> None:
    processes = {user: sandbox.spawn(["cat"], user=user) for user in USERS}
    for process in processes.values():
        process.send(b"x")
        assert received(process, 1) == b"x"
    sandbox.kill_agent()
    result = processes["agent"].wait(PATIENCE)
    assert result is not None
    assert result.exit_code == -9
    processes["root"].send(b"y")
    assert received(processes["root"], 1) == b"y"
    again = sandbox.spawn(["cat"])
    again.send(b"z")
    assert received(again, 1) == b"z"


@real
def test_many_commands_go_on_at_once_and_no_thread_is_left(sandbox: Sandbox) -> None:
    processes = [sandbox.spawn(["cat"], user=USERS[number % 2]) for number in range(8)]
    for number, process in enumerate(processes):
        process.send(f"{number}".encode())
    assert [received(process, 1) for process in processes] == [f"{number}".encode() for number in range(8)]
    for process in processes[:4]:
        process.close()
    sandbox.close()
    assert [thread.name for thread in threading.enumerate() if "spawn" in thread.name] == []


@real
def test_one_thread_may_wait_while_another_closes(shared: Sandbox) -> None:
    process = shared.spawn(["sleep", "600"])
    with ThreadPoolExecutor(2) as pool:
        waiting, receiving = pool.submit(process.wait), pool.submit(process.receive)
        process.close()
        result = waiting.result(PATIENCE)
        assert result is not None
        assert (result.exit_code, receiving.result(PATIENCE)) == (-9, b"")


@real
def test_an_agent_that_kills_everything_ends_its_own_commands_and_no_others(sandbox: Sandbox) -> None:
    others = sandbox.spawn(["cat"], user="root")
    process = sandbox.spawn(["sh"])
    process.send(b"sleep 651 & kill -9 -1\n")
    process.end_input()
    result = process.wait(PATIENCE)
    assert result is not None
    # It is spared itself where what watches over it belongs to another user.
    assert result.exit_code == (-9 if one_user(sandbox) else 0)
    assert not running(sandbox, "sleep 651")
    others.send(b"x")
    assert received(others, 1) == b"x"
