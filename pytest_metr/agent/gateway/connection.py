"""One connection on which HTTP is spoken: its requests one after the other, and the answers to them."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import replace
from email.message import Message
from http import HTTPStatus
from typing import Any

from pytest_metr.agent.gateway.incoming import BODY_LIMIT, PATIENCE, Closed, Incoming
from pytest_metr.agent.gateway.messages import Admit, Answer, EventStream, HttpRequest, Refuse, Respond, Unacceptable

#: Seconds in which the rest of a request is still taken, and thrown away, that was answered before it had arrived.
_LINGER = 2.0
_NOTHING = HttpRequest(method="", target="", headers=Message())


class Connection:
    """Serves the requests of one connection.

    :param admit: is asked before a body is read; what it answers ends the connection.
    :param respond: is given whole requests.
    :param refuse: words the answer where a request cannot be read, which ends the connection too.
    :param place: is entered while a body is read and its request answered, so that it bounds how many are at once.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        admit: Admit,
        respond: Respond,
        refuse: Refuse,
        place: AbstractContextManager[Any],
    ) -> None:
        self._sock = sock
        self._incoming = Incoming(sock)
        self._admit = admit
        self._respond = respond
        self._refuse = refuse
        self._place = place

    def serve(self) -> None:
        """Answer until the other side has had enough, breaks off or breaks the rules."""
        # A connection that breaks is the other side's business: whoever asked is no longer there to be told.
        with suppress(Closed, OSError):
            while self._serve_one():
                pass

    def _serve_one(self) -> bool:
        """Answer one request, and return whether another may follow."""
        head = _NOTHING
        try:
            head = self._incoming.head()
            refusal = self._admit(head)
            if refusal is None:
                with self._place:
                    request = replace(head, body=self._incoming.body(head, go_on=self._go_on))
                    self._send(request, self._respond(request), last=not request.keeps_alive)
                    return request.keeps_alive
        except Unacceptable as unacceptable:
            refusal = self._refuse(head, unacceptable)
        self._send(head, refusal, last=True)
        self._linger()
        return False

    def _go_on(self) -> None:
        self._sock.settimeout(PATIENCE)
        self._sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _send(self, request: HttpRequest, answer: Answer | EventStream, *, last: bool) -> None:
        # The time is for each sendall as a whole, however little the other side takes at once.
        self._sock.settimeout(PATIENCE)
        if isinstance(answer, EventStream):
            with closing(answer.events) as events:
                self._stream(request, events, last=last)
            return
        data = json.dumps(answer.body).encode()
        head = _head(answer.status, {"Content-Type": "application/json", "Content-Length": str(len(data))}, last=last)
        self._sock.sendall(head if request.method == "HEAD" else head + data)

    def _stream(self, request: HttpRequest, events: Iterable[bytes], *, last: bool) -> None:
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        chunked = request.version == "HTTP/1.1"
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        self._sock.sendall(_head(HTTPStatus.OK, headers, last=last or not chunked))
        for event in events:
            if event:
                self._sock.sendall(b"%x\r\n%b\r\n" % (len(event), event) if chunked else event)
        if chunked:
            self._sock.sendall(b"0\r\n\r\n")
        elif not last:
            raise Closed

    def _linger(self) -> None:
        """Take what is still under way, or the answer would be lost with the connection that is broken off."""
        self._sock.shutdown(socket.SHUT_WR)
        end, taken = time.monotonic() + _LINGER, 0
        while (left := end - time.monotonic()) > 0 and taken < BODY_LIMIT:
            self._sock.settimeout(left)
            data = self._sock.recv(64 * 1024)
            if not data:
                return
            taken += len(data)


def _head(status: int, headers: dict[str, str], *, last: bool) -> bytes:
    phrase = HTTPStatus(status).phrase if status in list(HTTPStatus) else "Error"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    lines.append(f"Connection: {'close' if last else 'keep-alive'}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
