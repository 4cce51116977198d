"""The way to a server that speaks OpenAI's API, by its maker's own client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pytest_metr.agent.models.openai_wire import OpenAIWire
from pytest_metr.agent.models.secrecy import Secrecy
from pytest_metr.agent.models.settings import ModelSettings
from pytest_metr.agent.models.transport import Answer, attempt, client_options
from pytest_metr.agent.models.wire import Body

#: Where its maker serves it.
OWN_URL = "https://api.openai.com/v1"


class OpenAIClient:
    """See :class:`~pytest_metr.agent.models.transport.Client`.

    :param key: of the server; None where it needs none.
    """

    def __init__(self, settings: ModelSettings, key: str | None) -> None:
        import openai
        import openai.resources.chat.completions  # which takes seconds, and is not to take them from an attempt

        self._package = openai
        self._wire = OpenAIWire()
        self._stream = settings.stream
        self._own = settings.base_url is None
        self._url = settings.base_url or OWN_URL
        self._key = key
        self._secrecy = Secrecy(key)

    def post(self, body: Mapping[str, Any], *, deadline: float) -> Body:
        """Make one attempt, see :meth:`pytest_metr.agent.models.transport.Client.post`."""
        sent = dict(body)
        if self._own and "max_tokens" in sent:
            sent["max_completion_tokens"] = sent.pop("max_tokens")  # the maker's own name for it by now
        if self._stream:
            sent |= {"stream": True, "stream_options": {"include_usage": True}}
        return attempt(self._answer(sent), self._wire, url=self._url, secrecy=self._secrecy, deadline=deadline)

    @asynccontextmanager
    async def _answer(self, sent: Body) -> AsyncIterator[Answer]:
        client = self._package.AsyncOpenAI(**client_options(self._package, url=self._url, key=self._key))
        # The body goes as it is, unknown fields too; the arguments are what the method will not do without.
        async with (
            client,
            client.chat.completions.with_streaming_response.create(model="", messages=[], extra_body=sent) as answer,
        ):
            yield answer
