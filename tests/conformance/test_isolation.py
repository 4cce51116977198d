"""What the agent cannot see, reach or do."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pytest_metr.interfaces import Sandbox
from pytest_metr.types import User
from tests.conformance.conftest import Maker, one_user
from tests.conformance.providers import REAL

pytestmark = pytest.mark.parametrize("provider_name", REAL, indirect=True)

USERS: tuple[User, ...] = ("root", "agent")


@pytest.mark.parametrize("path", ["/root", "/protected"])
def test_what_root_keeps_to_itself_is_hidden_from_the_agent(shared: Sandbox, path: str) -> None:
    shared.write_file(f"{path}/flag", b"sesame")
    for command in (["ls", path], ["cat", f"{path}/flag"], ["touch", f"{path}/new"], ["chmod", "777", path]):
        assert not shared.exec(command).ok
    prune = " -o ".join(f"-path {other} -prune" for other in ("/usr", "/proc", "/opt/python"))
    script = f"find / {prune} -o -name flag -print 2>/dev/null; grep -rs sesame {path} /run /mnt"
    found = shared.exec(["sh", "-c", script])
    assert found.out == ""


def test_the_tools_of_the_sandbox_are_hidden_from_the_agent(shared: Sandbox) -> None:
    assert not shared.exec(["sh", "-c", "ls /run/metr/* | grep -v supervisor"]).ok
    assert not shared.exec(["touch", "/run/metr/x"]).ok


@pytest.mark.parametrize("path", ["/etc/passwd", "/usr/bin/sh", "/opt", "/srv", "/var/log", "/usr/local/bin", "/"])
def test_the_agent_can_write_to_its_own_places_only(shared: Sandbox, path: str) -> None:
    shared.exec(["chmod", "777", path])
    script = f"test -d {path} && touch {path}/x || (test -f {path} && echo x >> {path})"
    assert not shared.exec(["sh", "-c", script]).ok


@pytest.mark.parametrize("path", ["/home/agent", "/tmp", "/var/tmp", "/dev/shm"])
def test_the_agent_can_write_to_its_own_places(shared: Sandbox, path: str) -> None:
    assert shared.exec(["sh", "-c", f"echo x > {path}/own && cat {path}/own"]).out == "x\n"


@pytest.mark.parametrize("user", USERS)
def test_the_hosts_files_are_not_there(shared: Sandbox, user: User, tmp_path: Path) -> None:
    (tmp_path / "host").write_text("", encoding="utf-8")
    assert not shared.exec(["test", "-e", str(tmp_path / "host")], user=user).ok
    assert "agent" in shared.exec(["cat", "/etc/passwd"], user=user).out
    if one_user(shared):
        assert shared.exec(["sh", "-c", "ls /etc/shadow /etc/ssh /sys /boot"], user=user).stdout == b""


@pytest.mark.parametrize("user", USERS)
def test_usr_can_be_written_by_a_root_of_its_own_at_most(shared: Sandbox, user: User) -> None:
    may = user == "root" and not one_user(shared)
    assert shared.exec(["touch", "/usr/bin/metr-test"], user=user).ok == may
    assert shared.exec(["chmod", "755", "/usr/bin"], user=user).ok == may


@pytest.mark.parametrize("user", USERS)
def test_the_hosts_processes_are_not_seen(shared: Sandbox, user: User) -> None:
    pids = shared.exec(["sh", "-c", "ls /proc | grep -E '^[0-9]+$'"], user=user).out.split()
    assert 1 <= len(pids) < 15
    assert str(os.getpid()) not in pids or os.getpid() < 100


def test_the_agent_neither_looks_into_nor_kills_roots_processes(sandbox: Sandbox) -> None:
    sandbox.exec(["sh", "-c", "sleep 600 & echo $! > /tmp/pid"], user="root")
    # A user of its own may list the processes of others, as anywhere, and nothing more.
    assert sandbox.exec(["sh", "-c", "grep -sl sleep /proc/[0-9]*/comm"]).ok != one_user(sandbox)
    assert not sandbox.exec(["sh", "-c", "head -c 1 /proc/$(cat /tmp/pid)/environ"]).ok
    sandbox.exec(["sh", "-c", "kill -9 $(cat /tmp/pid); kill -9 -1"], timeout=60)
    assert sandbox.exec(["sh", "-c", "kill -0 $(cat /tmp/pid)"], user="root").ok


@pytest.mark.parametrize("target", ["1", "$PPID"])
def test_the_agent_cannot_look_into_its_watchers(shared: Sandbox, target: str) -> None:
    for what in ("mem", "environ", "fd/0"):
        assert not shared.exec(["sh", "-c", f"head -c 1 /proc/{target}/{what}"]).ok
    for what in ("root/etc", "cwd/etc"):
        assert not shared.exec(["sh", "-c", f"ls /proc/{target}/{what}"]).ok
    assert shared.exec(["sh", "-c", f"ls /proc/{target}/fd | wc -l"]).out.strip() == "0"


def test_the_agent_can_make_no_user_namespace(shared: Sandbox) -> None:
    assert not shared.exec(["unshare", "-U", "true"]).ok
    assert not shared.exec(["unshare", "-Urm", "true"]).ok
    by_clone = "import ctypes, os; print(ctypes.CDLL(None).clone(0, 0, 0x10000000, 0)); print(os.getuid())"
    assert "1000" in shared.exec(["python", "-c", by_clone]).out


@pytest.mark.parametrize("user", USERS)
def test_nobody_gains_rights(shared: Sandbox, user: User) -> None:
    status = shared.exec(["grep", "-E", "NoNewPrivs|CapEff|Seccomp:", "/proc/self/status"], user=user).out
    fields = dict(line.split(":\t") for line in status.splitlines())
    assert fields["NoNewPrivs"] == "1"
    # CAP_SETFCAP; or those to change owners and users, to read everything and to kill.
    of_root = "0000000080000000" if one_user(shared) else "00000000000000fb"
    assert fields["CapEff"] == (of_root if user == "root" else "0" * 16)
    assert fields["Seccomp"].strip() == "2"
    for command in (["mount", "-t", "tmpfs", "none", "/mnt"], ["umount", "/root"], ["chroot", "/", "true"]):
        assert not shared.exec(command, user=user).ok


def test_the_agent_cannot_trace_beyond_its_own_user_and_root_can_be_traced(shared: Sandbox) -> None:
    trace = "import ctypes, sys; sys.exit(0 if ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0 else 3)"
    assert shared.exec(["python", "-c", trace]).exit_code == (3 if one_user(shared) else 0)
    assert shared.exec(["python", "-c", trace], user="root").exit_code == 0
    attach = "import ctypes, sys; sys.exit(0 if ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0 else 3)"
    assert shared.exec(["python", "-c", attach]).exit_code == 3


def test_without_the_internet_there_is_a_loopback_and_nothing_else(shared: Sandbox) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        port = listener.getsockname()[1]
        for user in USERS:
            interfaces = shared.exec(["sh", "-c", "cut -d: -f1 /proc/net/dev | tail -n +3"], user=user).out.split()
            assert "lo" in interfaces
            assert shared.exec(["cat", "/proc/net/route"], user=user).out.count("\n") <= 1
            connect = "import socket; socket.create_connection(('{}', {}), 2)"
            assert not shared.exec(["python", "-c", connect.format("127.0.0.1", port)], user=user).ok
            assert not shared.exec(["python", "-c", connect.format("192.0.2.1", 80)], user=user, timeout=60).ok
    if one_user(shared):
        assert not shared.exec(["test", "-e", "/etc/resolv.conf"]).ok


def test_the_agent_reaches_a_service_of_root_on_the_loopback(sandbox: Sandbox) -> None:
    sandbox.write_file("/root/index.html", b"served by root")
    serve = "cd /root && python -m http.server 8765 --bind 127.0.0.1 >/root/log 2>&1 &"
    assert sandbox.exec(["sh", "-c", serve], user="root").ok
    fetch = """
import time, urllib.request
for _ in range(200):
    try:
        print(urllib.request.urlopen('http://127.0.0.1:8765/').read().decode())
        break
    except OSError:
        time.sleep(0.1)
"""
    assert sandbox.exec(["python", "-c", fetch], timeout=60).out == "served by root\n"
    sandbox.kill_agent()
    assert sandbox.exec(["python", "-c", fetch], timeout=60).out == "served by root\n"


def test_the_label_is_the_name_of_the_host(make: Maker) -> None:
    sandbox = make(label="Reverse Hash/abandon[run12]")
    for user in USERS:
        assert sandbox.exec(["uname", "-n"], user=user).out == "Reverse-Hash-abandon-run12\n"
