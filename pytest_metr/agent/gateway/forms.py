"""Which maker's API a request is in the form of, so that an error is worded as its client understands it."""

from __future__ import annotations

from pytest_metr.agent.gateway.messages import HttpRequest
from pytest_metr.agent.models import WIRES, Wire


def form_of(request: HttpRequest) -> Wire:
    """Return the API that whoever asks this speaks: Anthropic's clients say who they are, others read OpenAI's."""
    anthropic = "anthropic-version" in request.headers or "/messages" in request.target.split("?")[0]
    name = "anthropic" if anthropic else "openai"
    return next(wire for wire in WIRES if wire.name == name)
