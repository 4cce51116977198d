"""The way to a server that speaks OpenAI's API, by its maker's own client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_metr.agent.models.openai_wire import OpenAIWire
from pytest_metr.agent.models.settings import ModelSettings
from pytest_metr.agent.models.transport import explained, read_answer, seconds_left
from pytest_metr.agent.models.wire import Body


class OpenAIClient:
    """See :class:`~pytest_metr.agent.models.transport.Client`.

    :param key: of the server; None where it needs none.
    """

    def __init__(self, settings: ModelSettings, key: str | None) -> None:
        import openai

        self._wire = OpenAIWire()
        self._stream = settings.stream
        self._own = settings.base_url is None
        self._secrets = () if key is None else (key,)
        # Retries are ours: they hold for all processes together, and are written down.
        self._client = openai.OpenAI(api_key=key or "none", base_url=settings.base_url, max_retries=0)

    def post(self, body: Mapping[str, Any], *, deadline: float) -> Body:
        """Make one attempt, see :meth:`pytest_metr.agent.models.transport.Client.post`."""
        sent = dict(body)
        if self._own and "max_tokens" in sent:
            sent["max_completion_tokens"] = sent.pop("max_tokens")  # the maker's own name for it by now
        if self._stream:
            sent |= {"stream": True, "stream_options": {"include_usage": True}}
        url = str(self._client.base_url)
        with (
            explained(url, self._secrets),
            self._client.chat.completions.with_streaming_response.create(
                model=str(body.get("model")), messages=[], extra_body=sent, timeout=seconds_left(deadline)
            ) as answer,
        ):
            return read_answer(answer, self._wire, deadline=deadline)
