"""One attempt at a request, by a maker's own client, within a deadline."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from pytest_metr.agent.models.errors import CutShort, ModelRejected, ModelTrouble
from pytest_metr.agent.models.events import DONE, EventReader
from pytest_metr.agent.models.secrecy import Secrecy
from pytest_metr.agent.models.settings import is_loopback
from pytest_metr.agent.models.verdict import verdict, verdict_inside
from pytest_metr.agent.models.wire import Body, Wire

#: A larger answer is none, in bytes.
MOST_BYTES = 64 << 20
#: Of an error that is larger, only the beginning is looked at.
MOST_ERROR_BYTES = 1 << 20
#: Seconds in which a connection must have been made.
CONNECT_SECONDS = 30.0

#: Where the errors come from that say that a connection failed: the makers' packages, and the transports below them.
_OF_CONNECTIONS = frozenset({"openai", "anthropic", "httpx", "httpx2", "httpcore", "httpcore2", "anyio", "ssl"})


class Client(Protocol):
    """The way to one server. May be used by several threads."""

    def post(self, body: Mapping[str, Any], *, deadline: float) -> Body:
        """Make one attempt and return the complete answer, as the server wrote it.

        :param deadline: when it must have been given, by ``time.monotonic``. It holds for the whole attempt, however
            slowly a server sends.
        :raises ModelTrouble: where the server failed in a way that may pass.
        :raises ModelRejected: where it will not answer this.
        """
        ...


class Answer(Protocol):
    """An answer whose bytes come bit by bit, as the makers' clients give it."""

    def iter_bytes(self) -> AsyncIterator[bytes]: ...


class HttpResponse(Protocol):
    """An answer before the makers' clients look at it."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def aiter_bytes(self) -> AsyncIterator[bytes]: ...


class NotAnswered(Exception):
    """A server's answer had a status other than that of success."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.data = data


async def stop_at_error(response: HttpResponse) -> None:
    """Read the error that an answer is, if it is one, and go no further.

    The makers' clients would read it whole, however long, and follow it to other addresses.

    :raises NotAnswered: where it is one.
    """
    if 200 <= response.status_code < 300:
        return
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > MOST_ERROR_BYTES:
            break
    headers = {name.lower(): value for name, value in response.headers.items()}
    raise NotAnswered(response.status_code, headers, bytes(data[:MOST_ERROR_BYTES]))


def attempt(
    answer: AbstractAsyncContextManager[Answer], wire: Wire, *, url: str, secrecy: Secrecy, deadline: float
) -> Body:
    """Return the complete answer, whether it comes as one document or as events.

    It runs in an event loop of its own, which ends with it: only so a deadline holds whatever a server does.

    :param answer: makes the request when it is entered, by a client that passes its answers to :func:`stop_at_error`.
    :raises ModelTrouble: where it is none, ends too early or comes too late.
    :raises ModelRejected: where the server will not answer.
    """
    seconds = max(0.0, deadline - time.monotonic())
    reading = _Reading(wire, url, secrecy)

    async def in_time() -> Body:
        return await asyncio.wait_for(reading.whole(answer), seconds)

    try:
        return asyncio.run(in_time())
    except (ModelTrouble, ModelRejected):
        raise
    except asyncio.TimeoutError:
        message = f"{url}: no whole answer within {seconds:.3g} seconds"
        raise ModelTrouble(message, status=reading.status, cause="timeout") from None
    except Exception as error:  # noqa: BLE001 - what is not known goes on as it is
        raise reading.explained(error) from None


