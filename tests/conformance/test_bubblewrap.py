"""What bubblewrap alone has to see to, as the machine is the host's own and one user of it stands behind everybody."""

from __future__ import annotations

import resource
import socket
import sys
import threading

import pytest

from pytest_metr.interfaces import Sandbox
from pytest_metr.types import User
from tests.conformance.conftest import Maker

pytestmark = pytest.mark.parametrize("provider_name", ["bubblewrap"], indirect=True)

USERS: tuple[User, ...] = ("root", "agent")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.mark.parametrize("user", USERS)
def test_a_command_may_have_far_fewer_open_files_than_the_harness(shared: Sandbox, user: User) -> None:
    soft, hard = (int(word) for word in shared.exec(["sh", "-c", "ulimit -Sn; ulimit -Hn"], user=user).out.split())
    assert soft == hard <= 512
    mine, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert mine == most >= 2 * hard


def test_of_the_hosts_python_there_is_what_it_needs_and_nothing_else(shared: Sandbox) -> None:
    for user in USERS:
        if not shared.exec(["test", "-e", "/opt/python/lib"], user=user).ok:
            pytest.skip("the host's Python is in /usr")
        assert set(shared.exec(["ls", "-A", "/opt/python"], user=user).out.split()) <= {
            "bin",
            "include",
            "lib",
            "lib64",
        }
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        assert set(shared.exec(["ls", "-A", "/opt/python/bin"], user=user).out.split()) == {"python", "python3", name}
        assert shared.exec(["sh", "-c", "ls -A /opt/python/lib/*/site-packages"], user=user).out == ""
        for place in ("", "/bin", "/lib", f"/lib/{name}", f"/lib/{name}/site-packages"):
            assert not shared.exec(["touch", f"/opt/python{place}/new"], user=user).ok


def test_changing_an_owner_is_pretended_for_both(shared: Sandbox) -> None:
    for user in USERS:
        code = "import os; p='/tmp/owned'; open(p,'a').close(); os.chown(p,1000,1000); os.lchown(p,0,33); "
        code += "f=open(p); os.fchown(f.fileno(),5,5); os.chown('owned',7,7,dir_fd=os.open('/tmp',0))"
        result = shared.exec(["python", "-c", code], user=user)
        assert result.ok, result.err


def test_with_the_internet_the_hosts_network_is_reached_and_the_record_says_so(make: Maker) -> None:
    sandbox = make(internet=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: listener.accept()[0].close())
        thread.start()
        connect = f"import socket; socket.create_connection(('127.0.0.1', {listener.getsockname()[1]}), 30)"
        assert sandbox.exec(["python", "-c", connect]).ok
        thread.join(30)
    assert any("network" in note for note in sandbox.info.notes)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", ["python", "python3", f"python{VERSION}"])
def test_python_is_the_hosts_version_in_an_environment_of_its_own(shared: Sandbox, user: User, name: str) -> None:
    code = "import ssl, sqlite3, ctypes, sys; print(sys.prefix, sys.version_info[:2], len(sys.path))"
    result = shared.exec([name, "-c", code], user=user)
    assert result.err == ""
    assert result.out.startswith(f"/usr/local {sys.version_info[:2]}")
