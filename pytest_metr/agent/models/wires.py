"""Which API and which client belong to a provider."""

from __future__ import annotations

from pytest_metr.agent.models.anthropic_wire import AnthropicWire
from pytest_metr.agent.models.openai_wire import OpenAIWire
from pytest_metr.agent.models.settings import ModelSettings
from pytest_metr.agent.models.transport import Client
from pytest_metr.agent.models.wire import Wire
from pytest_metr.errors import UsageMistake

#: The APIs that are spoken.
WIRES: tuple[Wire, ...] = (OpenAIWire(), AnthropicWire())


def wire_of(provider: str) -> Wire:
    """Return the API of a provider."""
    return next(wire for wire in WIRES if wire.name == provider)


def client_of(settings: ModelSettings, key: str | None) -> Client:
    """Return the maker's own client of a provider.

    :raises UsageMistake: where its package is not installed.
    """
    try:
        if settings.provider == "anthropic":
            from pytest_metr.agent.models.anthropic_client import AnthropicClient

            return AnthropicClient(settings, key)
        from pytest_metr.agent.models.openai_client import OpenAIClient

        return OpenAIClient(settings, key)
    except ImportError as error:
        message = f"expected the package {settings.provider}: pip install 'pytest-metr[{settings.provider}]' ({error})"
        raise UsageMistake(message, key="model") from error