class _Reading:
    """Reads one answer.

    :ivar status: 200 once it has begun, before that None.
    """

    def __init__(self, wire: Wire, url: str, secrecy: Secrecy) -> None:
        self.status: int | None = None
        self._wire = wire
        self._url = url
        self._secrecy = secrecy

    async def whole(self, answer: AbstractAsyncContextManager[Answer]) -> Body:
        async with answer as begun:
            self.status = 200
            events = EventReader()
            data = bytearray()
            collected: list[Mapping[str, Any]] = []
            async for chunk in begun.iter_bytes():
                data += chunk
                if len(data) > MOST_BYTES:
                    raise self._trouble(f"the answer has more than {MOST_BYTES} bytes", "no_answer")
                # What a server calls its answer says less than what it is: one that begins with a brace is no stream.
                if not _is_document(data) and self._taken(events.feed(chunk), collected):
                    return self._collected(collected)
        if not _is_document(data):
            self._taken_last(events.finish(), collected)
        return self._collected(collected) if collected else self._document(bytes(data))

    def explained(self, error: Exception) -> Exception:
        """Return what an error of the makers' clients, or of the transports below them, says about the server."""
        for each in _causes(error):
            if isinstance(each, NotAnswered):
                return verdict(each.status, each.headers, each.data, url=self._url, secrecy=self._secrecy)
        first = list(_causes(error))[-1]
        of_a_connection = type(error).__module__.partition(".")[0] in _OF_CONNECTIONS or isinstance(error, OSError)
        if not of_a_connection:
            return error
        words = f"{type(first).__name__}: {first}" if str(first) else type(first).__name__
        if self.status is not None:
            return self._trouble(f"the connection broke in the middle of the answer: {words}", "cut_short")
        slow = "Timeout" in type(error).__name__
        message = self._secrecy.line(f"{self._url}: {words}")
        return ModelTrouble(message, status=None, cause="timeout" if slow else "connection")

    def _taken(self, found: list[str], collected: list[Mapping[str, Any]]) -> bool:
        """Take events; return whether one of them says that it is the last."""
        for data in found:
            if data == DONE:
                return True
            event = self._parsed(data)
            if event.get("error"):
                raise verdict_inside(event, url=self._url, secrecy=self._secrecy)
            collected.append(event)
            if event.get("type") == "message_stop":
                return True
        return False

    def _taken_last(self, found: list[str], collected: list[Mapping[str, Any]]) -> None:
        """Take what is there of a last event when the stream has ended."""
        try:
            self._taken(found, collected)
        except ModelTrouble as trouble:
            if trouble.cause != "no_json":
                raise
            raise self._trouble("the stream ended in the middle of an event", "cut_short") from None

    def _collected(self, collected: list[Mapping[str, Any]]) -> Body:
        try:
            return self._checked(self._wire.collect(collected))
        except CutShort as error:
            raise self._trouble(str(error), "cut_short") from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._trouble(f"the stream makes no answer: {error}", "no_answer") from error

    def _document(self, data: bytes) -> Body:
        if not data.strip():
            raise self._trouble("the answer is empty", "no_json")
        body = self._parsed(data.decode("utf-8", "replace"))
        if body.get("error"):
            raise verdict_inside(body, url=self._url, secrecy=self._secrecy)
        return self._checked(dict(body))

    def _parsed(self, text: str) -> Mapping[str, Any]:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise self._trouble(f"the answer is no JSON: {text[:80]}", "no_json") from None
        if not isinstance(value, Mapping):
            raise self._trouble(f"the answer is no JSON object: {text[:80]}", "no_json")
        return value

    def _checked(self, body: Body) -> Body:
        """Return a body after a look that it says something; a proxy may give anything with the status of success."""
        try:
            self._wire.reply(body)
        except ValueError as error:
            raise self._trouble(f"the answer is not one of a model: {error}", "no_answer") from error
        return body

    def _trouble(self, what: str, cause: Any) -> ModelTrouble:
        return ModelTrouble(self._secrecy.line(f"{self._url}: {what}"), status=200, cause=cause)


def client_options(package: Any, *, url: str, key: str | None) -> dict[str, Any]:
    """Return the arguments with which the client of either maker is to be made for a server.

    :param package: the maker's.
    """
    return {
        "api_key": key or "none",
        "base_url": url,
        "max_retries": 0,  # retries are ours: they hold for all processes together, and are written down
        "timeout": package.Timeout(None, connect=CONNECT_SECONDS),
        "http_client": package.DefaultAsyncHttpxClient(**_http_options(url)),
    }


def _http_options(url: str) -> dict[str, Any]:
    local = is_loopback(url)
    return {
        "event_hooks": {"response": [stop_at_error]},
        "follow_redirects": False,
        # No proxy is asked for what is on this machine. Loading certificates takes time, and there are none to check.
        "trust_env": not local,
        "verify": not (local and url.startswith("http:")),
    }


def _is_document(data: bytearray) -> bool:
    return data[:64].lstrip()[:1] == b"{"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those behind it, the first one last."""
    found: BaseException | None = error
    for _ in range(20):
        if found is None:
            return
        yield found
        found = found.__cause__ or found.__context__
