"""The host's end of the conversation with a container, against a supervisor that says what a test wants."""

from __future__ import annotations

import marshal
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from pytest_metr.capped import Capped
from pytest_metr.sandbox.docker.attachment import Attachment
from pytest_metr.sandbox.docker.channel import Channel
from pytest_metr.sandbox.docker.talk import Gone
from pytest_metr.sandbox.inside import frames
from pytest_metr.sandbox.output import Whole
from pytest_metr.sandbox.source import Given

Said = Callable[["Supervisor", int, int, bytes], None]


def piece(data: bytes, which: int = 1) -> bytes:
    return struct.pack(">BxxxL", which, len(data)) + data


class Supervisor:
    """The other end of the connection: hears frames, and says what *answer* makes of each."""

    def __init__(self, sock: socket.socket, answer: Said) -> None:
        self._socket = sock
        self._answer = answer
        self.heard: list[tuple[int, bytes]] = []
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def say(self, number: int, kind: int, payload: bytes = b"") -> None:
        self._socket.sendall(piece(frames.frame(number, kind, payload)))

    def words(self, text: bytes) -> None:
        self._socket.sendall(piece(text, 2))

    def leave(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        receiver = frames.Frames()
        with suppress(ConnectionError):  # the other end has had enough
            self._listen(receiver)

    def _listen(self, receiver: frames.Frames) -> None:
        while data := self._socket.recv(65536):
            for number, kind, payload in receiver.feed(data):
                self.heard.append((kind, payload))
                if kind == frames.FILTER:
                    self.say(0, frames.READY)
                else:
                    self._answer(self, number, kind, payload)


@contextmanager
def channel(answer: Said) -> Iterator[tuple[Channel, Supervisor]]:
    ours, theirs = socket.socketpair()
    supervisor = Supervisor(theirs, answer)
    made = Channel(Attachment(ours), b"filter")
    try:
        assert made.wait_ready(20)
        yield made, supervisor
    finally:
        made.close()
        supervisor.thread.join()
        theirs.close()


def converse(made: Channel, **more: object) -> tuple[str, bytes, bytes]:
    out, err = Capped(100), Capped(100)
    settings: dict[str, object] = {"stdin": Given(), "timeout": 20, **more}
    answer = made.converse({"op": "run"}, out=out, err=err, **settings)  # type: ignore[arg-type]
    return f"{answer.word} {answer.rest} {answer.out_of_memory}", out.value(), err.value()


def test_the_streams_and_the_end_of_a_request_come_back() -> None:
    def answer(supervisor: Supervisor, number: int, kind: int, payload: bytes) -> None:
        if kind == frames.REQUEST:
            assert marshal.loads(payload) == {"op": "run"}
            supervisor.say(number, frames.OUT, b"out")
            supervisor.say(number, frames.ERR, b"err")
            supervisor.say(number, frames.STATUS, b"1exit -9")

    with channel(answer) as (made, supervisor):
        assert converse(made) == ("exit -9 True", b"out", b"err")
        assert supervisor.heard[0] == (frames.FILTER, b"filter")


def test_no_more_input_is_under_way_than_there_is_room_for() -> None:
    taken = threading.Event()

    def answer(supervisor: Supervisor, number: int, kind: int, payload: bytes) -> None:
        got = sum(len(p) for k, p in supervisor.heard if k == frames.INPUT)
        if kind == frames.INPUT and got == frames.WINDOW and not taken.is_set():
            taken.set()
            supervisor.say(number, frames.TAKEN, str(frames.WINDOW).encode())
        elif kind == frames.END:
            supervisor.say(number, frames.STATUS, f"0exit {got % 100}".encode())

    with channel(answer) as (made, _):
        assert (
            converse(made, stdin=Given([b"x" * (frames.WINDOW + 7), b""]))[0]
            == f"exit {(frames.WINDOW + 7) % 100} False"
        )
    assert taken.is_set()


def test_a_request_that_takes_too_long_is_killed_and_what_came_before_is_kept() -> None:
    def answer(supervisor: Supervisor, number: int, kind: int, payload: bytes) -> None:
        if kind == frames.REQUEST:
            supervisor.say(number, frames.OUT, b"early")
        elif kind == frames.KILL:
            supervisor.say(number, frames.STATUS, b"0killed")

    with channel(answer) as (made, _):
        assert converse(made, timeout=0.2) == ("killed  False", b"early", b"")


def test_a_limit_is_kept_while_output_goes_on() -> None:
    def answer(supervisor: Supervisor, number: int, kind: int, payload: bytes) -> None:
        if kind == frames.REQUEST:
            for _ in range(20_000):
                supervisor.say(number, frames.OUT, b"x" * 50)
        elif kind == frames.KILL:
            supervisor.say(number, frames.STATUS, b"0killed")

    with channel(answer) as (made, _):
        assert converse(made, timeout=0.05)[0] == "killed  False"


def test_a_supervisor_that_ends_is_told_with_its_last_words() -> None:
    def answer(supervisor: Supervisor, number: int, kind: int, payload: bytes) -> None:
        if kind == frames.REQUEST:
            supervisor.words(b"MemoryError\n")
            supervisor.leave()

    with channel(answer) as (made, _):
        with pytest.raises(Gone, match="MemoryError"):
            converse(made, timeout=None)
        with pytest.raises(Gone, match="MemoryError"):
            converse(made)


@pytest.mark.parametrize(
    ("kind", "payload"), [(frames.TAKEN, b"many"), (frames.OUT_CUT, b""), (frames.OUT, b"x" * (frames.MOST_OUT + 1))]
)
def test_what_no_supervisor_says_ends_the_conversation(kind: int, payload: bytes) -> None:
    with (
        channel(lambda supervisor, number, *_: supervisor.say(number, kind, payload)) as (made, _),
        pytest.raises(Gone, match=r"no supervisor|bytes"),
    ):
        converse(made, timeout=None)


def test_a_file_that_has_to_be_whole_and_is_not_is_refused() -> None:
    with (
        channel(lambda supervisor, number, *_: supervisor.say(number, frames.OUT_CUT, b"5")) as (made, _),
        pytest.raises(Gone, match="has to be whole"),
    ):
        made.converse({"op": "file"}, stdin=Given(), out=Whole(), err=Whole(), timeout=20)


def test_input_that_cannot_be_made_ends_the_request_and_nothing_else() -> None:
    def broken() -> Iterator[bytes]:
        yield b"first"
        raise FileNotFoundError("the source is gone")

    def answer(supervisor: Supervisor, number: int, kind: int, payload: bytes) -> None:
        if kind == frames.REQUEST and len(supervisor.heard) > 4:
            supervisor.say(number, frames.STATUS, b"0exit 0")

    with channel(answer) as (made, supervisor):
        with pytest.raises(FileNotFoundError, match="the source is gone"):
            converse(made, stdin=Given(broken()))
        assert converse(made)[0] == "exit 0 False"
        assert [kind for kind, _ in supervisor.heard[1:4]] == [frames.REQUEST, frames.INPUT, frames.KILL]


def test_many_requests_share_one_connection() -> None:
    def answer(supervisor: Supervisor, number: int, kind: int, payload: bytes) -> None:
        if kind == frames.END:
            supervisor.say(number, frames.OUT, str(number).encode())
            supervisor.say(number, frames.STATUS, f"0exit {number}".encode())

    with channel(answer) as (made, _):
        found: list[tuple[str, bytes, bytes]] = []
        threads = [threading.Thread(target=lambda: found.append(converse(made))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found) == sorted((f"exit {n} False", str(n).encode(), b"") for n in range(1, 9))
