"""One attempt at a request, by a maker's own client, within a deadline; and what its failures mean."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from pytest_metr.agent.models.errors import CutShort, ModelRejected, ModelTrouble, Rejected
from pytest_metr.agent.models.wire import Body, Wire

#: A larger answer is none, in bytes.
MOST_BYTES = 64 * 1024 * 1024
#: Seconds that a server is given where no limit of time is in force.
_SHORTEST = 0.05
_WORDS = 400
_PASSING = frozenset({408, 409, 425, 429})
_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size)|maximum.{0,20}(context|tokens)"
    r"|too (long|many tokens)|exceeds?.{0,30}(context|token)",
    re.IGNORECASE,
)
_FILTERED = re.compile(r"content.{0,10}(filter|policy|management)|safety", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"model.{0,80}(not (exist|found)|unknown|does not exist)|no such model|unknown model", re.IGNORECASE
)


class Client(Protocol):
    """The way to one server."""

    def post(self, body: Mapping[str, Any], *, deadline: float) -> Body:
        """Make one attempt and return the complete answer, as the server wrote it.

        :param deadline: when it must have been given, by ``time.monotonic``.
        :raises ModelTrouble: where the server failed in a way that may pass.
        :raises ModelRejected: where it will not answer this.
        """
        ...


class Answer(Protocol):
    """An answer whose bytes come bit by bit, as the makers' clients give it."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    def iter_bytes(self) -> Iterator[bytes]: ...


def read_answer(answer: Answer, wire: Wire, *, deadline: float) -> Body:
    """Return the complete answer, whether it comes as one document or as events.

    :raises ModelTrouble: where it is none, ends too early or comes too late.
    """
    chunks = _in_time(answer.iter_bytes(), deadline)
    if "text/event-stream" in (answer.headers.get("content-type") or ""):
        try:
            return wire.collect(_events(chunks))
        except CutShort as error:
            raise ModelTrouble(str(error), status=200, cause="cut_short") from error
        except (KeyError, TypeError, ValueError) as error:
            raise ModelTrouble(f"the stream makes no answer: {error}", status=200, cause="no_json") from error
    data = b"".join(chunks)
    try:
        body = json.loads(data)
    except ValueError as error:
        raise ModelTrouble(f"the answer is no JSON: {_clipped(data)}", status=200, cause="no_json") from error
    if not isinstance(body, dict):
        raise ModelTrouble(f"the answer is no object: {_clipped(data)}", status=200, cause="no_json")
    return body


def seconds_left(deadline: float) -> float:
    """Return how long one attempt may take."""
    return max(_SHORTEST, deadline - time.monotonic())


@contextmanager
def explained(url: str, secrets: Iterable[str]) -> Iterator[None]:
    """Turn what makers' clients, and the transports below them, raise into our own errors.

    :param url: of the server, for the message.
    :param secrets: what must not be in a message.
    """
    try:
        yield
    except (ModelTrouble, ModelRejected):
        raise
    except Exception as error:  # noqa: BLE001 - what is not known goes on as it is
        raise _known(error, url, tuple(secrets)) from None


def _known(error: Exception, url: str, secrets: tuple[str, ...]) -> Exception:
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return _by_status(error, status, url, secrets)
    name = type(error).__name__
    root = type(error).__module__.partition(".")[0]
    if root.startswith(("http", "openai", "anthropic", "ssl")) or isinstance(error, OSError):
        slow = "Timeout" in name
        words = _hidden(f"{url}: {name}: {error}", secrets)
        return ModelTrouble(words, status=None, cause="timeout" if slow else "connection")
    return error


def _by_status(error: Exception, status: int, url: str, secrets: tuple[str, ...]) -> Exception:
    body = getattr(error, "body", None)
    said = _said(body) or str(error)
    message = _hidden(f"{url}: HTTP {status}: {said}", secrets)
    if status in _PASSING or status >= 500:
        response = getattr(error, "response", None)
        headers: Mapping[str, str] = getattr(response, "headers", {})
        cause = "timeout" if status == 408 else "overloaded" if status in (429, 503, 529) else "server"
        return ModelTrouble(message, status=status, cause=cause, retry_after=retry_after(headers))
    return ModelRejected(message, status=status, what=_what(status, said, body))


def _what(status: int, said: str, body: object) -> Rejected:
    code = str(body.get("code") or body.get("type") or "") if isinstance(body, Mapping) else ""
    if status in (401, 403):
        return "key"
    if code == "context_length_exceeded" or status == 413 or _TOO_LONG.search(said):
        return "too_long"
    if code == "content_filter" or _FILTERED.search(said):
        return "filtered"
    if status == 404 or code == "model_not_found" or _NO_MODEL.search(said):
        return "model"
    return "request"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds after which a server asks to be asked again; None where it does not say."""
    try:
        if headers.get("retry-after-ms"):
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        value = headers.get("retry-after")
        if not value:
            return None
        if re.fullmatch(r"\s*[0-9.]+\s*", value):
            return float(value)
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(timezone.utc)).total_seconds())
    except (TypeError, ValueError):
        return None


def _said(body: object) -> str:
    """Return the server's own words of an error's body."""
    if isinstance(body, Mapping):
        for key in ("message", "detail", "error"):
            if body.get(key):
                return _said(body[key])
        return ""
    return str(body) if body else ""


def _hidden(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "[the key]")
    line = " ".join(text.split())
    return line if len(line) <= _WORDS else f"{line[:_WORDS]}..."


def _clipped(data: bytes) -> str:
    return " ".join(data[:80].decode("utf-8", "replace").split())


def _in_time(chunks: Iterator[bytes], deadline: float) -> Iterator[bytes]:
    """Pass on the bytes as they come. A server that trickles keeps no reader beyond its deadline."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MOST_BYTES:
            raise ModelTrouble(f"the answer has more than {MOST_BYTES} bytes", status=200, cause="server")
        if time.monotonic() > deadline:
            raise ModelTrouble("the answer did not come to its end in time", status=200, cause="timeout")
        yield chunk


def _events(chunks: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    """Yield the data of server-sent events. :raises ModelTrouble: at one that tells of an error."""
    for line in _lines(chunks):
        field, _, value = line.partition(b":")
        if field != b"data" or value.strip() in (b"", b"[DONE]"):
            continue
        event = json.loads(value)
        if isinstance(event, Mapping) and event.get("error"):
            raise ModelTrouble(f"the stream tells of an error: {_said(event)[:_WORDS]}", status=200, cause="server")
        if isinstance(event, Mapping):
            yield event


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.rstrip(b"\r") for line in lines)
    if rest:
        yield rest
