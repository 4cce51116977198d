"""Processes of a real kernel: timeouts, background, hostile commands, threads."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Sandbox
from pytest_metr.types import User
from tests.conformance.conftest import Maker, one_user
from tests.conformance.providers import MAX_PROCESSES, REAL, RESERVED_PROCESSES

pytestmark = pytest.mark.parametrize("provider_name", REAL, indirect=True)

USERS: tuple[User, ...] = ("root", "agent")
#: Writes a file after two seconds from a process that has cut every tie with its parent.
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3):
            os.close(fd)
        open('/tmp/begun', 'w')
        time.sleep({delay})
        open('/tmp/late', 'w')
    os._exit(0)
time.sleep(0 if {leave} else 600)
"""

#: Forks children that stay until it cannot, and says how many there are.
CROWD = """
import os, time
count = 0
try:
    while count < 1000:
        if os.fork() == 0:
            time.sleep(600)
        count += 1
except OSError:
    print(count)
"""


def running(sandbox: Sandbox, what: str) -> bool:
    """Whether root sees a process whose command line holds *what*."""
    pattern = f"[{what[0]}]{what[1:]}"  # which its own command line does not match
    script = f"for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $f; echo; done 2>/dev/null | grep -c '{pattern}'"
    return sandbox.exec(["sh", "-c", script], user="root").out.strip() != "0"


@pytest.mark.parametrize("user", USERS)
def test_a_timeout_kills_daemonised_grandchildren(sandbox: Sandbox, user: User) -> None:
    result = sandbox.exec(["python", "-c", DAEMON.format(delay=2.5, leave=0)], user=user, timeout=1.5)
    assert result.timed_out
    assert sandbox.exec(["test", "-e", "/tmp/begun"]).ok
    time.sleep(2)
    assert not sandbox.exec(["test", "-e", "/tmp/late"]).ok


@pytest.mark.parametrize("user", USERS)
def test_what_a_command_leaves_in_the_background_lives_on(sandbox: Sandbox, user: User) -> None:
    result = sandbox.exec(["python", "-c", DAEMON.format(delay=0.5, leave=1)], user=user, timeout=60)
    assert result.exit_code == 0
    waited = sandbox.exec(["sh", "-c", "until test -e /tmp/late; do sleep 0.1; done"], timeout=60)
    assert waited.ok


@pytest.mark.parametrize("user", USERS)
def test_a_background_process_that_holds_the_output_open_does_not_block(sandbox: Sandbox, user: User) -> None:
    result = sandbox.exec(["sh", "-c", "echo started; sleep 600 &"], user=user, timeout=120)
    assert (result.exit_code, result.stdout) == (0, b"started\n")
    assert running(sandbox, "sleep 600")


def test_a_background_process_may_go_on_printing(sandbox: Sandbox) -> None:
    script = "(for i in 1 2 3 4 5 6; do sleep 0.1; echo line || exit 1; done; touch /tmp/finished) &"
    assert sandbox.exec(["sh", "-c", script], user="root").ok
    assert sandbox.exec(["sh", "-c", "until test -e /tmp/finished; do sleep 0.1; done"], timeout=60).ok


def test_a_background_process_that_prints_for_ever_does_not_block(sandbox: Sandbox) -> None:
    result = sandbox.exec(["sh", "-c", "yes & sleep 0.2; echo $! > /tmp/pid"], timeout=60, output_limit=1000)
    assert result.exit_code == 0
    assert sandbox.exec(["sh", "-c", "kill $(cat /tmp/pid)"], timeout=60).ok


def test_a_background_process_of_one_command_is_seen_by_the_next(sandbox: Sandbox) -> None:
    sandbox.exec(["sh", "-c", "sleep 600 & echo $! > /tmp/pid"])
    assert sandbox.exec(["sh", "-c", "kill $(cat /tmp/pid)"]).ok


def test_endless_output_is_cut_and_ends_with_the_timeout(shared: Sandbox) -> None:
    result = shared.exec(["sh", "-c", "echo first; yes; echo last"], timeout=1, output_limit=10_000)
    assert result.timed_out
    assert result.stdout.startswith(b"first\n")
    assert result.stdout_dropped > 0
    assert len(result.stdout) < 10_100


def test_fifty_megabytes_of_input_arrive(shared: Sandbox) -> None:
    result = shared.exec(["wc", "-c"], stdin=b"\0" * 50_000_000, timeout=300)
    assert result.out.strip() == "50000000"


@pytest.mark.parametrize("user", USERS)
def test_arguments_beyond_what_a_kernel_takes_are_126(shared: Sandbox, user: User) -> None:
    assert shared.exec(["echo", "x" * 200_000], user=user).exit_code == 126
    assert shared.exec(["true", *["x" * 100_000] * 60], user=user).exit_code == 126
    assert shared.exec(["true"], env={"LARGE": "x" * 200_000}, user=user).exit_code == 126
    assert shared.exec(["echo", "a\0b"], user=user).exit_code == 126


def test_many_large_arguments_that_a_kernel_takes_arrive(shared: Sandbox) -> None:
    result = shared.exec(["sh", "-c", "echo $#", "sh", *["x" * 100_000] * 8])
    assert result.out == "8\n"


