"""Ports inside whose connections end on the host."""

from __future__ import annotations

import http.server
import logging
import socket
import threading
from typing import Any

import pytest

from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Sandbox, Serve
from pytest_metr.sandbox.inside import tunnel
from pytest_metr.types import ExecResult, User
from tests.conformance.conftest import Maker
from tests.conformance.providers import REAL

pytestmark = pytest.mark.parametrize("provider_name", REAL, indirect=True)

USERS: tuple[User, ...] = ("root", "agent")
PATIENCE = 60
#: What programs inside begin with: a connection to the port.
CONNECT = """
import hashlib, os, socket, sys, threading, time
def connect():
    return socket.create_connection(('127.0.0.1', int(sys.argv[1])), 30)
s = connect()
"""
#: Sends five megabytes while it receives, and says whether they came back.
THROUGH = """
data = os.urandom(5 << 20)
def send():
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
threading.Thread(target=send).start()
back = hashlib.sha256()
while piece := s.recv(65536):
    back.update(piece)
print(back.digest() == hashlib.sha256(data).digest())
"""
#: Asks twice by one connection and once by another that is closed for it.
HTTP = """
import http.client, sys, urllib.request
port = int(sys.argv[1])
kept = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
for body in (b'one', b'x' * 300_000):
    kept.request('POST', '/kept', body)
    answer = kept.getresponse()
    assert (answer.status, answer.read()) == (200, body[::-1])
ask = urllib.request.Request(f'http://127.0.0.1:{port}/closed', b'two', {'Connection': 'close'})
print(urllib.request.urlopen(ask, timeout=30).read().decode())
"""
#: Takes every place and every seat in the queue, and neither reads nor writes; the file goes when it is to end.
HOG = """
import os, socket, sys, time
held = []
for _ in range(500):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(('127.0.0.1', int(sys.argv[1])))
    held.append(s)
open('/tmp/held', 'w').close()
while not os.path.exists('/tmp/enough'):
    time.sleep(0.05)
"""


def echo(sock: socket.socket) -> None:
    """Send everything back, and the end of it too."""
    while data := sock.recv(1 << 16):
        sock.sendall(data)


def inside(sandbox: Sandbox, port: int, code: str, *, user: User = "agent") -> ExecResult:
    """Run Python code that has a connection ``s`` to the port."""
    result = sandbox.exec(["python", "-c", CONNECT + code, str(port)], user=user, timeout=PATIENCE)
    assert result.ok, result.err
    return result


