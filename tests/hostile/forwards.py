"""What an agent does to a port of its sandbox whose connections end on the host."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from pytest_metr.interfaces import Forward
from pytest_metr.sandbox.inside import tunnel
from tests.hostile.arena import PATIENCE, Arena
from tests.hostile.case import Case

#: What the host's own memory may grow by, in bytes: what all connections may have under way, and copies of it.
GROWTH = 6 * tunnel.PLACES * tunnel.WINDOW

#: Says something by a connection of its own and hears it again.
ASK = """
import socket, sys
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 30)
s.sendall(b'hello')
print(s.recv(5).decode())
"""
#: Writes as much as it can to as many connections as there can be, and never reads.
FLOOD = """
import select, socket, sys
all = []
for _ in range(100):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(('127.0.0.1', int(sys.argv[1])))
    all.append(s)
while True:
    for s in select.select([], all, [], 5)[1]:
        try:
            s.send(b'x' * 100_000)
        except OSError:
            all.remove(s)
"""
#: Holds connections, and makes others that it breaks at once, in the middle of what they say.
HOG = """
import socket, struct, sys, time
def knock():
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(('127.0.0.1', int(sys.argv[1])))
    return s
held = []
until = time.monotonic() + 3
while time.monotonic() < until:
    s = knock()
    time.sleep(0.001)
    try:
        s.send(b'half of a')
    except OSError:
        pass
    if len(held) < 300:
        held.append(s)
        continue
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()
print('held', flush=True)
time.sleep(600)
"""
#: Takes the port, by every way of asking for it, and says which of them it was given.
TAKE = """
import socket, sys
for family, host in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET, '0.0.0.0')):
    for option in (None, socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        with socket.socket(family) as s:
            if option is not None:
                s.setsockopt(socket.SOL_SOCKET, option, 1)
            try:
                s.bind((host, int(sys.argv[1])))
                s.listen()
            except OSError:
                continue
            print(host, option)
"""
#: Ends, stops, traces and looks into whatever might be behind the port.
KILL = r"""
for pid in $(ls /proc | grep '^[0-9]*$'); do
    [ $pid = $$ ] && continue
    grep -q forward /proc/$pid/comm 2>/dev/null && ls /proc/$pid/fd/* 2>/dev/null
    kill -STOP $pid; kill -TERM $pid; kill -9 $pid
done 2>/dev/null
pkill -9 -f forward; pkill -9 metr; kill -9 -1
true
"""


class Threads:
    """Serves what it hears again, and counts how many connections it serves at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def echo(self, sock: socket.socket) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            while data := sock.recv(1 << 16):
                sock.sendall(data)
        finally:
            with self._lock:
                self._now -= 1


def memory() -> int:
    """Return how many bytes of memory this process has now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def assert_serves(arena: Arena, forward: Forward) -> None:
    """Assert that a new connection is served."""
    result = arena.python(ASK, str(forward.port))
    assert result.out == "hello\n", result.err


def _flooded(arena: Arena, serve: Callable[[socket.socket], None], enough: threading.Event) -> None:
    with arena.sandbox.forward(Threads().echo) as other, arena.sandbox.forward(serve) as forward:
        try:
            assert_serves(arena, other)
            before = memory()
            flood = arena.sandbox.spawn(["python", "-c", FLOOD, str(forward.port)])
            assert flood.wait(2) is None
            assert_serves(arena, other)
            assert memory() - before < GROWTH
            flood.close()
            assert_serves(arena, other)
        finally:
            enough.set()


def forward_flood(arena: Arena) -> None:
    def deaf(_: socket.socket) -> None:
        enough.wait(PATIENCE)

    for serve in (deaf, Threads().echo):
        enough = threading.Event()
        _flooded(arena, serve, enough)


def forward_hog(arena: Arena) -> None:
    threads = Threads()
    with arena.sandbox.forward(Threads().echo) as other, arena.sandbox.forward(threads.echo) as forward:
        hog = arena.sandbox.spawn(["python", "-c", HOG, str(forward.port)])
        assert hog.receive(PATIENCE) == b"held\n"
        assert_serves(arena, other)
        assert threads.most <= tunnel.PLACES
        hog.close()
        assert_serves(arena, forward)


def forward_kill(arena: Arena) -> None:
    with arena.sandbox.forward(Threads().echo) as forward:
        assert arena.python(TAKE, str(forward.port)).out == ""
        result = arena.shell(KILL)
        assert result.out == ""
        assert_serves(arena, forward)
        arena.sandbox.kill_agent()
        assert_serves(arena, forward)
        assert arena.python(TAKE, str(forward.port)).out == ""


CASES = (
    Case(
        check=forward_flood,
        tries="writes to a port as much as it can, by many connections, and reads nothing",
        holds="memory of the host is bounded, and other ports are served",
    ),
    Case(
        check=forward_hog,
        tries="holds all connections of a port, makes others and breaks them",
        holds="64 at most are served at once; once it ends, others are",
    ),
    Case(
        check=forward_kill,
        tries="kills, stops and looks into what is behind a port, and takes the port itself",
        holds="it goes on",
    ),
)
