"""The way to a server that speaks Anthropic's API, by its maker's own client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_metr.agent.models.anthropic_wire import AnthropicWire
from pytest_metr.agent.models.settings import ModelSettings
from pytest_metr.agent.models.transport import explained, read_answer, seconds_left
from pytest_metr.agent.models.wire import Body


class AnthropicClient:
    """See :class:`~pytest_metr.agent.models.transport.Client`. Answers are always taken as they come.

    :param key: of the server; None where it needs none.
    """

    def __init__(self, settings: ModelSettings, key: str | None) -> None:
        import anthropic

        self._wire = AnthropicWire()
        self._secrets = () if key is None else (key,)
        # Retries are ours: they hold for all processes together, and are written down.
        self._client = anthropic.Anthropic(api_key=key or "none", base_url=_root(settings.base_url), max_retries=0)

    def post(self, body: Mapping[str, Any], *, deadline: float) -> Body:
        """Make one attempt, see :meth:`pytest_metr.agent.models.transport.Client.post`."""
        # Its maker asks for streams where an answer may take long, and one that was taken whole could be any.
        sent = {**body, "stream": True}
        url = str(self._client.base_url)
        with (
            explained(url, self._secrets),
            self._client.messages.with_streaming_response.create(
                model=str(body.get("model")),
                max_tokens=1,
                messages=[],
                extra_body=sent,
                timeout=seconds_left(deadline),
            ) as answer,
        ):
            return read_answer(answer, self._wire, deadline=deadline)


def _root(base_url: str | None) -> str | None:
    """Return an address as the maker's client takes it: it adds ``/v1`` by itself."""
    return None if base_url is None else base_url.rstrip("/").removesuffix("/v1")
