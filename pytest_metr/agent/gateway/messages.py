"""HTTP as the gateway knows it: a request, the two forms of an answer, and what cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as it arrived.

    :param target: as in the first line, the part behind ``?`` included.
    :param headers: found by their names whatever the case.
    :param version: ``HTTP/1.0`` or ``HTTP/1.1``.
    :param body: empty while only the head has been read.
    """

    method: str
    target: str
    headers: Message
    version: str = "HTTP/1.1"
    body: bytes = b""

    @property
    def keeps_alive(self) -> bool:
        """Whether another request may follow on the same connection."""
        connection = str(self.headers.get("Connection", "")).lower()
        wanted = "keep-alive" in connection if self.version == "HTTP/1.0" else "close" not in connection
        return wanted and self.method != "HEAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer.

    :param body: becomes JSON.
    """

    body: Any
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """Server-sent events, each of which is sent as soon as it is there.

    :param events: is closed when all is sent, or nobody is there any more to take it.
    """

    events: Generator[bytes, None, None]


class Unacceptable(Exception):
    """A request that cannot be read; the connection ends with the answer to it.

    :param status: of that answer.
    """

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


#: Answers a request of which only the head is there, or returns None for one whose body is to be read.
Admit = Callable[[HttpRequest], "Answer | None"]
#: Answers a request.
Respond = Callable[[HttpRequest], "Answer | EventStream"]
#: Words the answer to a request that cannot be read.
Refuse = Callable[[HttpRequest, Unacceptable], Answer]