def test_a_fork_bomb_is_bounded_and_the_sandbox_survives_it(sandbox: Sandbox) -> None:
    bomb = "import os, time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        time.sleep(0.05)\n"
    begun = time.monotonic()
    result = sandbox.exec(["python", "-c", bomb], timeout=2)
    assert result.timed_out
    assert time.monotonic() - begun < 60
    assert sandbox.exec(["true"], user="root", timeout=60).ok
    assert sandbox.exec(["echo", "again"], timeout=60).out == "again\n"
    assert not running(sandbox, "time.sleep")


def test_the_number_of_the_agents_processes_is_limited(sandbox: Sandbox) -> None:
    result = sandbox.exec(["python", "-c", CROWD], timeout=60)
    # Root's own processes are counted with the agent's where a container counts them; some are kept for it.
    assert 0 < int(result.out) <= MAX_PROCESSES + (0 if one_user(sandbox) else RESERVED_PROCESSES)
    assert sandbox.exec(["true"], user="root").ok
    assert sandbox.exec(["echo", "more"], timeout=60).out == "more\n"


@pytest.mark.parametrize("attack", ["kill -9 $PPID; sleep 600", "kill -9 -1; sleep 600", "kill -STOP $PPID; sleep 600"])
def test_an_agent_that_turns_on_its_watcher_hurts_itself_alone(sandbox: Sandbox, attack: str) -> None:
    sandbox.exec(["sh", "-c", "sleep 601 &"])
    result = sandbox.exec(["sh", "-c", attack], timeout=1)
    assert result.exit_code in (None, -9)
    # A watcher that is another user's is not hurt at all, and need not take everything with it.
    assert not running(sandbox, "sleep 60" if one_user(sandbox) else "sleep 600")
    assert sandbox.exec(["echo", "fresh"], timeout=60).out == "fresh\n"


@pytest.mark.parametrize("signal", ["TERM", "INT", "HUP", "QUIT", "USR1"])
def test_signals_to_everything_do_not_reach_the_watchers(shared: Sandbox, signal: str) -> None:
    result = shared.exec(["sh", "-c", f"trap '' {signal}; kill -{signal} -1; kill -{signal} 1; exit 5"], timeout=60)
    assert result.exit_code == 5


def test_killing_python_by_name_spares_the_watchers(shared: Sandbox) -> None:
    assert shared.exec(["sh", "-c", "pkill -9 pyth[o]n; exit 6"], timeout=60).exit_code == 6


def test_kill_agent_ends_every_process_of_the_agent_and_none_of_root(sandbox: Sandbox) -> None:
    sandbox.exec(["sh", "-c", "sleep 611 & setsid sleep 611 & trap '' TERM; sleep 611 &"])
    sandbox.exec(["sh", "-c", "sleep 622 &"], user="root")
    sandbox.kill_agent()
    assert not running(sandbox, "sleep 611")
    assert running(sandbox, "sleep 622")


def test_kill_agent_ends_a_command_that_another_thread_waits_for(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sandbox.exec, ["sh", "-c", "touch /tmp/begun; sleep 600"])
        assert sandbox.exec(["sh", "-c", "until test -e /tmp/begun; do sleep 0.1; done"], user="root", timeout=60).ok
        sandbox.kill_agent()
        assert waiting.result(60).exit_code == -9


def test_commands_may_run_at_once_from_several_threads(sandbox: Sandbox) -> None:
    def one(number: int) -> bytes:
        user: User = "root" if number % 2 else "agent"
        return sandbox.exec(["sh", "-c", f"sleep 0.2; echo {number}"], user=user, timeout=120).stdout

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(16))) == [f"{number}\n".encode() for number in range(16)]


def test_a_sandbox_outlives_the_thread_that_made_it(make: Maker) -> None:
    with ThreadPoolExecutor(1) as pool:
        sandbox = pool.submit(make).result()
    time.sleep(0.2)
    assert sandbox.exec(["true"]).ok


def test_signals_and_files_of_the_host_are_not_inherited(shared: Sandbox) -> None:
    for user in USERS:
        ignored = shared.exec(["grep", "-E", "SigIgn|SigBlk", "/proc/self/status"], user=user).out
        assert ignored.split() == ["SigBlk:", "0" * 16, "SigIgn:", "0" * 16]
        assert shared.exec(["sh", "-c", "umask"], user=user).out == "0022\n"
        open_files = shared.exec(["python", "-c", "import os; print(*os.listdir('/proc/self/fd'))"], user=user).out
        assert sorted(open_files.split()) == ["0", "1", "2", "3"]


def test_a_supervisor_that_is_gone_is_an_error_soon_and_closing_works(make: Maker) -> None:
    sandbox = make(label="doomed")
    sandbox.exec(["true"])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sandbox.exec, ["sleep", "600"], user="root")
        # Root's own end of everything, which no agent can bring about.
        with pytest.raises(SandboxError):
            sandbox.exec(["sh", "-c", "kill -9 -1; kill -9 $PPID; sleep 600"], user="root", timeout=60)
        with pytest.raises(SandboxError):
            waiting.result(60)
    begun = time.monotonic()
    for user in USERS:
        with pytest.raises(SandboxError):
            sandbox.exec(["true"], user=user)
    with pytest.raises(SandboxError):
        sandbox.read_file("/tmp/x")
    sandbox.close()
    assert time.monotonic() - begun < 30
