"""The way to a server that speaks Anthropic's API, by its maker's own client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pytest_metr.agent.models.anthropic_wire import AnthropicWire
from pytest_metr.agent.models.secrecy import Secrecy
from pytest_metr.agent.models.settings import ModelSettings
from pytest_metr.agent.models.transport import Answer, attempt, client_options
from pytest_metr.agent.models.wire import Body

#: Where its maker serves it.
OWN_URL = "https://api.anthropic.com"


class AnthropicClient:
    """See :class:`~pytest_metr.agent.models.transport.Client`. Answers are always taken as they come.

    :param key: of the server; None where it needs none.
    """

    def __init__(self, settings: ModelSettings, key: str | None) -> None:
        import anthropic
        import anthropic.resources.messages  # which takes seconds, and is not to take them from an attempt

        self._package = anthropic
        self._wire = AnthropicWire()
        # The maker's client adds /v1 by itself.
        self._url = (settings.base_url or OWN_URL).rstrip("/").removesuffix("/v1")
        self._key = key
        self._secrecy = Secrecy(key)

    def post(self, body: Mapping[str, Any], *, deadline: float) -> Body:
        """Make one attempt, see :meth:`pytest_metr.agent.models.transport.Client.post`."""
        # Its maker asks for streams where an answer may take long, and any may.
        sent = {**body, "stream": True}
        return attempt(self._answer(sent), self._wire, url=self._url, secrecy=self._secrecy, deadline=deadline)

    @asynccontextmanager
    async def _answer(self, sent: Body) -> AsyncIterator[Answer]:
        client = self._package.AsyncAnthropic(**client_options(self._package, url=self._url, key=self._key))
        # The body goes as it is, unknown fields too; the arguments are what the method will not do without. A model's
        # name among them would have it warn of old ones.
        async with (
            client,
            client.messages.with_streaming_response.create(
                model="", max_tokens=1, messages=[], extra_body=sent
            ) as answer,
        ):
            yield answer
