"""The network of sandboxes: none, or one in which they cannot reach each other."""

from __future__ import annotations

import time

from pytest_metr.interfaces import Sandbox
from pytest_metr.sandbox.docker import DockerProvider
from pytest_metr.types import Resources

SERVE = "exec python3 -m http.server 8000 --bind 0.0.0.0 > /dev/null 2>&1"
ADDRESS = "import socket; print(socket.gethostbyname(socket.gethostname()))"
REACH = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 8000), 3).close()
    print("reached")
except OSError as error:
    print("not reached", error)
"""


def reach(sandbox: Sandbox, address: str) -> str:
    return sandbox.exec(["python3", "-c", REACH, address], timeout=60).out


def test_sandboxes_with_the_internet_cannot_reach_each_other(provider: DockerProvider, snapshot: str) -> None:
    make = [provider.create(snapshot, internet=True, resources=Resources(), label=f"n{number}") for number in range(2)]
    with make[0] as server, make[1] as other:
        server.exec(["sh", "-c", f"({SERVE}) &"])
        address = server.exec(["python3", "-c", ADDRESS]).out.strip()
        assert not address.startswith("127.")
        deadline = time.monotonic() + 30
        while reach(server, address) != "reached\n":  # itself, so it is being served
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert reach(other, address).startswith("not reached")


def test_a_sandbox_without_the_internet_has_loopback_alone(provider: DockerProvider, snapshot: str) -> None:
    with provider.create(snapshot, internet=False, resources=Resources(), label="x") as sandbox:
        assert sandbox.exec(["ls", "/sys/class/net"]).out.split() == ["lo"]


def test_a_sandbox_with_the_internet_has_a_way_out_and_a_resolver(provider: DockerProvider, snapshot: str) -> None:
    with provider.create(snapshot, internet=True, resources=Resources(), label="x") as sandbox:
        routes = sandbox.read_file("/proc/net/route", user="agent").decode().splitlines()[1:]
        assert any(line.split()[1] == "00000000" for line in routes)
        assert b"nameserver" in sandbox.read_file("/etc/resolv.conf", user="agent")