class Backwards(http.server.BaseHTTPRequestHandler):
    """Answers every request with its body turned round."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))[::-1]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: Any) -> None:
        """Say nothing."""


@pytest.mark.parametrize("user", USERS)
def test_five_megabytes_go_both_ways_unharmed_and_ends_are_passed_on(shared: Sandbox, user: User) -> None:
    with shared.forward(echo) as forward:
        assert inside(shared, forward.port, THROUGH, user=user).out == "True\n"


def test_a_server_of_http_is_reached_by_one_connection_and_by_many(shared: Sandbox) -> None:
    def serve(sock: socket.socket) -> None:
        Backwards(sock, ("sandbox", 0), None)  # type: ignore[arg-type]

    with shared.forward(serve) as forward:
        result = shared.exec(["python", "-c", HTTP, str(forward.port)], timeout=PATIENCE)
    assert (result.out, result.err) == ("owt\n", "")


def test_an_end_can_be_told_while_the_other_direction_goes_on(shared: Sandbox) -> None:
    def serve(sock: socket.socket) -> None:
        sock.sendall(b"greeting")
        sock.shutdown(socket.SHUT_WR)
        heard.append(b"".join(iter(lambda: sock.recv(1 << 16), b"")))

    heard: list[bytes] = []
    code = "got = b''.join(iter(lambda: s.recv(10), b''))\ns.sendall(got * 1000)\ns.close()\nprint(got)"
    with shared.forward(serve) as forward:
        assert inside(shared, forward.port, code).out == "b'greeting'\n"
    assert heard == [b"greeting" * 1000]


def test_what_was_sent_last_arrives_though_not_all_was_read(shared: Sandbox) -> None:
    def serve(sock: socket.socket) -> None:
        sock.recv(1)
        sock.sendall(b"enough")

    code = "s.sendall(b'x' * 100_000)\ntime.sleep(0.5)\nprint(s.recv(10), s.recv(10))"
    with shared.forward(serve) as forward:
        assert inside(shared, forward.port, code).out == "b'enough' b''\n"


def test_whoever_serves_learns_that_the_other_side_is_gone(shared: Sandbox) -> None:
    def serve(sock: socket.socket) -> None:
        try:
            while True:
                sock.sendall(b"x" * 10_000)
        except ConnectionError:
            gone.set()
            raise

    gone = threading.Event()
    with shared.forward(serve) as forward:
        inside(shared, forward.port, "s.recv(1)\ns.close()")
        assert gone.wait(PATIENCE)


@pytest.mark.parametrize("who", ["inside", "host"])
def test_a_side_that_does_not_read_keeps_the_other_from_sending(shared: Sandbox, who: str) -> None:
    def serve(sock: socket.socket) -> None:
        if who == "host":
            enough.wait(PATIENCE)
            return
        sock.settimeout(0.5)
        try:
            while True:
                sent.append(sock.send(b"x" * 10_000))
        except TimeoutError:
            enough.set()

    sent: list[int] = []
    enough = threading.Event()
    code = "s.settimeout(0.5)\ncount = 0\ntry:\n    while True:\n        count += s.send(b'x' * 10_000)\n"
    code += "except TimeoutError:\n    print(count)"
    with shared.forward(serve) as forward:
        if who == "host":
            sent.append(int(inside(shared, forward.port, code).out))
            enough.set()
        else:
            inside(shared, forward.port, "time.sleep(3)")
            assert enough.wait(PATIENCE)
    # A window, and what the kernels of both sides keep of a connection.
    assert tunnel.WINDOW <= sum(sent) < 20 << 20


def test_many_connections_and_several_forwards_are_served_at_once(sandbox: Sandbox) -> None:
    def named(name: bytes) -> Serve:
        return lambda sock: sock.sendall(name + sock.recv(100))

    code = "other = socket.create_connection(('127.0.0.1', int(sys.argv[2])))\nmany = [connect() for _ in range(60)]\n"
    code += "for number, one in enumerate([*many, s, other]):\n    one.sendall(str(number).encode())\n"
    code += "print(*(one.recv(100).decode() for one in [*many, s, other]))"
    with sandbox.forward(named(b"a")) as first, sandbox.forward(named(b"b")) as second:
        argv = ["python", "-c", CONNECT + code, str(first.port), str(second.port)]
        result = sandbox.exec(argv, timeout=PATIENCE)
    assert result.out.split() == [*(f"a{number}" for number in range(61)), "b61"], result.err


def test_closing_ends_connections_and_threads_and_the_port(shared: Sandbox) -> None:
    def serve(sock: socket.socket) -> None:
        begun.set()
        ended.append(sock.recv(1))

    begun, ended = threading.Event(), list[bytes]()
    forward = shared.forward(serve)
    process = shared.spawn(["python", "-c", CONNECT + "print(s.recv(1))", str(forward.port)])
    assert begun.wait(PATIENCE)
    forward.close()
    forward.close()
    assert ended == [b""]
    assert [thread.name for thread in threading.enumerate() if "metr-forward" in thread.name] == []
    result = process.wait(PATIENCE)
    assert result is not None
    refused = shared.exec(["python", "-c", CONNECT, str(forward.port)], timeout=PATIENCE)
    assert "ConnectionRefusedError" in refused.err


def test_a_closed_sandbox_ends_its_connections(make: Maker) -> None:
    def serve(sock: socket.socket) -> None:
        begun.set()
        ended.append(sock.recv(1))

    begun, ended = threading.Event(), list[bytes]()
    sandbox = make()
    forward = sandbox.forward(serve)
    sandbox.spawn(["python", "-c", CONNECT + "s.recv(1)", str(forward.port)])
    assert begun.wait(PATIENCE)
    sandbox.close()
    assert ended == [b""]
    with pytest.raises(SandboxError):
        sandbox.forward(serve)
    forward.close()


def test_one_that_fails_to_serve_is_logged_and_harms_no_other(
    shared: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    def serve(sock: socket.socket) -> None:
        if sock.recv(1) == b"x":
            raise RuntimeError("no such luck")
        sock.sendall(b"served")

    with caplog.at_level(logging.ERROR, "pytest_metr"), shared.forward(serve) as forward:
        assert inside(shared, forward.port, "s.sendall(b'x')\nprint(s.recv(1))").out == "b''\n"
        assert inside(shared, forward.port, "s.sendall(b'y')\nprint(s.recv(10))").out == "b'served'\n"
    assert "no such luck" in caplog.text


def test_an_agent_that_kills_everything_does_not_end_it(sandbox: Sandbox) -> None:
    with sandbox.forward(echo) as forward:
        for attack in ("kill -9 -1", "pkill -9 -f forward; pkill -9 py; pkill -STOP -f start.py"):
            sandbox.exec(["sh", "-c", attack], timeout=PATIENCE)
            assert inside(sandbox, forward.port, THROUGH).out == "True\n"
        sandbox.kill_agent()
        assert inside(sandbox, forward.port, THROUGH).out == "True\n"


def test_connections_that_are_held_open_keep_their_places_and_no_more(sandbox: Sandbox) -> None:
    def serve(sock: socket.socket) -> None:
        with lock:
            counts["now"] += 1
            counts["most"] = max(counts["most"], counts["now"])
        echo(sock)
        with lock:
            counts["now"] -= 1

    lock, counts = threading.Lock(), {"now": 0, "most": 0}
    with sandbox.forward(serve) as forward, sandbox.forward(echo) as other:
        hog = sandbox.spawn(["python", "-c", HOG, str(forward.port)])
        assert sandbox.exec(["sh", "-c", "until test -e /tmp/held; do sleep 0.05; done"], timeout=PATIENCE).ok
        assert inside(sandbox, other.port, THROUGH).out == "True\n"
        assert sandbox.exec(["touch", "/tmp/enough"]).ok
        assert hog.wait(PATIENCE) is not None
        assert inside(sandbox, forward.port, THROUGH).out == "True\n"
    assert counts == {"now": 0, "most": tunnel.PLACES}
