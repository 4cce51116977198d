"""Cases: reaching somebody from a task without the internet."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.hostile.arena import Arena
from tests.hostile.case import Case

#: Connects to each of its arguments, ``family host port``; prints those that answer.
CONNECT = """
import socket, sys
for text in sys.argv[1:]:
    family, host, port = text.split()
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(getattr(socket, family), kind) as made:
            made.settimeout(1)
            try:
                made.connect((host, int(port)))
                made.send(b"x")
                if kind == socket.SOCK_DGRAM:
                    made.recv(1)
            except OSError:
                continue
            print("reached", text, kind)
"""
#: Asks for addresses of names, by the library and by hand.
NAMES = """
import socket
for name in ("example.org", "host.docker.internal", "gateway.docker.internal", "metadata.google.internal"):
    try:
        print(socket.getaddrinfo(name, 80))
    except OSError:
        continue
question = bytes.fromhex("000101000001000000000000076578616d706c65036f72670000010001")
for server in ("127.0.0.11", "127.0.0.53", "8.8.8.8", "1.1.1.1"):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.settimeout(0.5)
        try:
            made.sendto(question, (server, 53))
            print(made.recv(512))
        except OSError:
            continue
"""
#: Makes sockets that see more than their own traffic; prints those that it gets.
RAW = """
import socket
kinds = ((socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_INET, socket.SOCK_RAW, 255),
         (socket.AF_INET6, socket.SOCK_RAW, 58), (socket.AF_PACKET, socket.SOCK_RAW, 0x0300),
         (socket.AF_PACKET, socket.SOCK_DGRAM, 0x0300))
for kind in kinds:
    try:
        socket.socket(*kind).close()
        print(kind)
    except OSError:
        continue
"""
#: Changes the network: a new interface, an address, a route; prints what was accepted.
CHANGE = """
import fcntl, socket, struct
link = struct.pack("=IHHIIBxHiII", 32, 16, 0x605, 1, 0, 0, 0, 0, 0, 0)
route = struct.pack("=IHHIIBBBBBBBBI", 28, 24, 0x605, 2, 0, 2, 0, 0, 0, 254, 3, 0, 1, 0)
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as made:
    for message in (link, route):
        made.send(message)
        length, kind, _, _, _, error = struct.unpack("=IHHIIi", made.recv(4096)[:20])
        if kind != 2 or error == 0:
            print("accepted", kind, error)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
    for call in (0x8916, 0x8914, 0x891C):
        try:
            fcntl.ioctl(made, call, struct.pack("16sH2s4s8s", b"lo", 2, b"", b"\\x7f\\x00\\x00\\x02", b""))
            print("changed", hex(call))
        except OSError:
            continue
"""
SOCKETS = """
for name in /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /run/podman/podman.sock \
    /run/dbus/system_bus_socket /run/systemd/private /run/user/0/bus /tmp/.X11-unix/X0; do
    test -e $name && echo $name
done
find / -xdev -type s 2>/dev/null
"""
#: Names the interfaces that are up; kernels show some in every network that are down and lead nowhere.
INTERFACES = """
import fcntl, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
    for _, name in socket.if_nameindex():
        flags = struct.unpack("16xH14x", fcntl.ioctl(made, 0x8913, struct.pack("32s", name.encode())))[0]
        if flags & 1: print(name)
"""
METADATA = "169.254.169.254"


@contextmanager
def listening(family: socket.AddressFamily, address: str) -> Iterator[int]:
    """Listen on the host and give the port."""
    with socket.socket(family) as made:
        made.bind((address, 0))
        made.listen()
        yield int(made.getsockname()[1])


def own_addresses() -> list[str]:
    """Return addresses of the host in networks that it has; none is asked for anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        try:
            made.connect(("192.0.2.1", 9))
        except OSError:
            return []
        return [str(made.getsockname()[0])]


def by_address(arena: Arena) -> None:
    with listening(socket.AF_INET, "0.0.0.0") as port:
        hosts = ["127.0.0.1", "172.17.0.1", "10.0.0.1", "192.0.2.1", *own_addresses()]
        for user in ("root", "agent"):
            result = arena.python(CONNECT, *(f"AF_INET {host} {port}" for host in hosts), user=user)
            assert (result.exit_code, result.out) == (0, "")
    assert set(arena.python(INTERFACES).out.split()) <= {"lo"}
    assert arena.shell("tail -n +2 /proc/net/route").out == ""


