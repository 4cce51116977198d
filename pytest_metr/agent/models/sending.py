"""What goes into the body of a request besides what an agent has put there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_metr.agent.models.chat import Request
from pytest_metr.agent.models.settings import ModelSettings
from pytest_metr.agent.models.wire import Body, Wire
from pytest_metr.interfaces import Left

#: Bytes of text that are taken for one token before the server has counted.
BYTES_PER_TOKEN = 3
#: Where fewer tokens than this are left, a request that sets no bound of its own is given one. A larger one would be
#: more than some models can put out, whose servers refuse such requests.
BOUND_BELOW = 1024
#: The fields of a request that bound what comes out.
_BOUNDS = ("max_tokens", "max_completion_tokens")
#: How an answer is to come is for the client to say.
_NOT_THE_AGENTS = ("stream", "stream_options")


def completed(body: Mapping[str, Any], settings: ModelSettings, wire: Wire, left: Left) -> Body:
    """Return the body that is sent: with the model's name, the settings of the agent's file, and within the limits.

    What the agent has put there goes before ``sampling`` of the file, ``request`` of the file before both.
    """
    asked = {key: value for key, value in body.items() if key not in _NOT_THE_AGENTS}
    sent: Body = {**_sampling(settings, wire), **asked, **settings.extra, "model": settings.name}
    key = next((key for key in _BOUNDS if isinstance(sent.get(key), int)), "max_tokens")
    bounds = [bound for bound in (sent.get(key), settings.max_tokens) if bound is not None]
    if left.tokens is not None:
        # What goes in is not known before the server has counted it; about so much of the rest is for it.
        rest = max(1, left.tokens - estimate(body))
        if bounds or rest < BOUND_BELOW:
            bounds.append(rest)
    if bounds:
        sent[key] = min(bounds)
    return sent


def estimate(body: Mapping[str, Any]) -> int:
    """Return about how many tokens go in."""
    return size({key: body.get(key) for key in ("messages", "system", "tools")}) // BYTES_PER_TOKEN


def size(data: Mapping[str, Any]) -> int:
    """Return how long JSON is, in characters."""
    return len(json.dumps(data, ensure_ascii=False))


def _sampling(settings: ModelSettings, wire: Wire) -> Body:
    """Return the settings that the wire has a field for, as its bodies have them."""
    body = wire.body(Request(model=settings.name, messages=(), sampling=settings.sampling))
    return {key: value for key, value in body.items() if key not in ("messages", "max_tokens")}
