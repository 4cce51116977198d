"""What an agent's file says of its model and of the way to it."""

from __future__ import annotations

import datetime
import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pytest_metr.agent.models.prices import Prices
from pytest_metr.fields import Fields, describe
from pytest_metr.types import Record

#: The APIs that are spoken, and the variables in which their makers' clients look for a key.
PROVIDERS: Mapping[str, str] = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
#: What ``key_env`` says where a server needs no key.
NO_KEY = "none"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Fields of a request that are not for an agent's file to say, or that it says elsewhere.
_OURS = ("model", "messages", "stream", "stream_options", "n")
#: Seconds of one attempt, unless the file says otherwise.
TIMEOUT = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries(Record):
    """How often a request is made again, and for how long.

    :param most: times, after the first.
    :param seconds: from the first failure to the beginning of the last attempt, waiting included.
    """

    most: int = 8
    seconds: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Record):
    """What all processes of a session keep together; None is no limit.

    :param connections: requests under way at once.
    """

    connections: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings(Record):
    """A model and the way to it.

    :param provider: the API that its server speaks: ``openai`` or ``anthropic``.
    :param name: its name there.
    :param base_url: where it is served; None for the maker's own.
    :param key_env: the environment variable that holds the key; None where the server needs none.
    :param timeout_seconds: of one attempt.
    :param stream: whether answers are taken as they come, which keeps connections alive over a long one.
    :param max_tokens: that may come out of one request; None for what the server does by itself.
    :param extra: fields of the server's own that go into every request.
    """

    provider: str
    name: str
    base_url: str | None = None
    key_env: str | None = None
    timeout_seconds: float = TIMEOUT
    stream: bool = False
    max_tokens: int | None = None
    sampling: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    retries: Retries = field(default_factory=Retries)
    rate: Rate = field(default_factory=Rate)
    prices: Prices | None = None

    @property
    def model(self) -> str:
        """``provider/name``."""
        return f"{self.provider}/{self.name}"

    @classmethod
    def of(cls, model: str, settings: Mapping[str, Any]) -> ModelSettings:
        """Return the settings that :func:`check_model` has checked, for *model*.

        :raises ValueError: where *model* is no ``provider/name``.
        """
        provider, name = split_model(model)
        own = {"provider": provider, "name": name, "key_env": key_variable(model, settings)}
        return cls.from_json({**settings, **own})


def split_model(model: str) -> tuple[str, str]:
    """Return provider and name. :raises ValueError: with what was expected."""
    provider, _, name = model.partition("/")
    if provider not in PROVIDERS or not name:
        raise ValueError(f"expected provider/name with a provider of {', '.join(PROVIDERS)}, found {model!r}")
    return provider, name


def key_variable(model: str, settings: Mapping[str, Any]) -> str | None:
    """Return the environment variable that must hold the model's key; None where its server needs none."""
    given: str | None = settings.get("key_env")
    if given is not None:
        return None if given == NO_KEY else given
    base_url = settings.get("base_url")
    if base_url is not None and is_loopback(str(base_url)):
        return None
    return PROVIDERS[split_model(model)[0]]


def check_model(fields: Fields) -> dict[str, Any]:
    """Take the keys of a model's settings from an agent file, and return them, complete and plain JSON.

    :raises UsageMistake: where one is wrong.
    """
    base_url = fields.optional_text("base_url")
    if base_url is not None and not _is_url(base_url):
        expected = "an address that begins with http:// or https://, without a name, a password, ? or #"
        fields.wrong("base_url", f"expected {expected}, found {_without_password(base_url)!r}")
    stream = fields.optional_flag("stream")
    return {
        "base_url": base_url,
        "key_env": _key_env(fields),
        "timeout_seconds": fields.positive_number("timeout_seconds") or TIMEOUT,
        "stream": bool(stream),
        "max_tokens": _count(fields, "max_tokens"),
        "sampling": _sampling(fields.mapping("sampling")),
        "extra": _extra(fields),
        "retries": _retries(fields.mapping("retries")),
        "rate": _rate(fields.mapping("rate")),
        "prices": _prices(fields.mapping("prices")) if "prices" in fields else None,
    }


def _key_env(fields: Fields) -> str | None:
    name = fields.optional_text("key_env")
    if name is not None and not _VARIABLE.fullmatch(name):
        # It is not repeated: some will write the key itself.
        fields.wrong("key_env", f"expected the name of the environment variable that holds the key, or {NO_KEY}")
    return name


def _extra(fields: Fields) -> dict[str, Any]:
    extra = fields.value("request")
    if extra is None and "request" not in fields:
        return {}
    if not isinstance(extra, dict):
        fields.wrong("request", f"expected a mapping of fields that go into every request, found {describe(extra)}")
    for key in extra:
        if not isinstance(key, str) or key in _OURS:
            fields.wrong(f"request.{key}", f"expected a field of the server's own, not one of {', '.join(_OURS)}")
    try:
        plain: dict[str, Any] = json.loads(json.dumps(extra, allow_nan=False))
    except (TypeError, ValueError) as error:
        fields.wrong("request", f"expected what JSON can say: {error}")
    return plain


def _sampling(fields: Fields) -> dict[str, Any]:
    stops = fields.items("stop")
    checked = {
        "temperature": fields.number("temperature", "of at least 0", lambda number: number >= 0),
        "top_p": fields.number("top_p", "above 0 and at most 1", lambda number: 0 < number <= 1),
        "seed": fields.whole("seed", "of at least 0", lambda number: number >= 0),
        "stop": stops or None,
    }
    for number, stop in enumerate(stops):
        if not isinstance(stop, str) or not stop:
            fields.wrong(f"stop[{number}]", "expected a text")
    fields.finish()
    return {key: value for key, value in checked.items() if value is not None}


def _retries(fields: Fields) -> dict[str, Any]:
    most = fields.whole("most", "of at least 0", lambda number: number >= 0)
    seconds = fields.positive_number("seconds")
    fields.finish()
    default = Retries()
    return {
        "most": default.most if most is None else most,
        "seconds": default.seconds if seconds is None else seconds,
    }


def _rate(fields: Fields) -> dict[str, Any]:
    checked = {key: _count(fields, key) for key in ("connections", "requests_per_minute", "tokens_per_minute")}
    fields.finish()
    return checked


def _prices(fields: Fields) -> dict[str, Any]:
    date = fields.value("date", "the day of these prices, YYYY-MM-DD")
    if isinstance(date, datetime.date):
        date = date.isoformat()  # as YAML reads one without quotes
    try:
        datetime.date.fromisoformat(str(date))
    except ValueError:
        fields.wrong("date", f"expected a day, YYYY-MM-DD, found {date!r}")
    checked: dict[str, Any] = {"date": str(date)}
    for key in ("input", "output", "cached", "cache_written"):
        checked[key] = fields.number(key, "of at least 0", lambda number: number >= 0)
    for key in ("input", "output"):
        if checked[key] is None:
            fields.wrong(key, "missing; expected US dollars for a million tokens")
    fields.finish()
    return checked


def _count(fields: Fields, key: str) -> int | None:
    return fields.whole(key, "of at least 1", lambda number: number >= 1)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port  # which is read only now, and may be none
        return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and not set(text) & set("@?#")
    except ValueError:
        return False


def _without_password(text: str) -> str:
    return "one that has them" if set(text) & set("@?#") else text


def is_loopback(url: str) -> bool:
    """Whether a server is on this machine, as far as its address says so."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
