"""What an error of a model's server means: whether it may pass, and else what was rejected."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from pytest_metr.agent.models.errors import ModelRejected, ModelTrouble, Rejected, Trouble
from pytest_metr.agent.models.secrecy import Secrecy

_PASSING = frozenset({408, 409, 425, 429})
_CAUSES: Mapping[int, Trouble] = {
    408: "timeout",
    429: "overloaded",
    503: "overloaded",
    504: "timeout",
    529: "overloaded",
}
#: What an error that comes without a status of its own, inside a stream, stands for.
_STATUS_OF_KIND: Mapping[str, int] = {
    "invalid_request_error": 400,
    "context_length_exceeded": 400,
    "content_filter": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_QUOTA = re.compile(
    r"insufficient_quota|billing_(hard_limit|not_active|error)|credit balance is too low", re.IGNORECASE
)
#: What a rate allows in a minute is less than this one request.
_LARGER_THAN_A_MINUTE = re.compile(r"request too large", re.IGNORECASE)
#: As OpenAI, Anthropic, vLLM, llama.cpp's two servers, TGI and Ollama word it.
_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|request_too_large|request too large"
    r"|maximum context length|context (length|window|size|limit)"
    r"|(prompt|input|request|conversation) is too (long|large)|too many (input )?tokens"
    r"|maximum (number of|input) tokens|max_new_tokens`? must be",
    re.IGNORECASE,
)
_FILTERED = re.compile(
    r"content_filter|content[ _](management |filtering )?policy|content filter|flagged as potentially violating"
    r"|responsible.?ai.?policy|sensitive_words",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|model_not_available|no such model|unknown model|invalid model|not a valid model"
    r"|model\b.{0,100}\b(does not exist|doesn't exist|not found|is not available|do(es)? not have access)",
    re.IGNORECASE,
)


def verdict(
    status: int, headers: Mapping[str, str], data: bytes, *, url: str, secrecy: Secrecy
) -> ModelTrouble | ModelRejected:
    """Return what an answer with an error's status means.

    :param headers: with names in small letters.
    :param data: the answer's body, or its beginning.
    """
    document = _parsed(data)
    kind, said = _kind(document), _said(document) or data.decode("utf-8", "replace")
    if 300 <= status < 400:
        said = f"it says to go to {headers.get('location', 'another address')}, which is to be the base_url then"
    message = secrecy.line(f"{url}: HTTP {status}: {said.strip() or 'nothing said'}")
    return _judged(status, kind, said, message, retry_after=retry_after(headers))


def verdict_inside(document: Mapping[str, Any], *, url: str, secrecy: Secrecy) -> ModelTrouble | ModelRejected:
    """Return what an error means that came in the place of an answer, after a status that promised one."""
    kind, said = _kind(document), _said(document)
    code = _error(document).get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    for word in kind.split():
        status = _STATUS_OF_KIND.get(word, status)
    message = secrecy.line(f"{url}: HTTP 200, and in it an error: {kind}: {said}")
    found = _judged(status, kind, said, message, retry_after=None)
    if isinstance(found, ModelTrouble):
        return ModelTrouble(message, status=200, cause=found.cause)
    return found


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds after which a server asks to be asked again, at least 0; None where it does not say."""
    value = headers.get("retry-after") or ""
    try:
        if headers.get("retry-after-ms"):
            seconds = float(headers["retry-after-ms"]) / 1000
        elif re.fullmatch(r"\s*[0-9]+(\.[0-9]*)?\s*", value):
            seconds = float(value)
        else:
            at = parsedate_to_datetime(value)
            seconds = (at.replace(tzinfo=at.tzinfo or timezone.utc) - datetime.now(timezone.utc)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _judged(
    status: int, kind: str, said: str, message: str, *, retry_after: float | None
) -> ModelTrouble | ModelRejected:
    what = _what(status, f"{kind} {said}")
    passing = status in _PASSING or status >= 500
    if passing and not _never_passes(status, what, f"{kind} {said}"):
        cause = _CAUSES.get(status, "server")
        return ModelTrouble(message, status=status, cause=cause, retry_after=retry_after)
    return ModelRejected(message, status=status, what=what)


def _never_passes(status: int, what: Rejected, words: str) -> bool:
    """Whether a server has said with a status of passing trouble what will not pass; only clear words count."""
    if status == 429:
        return what == "quota" or bool(_LARGER_THAN_A_MINUTE.search(words))
    return status == 500 and what == "too_long"


def _what(status: int, words: str) -> Rejected:
    if status == 402 or _QUOTA.search(words):
        return "quota"
    if status == 401:
        return "key"
    if status == 413 or _TOO_LONG.search(words):
        return "too_long"
    if _FILTERED.search(words):
        return "filtered"
    if status == 404 or _NO_MODEL.search(words):
        return "model"
    return "key" if status == 403 else "request"


def _parsed(data: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, Mapping) else {}


def _error(document: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = document.get("error")
    return inner if isinstance(inner, Mapping) else document


def _kind(document: Mapping[str, Any]) -> str:
    """Return the words by which programs know an error, such as ``invalid_request_error``."""
    error = _error(document)
    return " ".join(str(error[key]) for key in ("type", "code") if error.get(key))


def _said(document: Mapping[str, Any]) -> str:
    """Return the server's own words: a text, or what is in the place of one."""
    error = _error(document)
    for found in (error.get("message"), error.get("detail"), error.get("error"), error.get("msg")):
        if found:
            return found if isinstance(found, str) else json.dumps(found)
    return json.dumps(document) if document else ""
