"""The host's end of a forward, against a forwarder that says what a test wants."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Serve
from pytest_metr.sandbox.answer import Answer, Sink
from pytest_metr.sandbox.forward import ROOM, SandboxForward
from pytest_metr.sandbox.inside import frames, tunnel
from pytest_metr.sandbox.live import LiveProcess
from pytest_metr.sandbox.source import Live

PATIENCE = 60


class Forwarder:
    """The other end: says frames, and keeps those that it hears."""

    def __init__(self) -> None:
        self._frames = frames.Frames()
        self._told = threading.Condition()
        self.heard: list[tuple[int, int, bytes]] = []
        self.ends = threading.Event()
        self.first = frames.frame(0, tunnel.PORT, b"4711")
        self._out: Sink | None = None

    def start(self, told: Callable[[], None]) -> LiveProcess:
        process = LiveProcess(self._run, name="a forwarder", room=ROOM, told=told, forget=lambda _: None)
        process.start()
        return process

    def say(self, number: int, kind: int, payload: bytes = b"") -> None:
        assert self._out is not None
        self._out.add(frames.frame(number, kind, payload))

    def hears(self, number: int, kind: int) -> bytes:
        """Wait until something of a kind is said about a connection, and return the payload of all of that kind."""
        with self._told:
            assert self._told.wait_for(lambda: any(said[:2] == (number, kind) for said in self.heard), PATIENCE)
            return b"".join(payload for n, k, payload in self.heard if (n, k) == (number, kind))

    def _run(self, *, stdin: Callable[[], Live], out: Sink, err: Sink) -> Answer:
        source, wake = stdin(), threading.Event()
        source.attach(wake.set)
        self._out = out
        out.add(self.first)
        while not source.killed and not self.ends.is_set():
            wake.wait(0.05)
            wake.clear()
            while data := source.next():
                with self._told:
                    self.heard += self._frames.feed(data)
                    self._told.notify_all()
        err.add(b"last words")
        return Answer(word="exit", rest="1")


@contextmanager
def forward(serve: Serve) -> Iterator[tuple[SandboxForward, Forwarder]]:
    forwarder = Forwarder()
    with SandboxForward(forwarder.start, serve, forget=lambda _: None) as made:
        yield made, forwarder


def wait_for_end(made: SandboxForward) -> None:
    """Wait until the thread of a forward has ended by itself."""
    for thread in threading.enumerate():
        if thread.name == f"metr-forward-{made.port}":
            thread.join(PATIENCE)


def test_what_a_connection_says_is_answered_and_the_end_is_told() -> None:
    def serve(sock: socket.socket) -> None:
        sock.sendall(b"".join(iter(lambda: sock.recv(100), b"")).upper())

    with forward(serve) as (made, forwarder):
        assert made.port == 4711
        forwarder.say(1, tunnel.OPEN)
        forwarder.say(1, tunnel.DATA, b"hel")
        forwarder.say(1, tunnel.DATA, b"lo")
        forwarder.say(1, tunnel.END)
        forwarder.hears(1, tunnel.DONE)
        assert forwarder.hears(1, tunnel.DATA) == b"HELLO"
        assert [kind for _, kind, _ in forwarder.heard] == [tunnel.DATA, tunnel.END, tunnel.DONE]


def test_no_more_is_sent_than_the_other_side_has_passed_on() -> None:
    with forward(lambda sock: sock.sendall(b"x" * (tunnel.WINDOW + 5))) as (_, forwarder):
        forwarder.say(1, tunnel.OPEN)
        while sum(len(payload) for _, _, payload in list(forwarder.heard)) < tunnel.WINDOW:
            forwarder.hears(1, tunnel.DATA)
        assert len(forwarder.hears(1, tunnel.DATA)) == tunnel.WINDOW
        forwarder.say(1, tunnel.PASSED, b"6")
        forwarder.hears(1, tunnel.DONE)
        assert len(forwarder.hears(1, tunnel.DATA)) == tunnel.WINDOW + 5


def test_what_was_taken_is_told_so_that_more_may_come() -> None:
    def serve(sock: socket.socket) -> None:
        taken.append(len(b"".join(iter(lambda: sock.recv(1 << 16), b""))))

    taken: list[int] = []
    with forward(serve) as (_, forwarder):
        forwarder.say(1, tunnel.OPEN)
        for _ in range(tunnel.WINDOW // tunnel.CHUNK):
            forwarder.say(1, tunnel.DATA, b"x" * tunnel.CHUNK)
        assert int(forwarder.hears(1, tunnel.PASSED)[:5]) > 0
        forwarder.say(1, tunnel.DATA, b"x")
        forwarder.say(1, tunnel.END)
        forwarder.hears(1, tunnel.DONE)
    assert taken == [tunnel.WINDOW + 1]


def test_a_broken_connection_keeps_its_place_until_nobody_serves_it() -> None:
    def serve(sock: socket.socket) -> None:
        assert sock.recv(1) == b""
        ended.set()
        leave.wait(PATIENCE)

    ended, leave = threading.Event(), threading.Event()
    with forward(serve) as (_, forwarder):
        forwarder.say(1, tunnel.OPEN)
        forwarder.say(1, tunnel.BROKEN)
        assert ended.wait(PATIENCE)
        assert tunnel.DONE not in [kind for _, kind, _ in forwarder.heard]
        leave.set()
        forwarder.hears(1, tunnel.DONE)


def opened(count: int) -> list[tuple[int, int, bytes]]:
    return [(number, tunnel.OPEN, b"") for number in range(1, count + 1)]


@pytest.mark.parametrize(
    "said",
    [
        opened(tunnel.PLACES + 1),
        [*opened(1), *opened(1)],
        [*opened(1), *[(1, tunnel.DATA, b"x" * tunnel.CHUNK)] * 20],
        [*opened(1), (1, tunnel.DATA, b"x" * (tunnel.CHUNK + 1))],
        [*opened(1), (1, tunnel.PASSED, b"1")],
        [*opened(1), (1, tunnel.PASSED, b"many")],
    ],
    ids=["connections", "one twice", "bytes", "a frame", "passed on", "no number"],
)
def test_a_forwarder_that_keeps_no_rule_ends_the_forward_and_every_connection(
    said: list[tuple[int, int, bytes]], caplog: pytest.LogCaptureFixture
) -> None:
    def serve(sock: socket.socket) -> None:
        go.wait(PATIENCE)
        while sock.recv(1 << 16):
            pass

    go = threading.Event()
    with caplog.at_level(logging.WARNING, "pytest_metr"), forward(serve) as (made, forwarder):
        for one in said:
            forwarder.say(*one)
        wait_for_end(made)
        go.set()
    assert "what no forwarder says" in caplog.text
    assert [thread.name for thread in threading.enumerate() if "metr-forward" in thread.name] == []


def test_a_forwarder_that_ends_is_told_with_its_last_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "pytest_metr"), forward(lambda _: None) as (made, forwarder):
        forwarder.ends.set()
        wait_for_end(made)
    assert "last words" in caplog.text


def test_a_forwarder_that_tells_no_port_is_an_error_of_the_sandbox() -> None:
    forwarder = Forwarder()
    forwarder.first = b""
    forwarder.ends.set()
    with pytest.raises(SandboxError, match="did not start: exit code 1: last words"):
        SandboxForward(forwarder.start, lambda _: None, forget=lambda _: None)