def by_name(arena: Arena) -> None:
    result = arena.python(NAMES)
    assert (result.exit_code, result.out) == (0, "")


def by_ipv6(arena: Arena) -> None:
    with listening(socket.AF_INET, "0.0.0.0") as port:
        targets = ["2001:db8::1 80", "fe80::1 80", "::ffff:192.0.2.1 80", f"::1 {port}", f"::ffff:127.0.0.1 {port}"]
        result = arena.python(CONNECT, *(f"AF_INET6 {target}" for target in targets))
    assert (result.exit_code, result.out) == (0, "")


def metadata_address(arena: Arena) -> None:
    result = arena.python(CONNECT, f"AF_INET {METADATA} 80", "AF_INET6 fd00:ec2::254 80", "AF_INET 168.63.129.16 80")
    assert (result.exit_code, result.out) == (0, "")


def abstract_sockets(arena: Arena) -> None:
    name = f"metr-hostile-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0{name}")
        listener.listen()
        knock = f"import socket; socket.socket(socket.AF_UNIX).connect(chr(0) + {name!r})"
        for user in ("root", "agent"):
            assert not arena.python(knock, user=user).ok
        assert name not in arena.shell("cat /proc/net/unix").out


def virtual_sockets(arena: Arena) -> None:
    code = "import socket; made = socket.socket(40, socket.SOCK_STREAM); made.settimeout(1); "
    result = arena.python(f"{code} made.connect((2, 22)); print('reached')")
    assert not result.ok
    assert result.out == ""


def raw_sockets(arena: Arena) -> None:
    result = arena.python(RAW)
    assert (result.exit_code, result.out) == (0, "")


def interfaces(arena: Arena) -> None:
    result = arena.python(CHANGE)
    assert (result.exit_code, result.out) == (0, ""), result.err


def sockets_of_daemons(arena: Arena) -> None:
    for user in ("root", "agent"):
        assert arena.shell(SOCKETS, user=user).out == ""


def between_sandboxes(arena: Arena) -> None:
    first, other = arena.sandbox, arena.another()
    serve = "import http.server; open('/tmp/ready', 'w').close(); "
    serve += "http.server.HTTPServer(('0.0.0.0', 8099), http.server.SimpleHTTPRequestHandler).serve_forever()"
    assert other.exec(["bash", "-c", 'setsid python -c "$0" >/dev/null 2>&1 &', serve]).ok
    assert other.exec(["bash", "-c", "until test -e /tmp/ready; do sleep 0.05; done"], timeout=60).ok
    reached = "AF_INET 127.0.0.1 8099"
    assert other.exec(["python", "-c", CONNECT, reached]).out.startswith("reached")
    result = first.exec(["python", "-c", CONNECT, reached, "AF_INET 172.17.0.2 8099", "AF_INET 172.17.0.3 8099"])
    assert (result.exit_code, result.out) == (0, "")


CASES = (
    Case(
        check=by_address,
        tries="connects to addresses of the host and beyond, as root too",
        holds="none is reached",
        shared=True,
    ),
    Case(check=by_name, tries="asks for names, by the library and by hand", holds="nobody answers", shared=True),
    Case(check=by_ipv6, tries="goes by IPv6", holds="nobody is reached", shared=True),
    Case(check=metadata_address, tries="asks a cloud's metadata address", holds="nobody is reached", shared=True),
    Case(
        check=abstract_sockets,
        tries="connects to abstract sockets of the host",
        holds="they are not there",
        shared=True,
    ),
    Case(check=virtual_sockets, tries="connects to the host of a virtual machine", holds="it is refused", shared=True),
    Case(check=raw_sockets, tries="makes raw and packet sockets", holds="it is refused", shared=True),
    Case(check=interfaces, tries="adds interfaces, addresses and routes", holds="it is refused", shared=True),
    Case(
        check=sockets_of_daemons,
        tries="looks for sockets of the engine and other daemons, as root too",
        holds="there is none",
        shared=True,
    ),
    Case(check=between_sandboxes, tries="connects to a server in another run's sandbox", holds="it is not reached"),
)
