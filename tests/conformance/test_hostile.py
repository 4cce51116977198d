"""What an agent tries in order to get at the harness: its answers, its descriptors, the host's memory and files."""

from __future__ import annotations

import ctypes
import os
import socket

import pytest

from pytest_metr.interfaces import Provider, Sandbox
from pytest_metr.types import User
from tests.conformance.conftest import Maker, one_user
from tests.conformance.providers import REAL

pytestmark = pytest.mark.parametrize("provider_name", REAL, indirect=True)

USERS: tuple[User, ...] = ("root", "agent")

#: Writes down what is open in processes that are about to become commands, until one file says stop.
SPY = """
import os
seen = set()
while not os.path.exists('/tmp/stop'):
    for pid in os.listdir('/proc'):
        try:
            if open(f'/proc/{pid}/comm').read() == 'metr-minder\\n':
                found = {os.readlink(f'/proc/{pid}/fd/{fd}').split(':')[0] for fd in os.listdir(f'/proc/{pid}/fd')}
                # Meanwhile it may have become the command, whose own descriptors are nothing to hide.
                if open(f'/proc/{pid}/comm').read() == 'metr-minder\\n':
                    seen |= found
        except OSError:
            pass
open('/tmp/seen', 'w').write(' '.join(sorted(seen)))
os.rename('/tmp/seen', '/tmp/all')
"""

#: Connects to an abstract socket.
KNOCK = "import socket; socket.socket(socket.AF_UNIX).connect(chr(0) + {!r})"


def landlock_version() -> int:
    """The version of Landlock that the kernel has; abstract sockets can be kept apart from 6 on."""
    return int(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1))


def test_a_command_that_is_about_to_start_holds_nothing_to_forge_its_answer_with(sandbox: Sandbox) -> None:
    sandbox.exec(["sh", "-c", 'python -c "$0" & ', SPY])
    # Looking for the program in very many folders takes a while, in which others may look at the process.
    path = "/n:" * 4_000 + "/usr/bin:/bin"
    for _ in range(5):
        assert sandbox.exec(["true"], env={"PATH": path}, timeout=60).exit_code == 0
    waited = sandbox.exec(["sh", "-c", "touch /tmp/stop; until test -e /tmp/all; do sleep 0.1; done"], timeout=60)
    assert waited.ok
    seen = sandbox.read_file("/tmp/all").decode().split()
    # Where root and the agent are two users, nothing of it is seen at all.
    assert ("pipe" in seen) == one_user(sandbox)
    assert "socket" not in seen


@pytest.mark.parametrize("user", USERS)
def test_shared_memory_is_bounded_and_the_rest_of_dev_is_read_only(shared: Sandbox, user: User) -> None:
    fill = "head -c 300000000 /dev/zero > /dev/shm/fill; wc -c < /dev/shm/fill; rm /dev/shm/fill"
    result = shared.exec(["sh", "-c", fill], user=user, timeout=60)
    assert int(result.out) == 256 << 20
    assert shared.exec(["touch", "/dev/new"], user=user).ok == (user == "root" and not one_user(shared))
    code = "import multiprocessing, os, pty; multiprocessing.Semaphore(1); pty.openpty(); os.urandom(1)"
    result = shared.exec(["sh", "-c", 'python -c "$0" && echo x > /dev/null', code], user=user)
    assert result.ok, result.err


def test_an_environment_can_be_made_of_the_hosts_python(shared: Sandbox) -> None:
    made = shared.exec(["python", "-m", "venv", "--without-pip", "/home/agent/venv"], timeout=120)
    assert made.ok, made.err
    code = "import ctypes, sqlite3, ssl, sys, sysconfig; print(sys.prefix)"
    assert shared.exec(["/home/agent/venv/bin/python", "-c", code], timeout=60).out == "/home/agent/venv\n"


def test_a_file_that_the_agent_has_closed_to_itself_is_there_and_forbidden(shared: Sandbox) -> None:
    shared.write_file("/home/agent/closed", b"x", user="agent", mode=0)
    with pytest.raises(PermissionError):
        shared.read_file("/home/agent/closed", user="agent")


def test_a_build_that_makes_folders_of_our_files_is_put_right(provider: Provider, make: Maker) -> None:
    script = "cd /etc && for name in hostname hosts resolv.conf; do rm -rf $name && mkdir -p $name/x; done"

    def build(sandbox: Sandbox) -> None:
        assert sandbox.exec(["sh", "-ec", f"{script}; chmod 0 hosts"], user="root").ok

    snapshot = provider.snapshot("folders in etc", build)
    for internet in (False, True):
        sandbox = make(of=snapshot, internet=internet, label="box")
        assert sandbox.exec(["cat", "/etc/hostname"]).out == "box\n"
        assert "localhost" in sandbox.exec(["cat", "/etc/hosts"]).out


@pytest.mark.parametrize("user", USERS)
def test_no_socket_leads_to_the_host_of_a_virtual_machine(shared: Sandbox, user: User) -> None:
    result = shared.exec(["python", "-c", "import socket; socket.socket(40, socket.SOCK_STREAM)"], user=user)
    assert "PermissionError" in result.err


def test_abstract_sockets_of_the_host_are_not_reached_and_own_ones_are(make: Maker) -> None:
    if landlock_version() < 6:
        pytest.skip("this kernel cannot keep abstract sockets apart")
    sandbox = make(internet=True)
    name = f"metr-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0{name}")
        listener.listen()
        for user in USERS:
            said = sandbox.exec(["python", "-c", KNOCK.format(name)], user=user).err
            assert ("PermissionError" if one_user(sandbox) else "ConnectionRefusedError") in said
    serve = f"import socket; s = socket.socket(socket.AF_UNIX); s.bind(chr(0) + {name!r}); s.listen(); "
    serve += "open('/tmp/ready', 'w'); s.accept(); s.accept()"
    sandbox.exec(["sh", "-c", 'python -c "$0" &', serve], user="root")
    assert sandbox.exec(["sh", "-c", "until test -e /tmp/ready; do sleep 0.1; done"], timeout=60).ok
    for user in USERS:
        result = sandbox.exec(["python", "-c", KNOCK.format(name)], user=user)
        assert result.ok, result.err
