"""HTTP on one connection: what is understood, what is bounded, and how a connection ends."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent.gateway import connection, incoming
from pytest_metr.agent.gateway.connection import Connection
from pytest_metr.agent.gateway.messages import Answer, EventStream, HttpRequest, Unacceptable
from tests.unit.agent.fakes import PATIENT


def echo(request: HttpRequest) -> Answer | EventStream:
    """Answer with what was understood."""
    if request.target == "/stream":
        return EventStream(events=(event for event in (b"data: 1\n\n", b"", b"data: 2\n\n")))
    return Answer(body={"method": request.method, "target": request.target, "body": request.body.decode("latin-1")})


def refuse(request: HttpRequest, unacceptable: Unacceptable) -> Answer:
    return Answer(body={"wrong": unacceptable.message}, status=unacceptable.status)


@contextmanager
def served(respond: Any = echo, admit: Any = lambda request: None) -> Iterator[socket.socket]:
    """Yield the client's end of a connection that is served in a thread."""
    ours, theirs = socket.socketpair()
    served = Connection(ours, admit=admit, respond=respond, refuse=refuse, place=nullcontext())

    def run() -> None:
        with ours:
            served.serve()

    thread = threading.Thread(target=run, name="test-serve")
    thread.start()
    with theirs:
        theirs.settimeout(30)
        yield theirs
    thread.join(30)
    assert not thread.is_alive()


def read_all(sock: socket.socket) -> bytes:
    """Return all that comes until the other side ends."""
    parts = []
    while data := sock.recv(65536):
        parts.append(data)
    return b"".join(parts)


def asked(*parts: bytes) -> bytes:
    """Send bytes, end, and return all that is answered."""
    with served() as sock:
        for part in parts:
            sock.sendall(part)
        sock.shutdown(socket.SHUT_WR)
        return read_all(sock)


def body_of(answer: bytes) -> Any:
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def test_requests_follow_each_other_on_one_connection() -> None:
    first = b"POST /a?b=c HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
    second = b"GET /d HTTP/1.1\r\nConnection: close\r\n\r\n"
    answers = asked(first + second)
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert b'{"method": "POST", "target": "/a?b=c", "body": "abc"}' in answers
    assert b'{"method": "GET", "target": "/d", "body": ""}' in answers
    assert answers.index(b"keep-alive") < answers.index(b"Connection: close")


@PATIENT
@given(body=st.binary(max_size=2000), cuts=st.lists(st.integers(1, 700), max_size=8), chunked=st.booleans())
def test_a_body_arrives_as_it_was_sent_however_it_was_cut(body: bytes, cuts: list[int], chunked: bool) -> None:
    parts, rest = [], body
    for cut in cuts:
        parts.append(rest[:cut])
        rest = rest[cut:]
    parts = [part for part in (*parts, rest) if part]
    if chunked:
        head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        sent = [b"%x;note=1\r\n%b\r\n" % (len(part), part) for part in parts] + [b"0\r\nTrailer: x\r\n\r\n"]
    else:
        head = b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        sent = parts
    assert body_of(asked(head, *sent))["body"].encode("latin-1") == body


def test_a_client_that_waits_for_leave_to_send_gets_it() -> None:
    with served() as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"ok")
        assert body_of(read_all(sock))["body"] == "ok"


def test_a_stream_is_sent_in_chunks_and_to_an_old_client_until_the_connection_ends() -> None:
    new = asked(b"GET /stream HTTP/1.1\r\n\r\n")
    assert new.endswith(b"\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n")
    assert b"text/event-stream" in new
    old = asked(b"GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert old.endswith(b"Connection: close\r\n\r\ndata: 1\n\ndata: 2\n\n")


def test_a_stream_that_nobody_takes_any_more_is_closed() -> None:
    closed = threading.Event()

    def events() -> Generator[bytes, None, None]:
        try:
            while True:
                yield b"x" * 65536
        finally:
            closed.set()

    with served(lambda request: EventStream(events=events())) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        sock.recv(10)
    assert closed.wait(30)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"hello\r\n\r\n", HTTPStatus.BAD_REQUEST),
        (b"GET / HTTP/2.0\r\n\r\n", HTTPStatus.BAD_REQUEST),
        (b"GET /" + b"x" * incoming.HEAD_LIMIT + b" HTTP/1.1\r\n\r\n", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", HTTPStatus.BAD_REQUEST),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20000 + b"\r\n", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", HTTPStatus.BAD_REQUEST),
        (b"POST / HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n", HTTPStatus.BAD_REQUEST),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", HTTPStatus.NOT_IMPLEMENTED),
        (b"POST / HTTP/1.1\r\nContent-Encoding: gzip\r\n\r\n", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", HTTPStatus.BAD_REQUEST),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n", HTTPStatus.BAD_REQUEST),
    ],
)
def test_what_cannot_be_read_is_answered_once_and_ends_the_connection(sent: bytes, status: HTTPStatus) -> None:
    answer = asked(sent + b"GET / HTTP/1.1\r\n\r\n")
    assert answer.startswith(f"HTTP/1.1 {status.value} ".encode())
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"Connection: close" in answer


@pytest.mark.parametrize("begun", [b"POST / HT", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"])
def test_a_request_that_does_not_arrive_in_time_is_given_up(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "PATIENCE", 0.2)
    with served() as sock:
        sock.sendall(begun)
        assert read_all(sock).startswith(b"HTTP/1.1 408 ")


def test_a_silent_connection_is_ended_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "IDLE", 0.1)
    with served() as sock:
        assert read_all(sock) == b""


def test_an_answer_that_nobody_takes_does_not_hold_its_thread_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.2)
    released = threading.Event()

    def events() -> Generator[bytes, None, None]:
        try:
            while True:
                yield b"x" * 65536
        finally:
            released.set()

    with served(lambda request: EventStream(events=events())) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert released.wait(30)


def test_what_is_not_admitted_is_answered_before_its_body_is_read() -> None:
    answer = Answer(body={"no": True}, status=401)
    with served(admit=lambda request: answer) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n")
        assert sock.recv(1000).startswith(b"HTTP/1.1 401 Unauthorized\r\n")
        sock.shutdown(socket.SHUT_WR)
        read_all(sock)
