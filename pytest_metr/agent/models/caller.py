"""Asking the model under test for one run: within the limits, in turn with others, on record."""

from __future__ import annotations

import itertools
import json
import math
import os
import threading
import time
from collections.abc import Mapping
from typing import Any

from pytest_metr.agent.models.chat import Reply, Request
from pytest_metr.agent.models.conversation import Conversation
from pytest_metr.agent.models.errors import ModelRejected, ModelTrouble
from pytest_metr.agent.models.pool import Pool
from pytest_metr.agent.models.retrying import GivenUp, Patience
from pytest_metr.agent.models.settings import ModelSettings
from pytest_metr.agent.models.transport import Client
from pytest_metr.agent.models.wire import Body, Wire
from pytest_metr.agent.models.wires import client_of, wire_of
from pytest_metr.errors import InfrastructureError
from pytest_metr.interfaces import Left, Workspace
from pytest_metr.types import ModelUsage, TokenCounts

#: What a run cannot do anything about.
_SETTINGS_AT_FAULT = ("key", "model", "request")
#: Bytes of text that are taken for one token before the server has counted.
_BYTES_PER_TOKEN = 3
#: The fields of a request that bound what comes out.
_BOUNDS = ("max_tokens", "max_completion_tokens")
_LOOK = 0.2


class ModelCaller:
    """Asks one model for one run. May be used from several threads.

    :param client: the way to the server; by the maker's own client unless given.
    :ivar wire: the API that the server speaks.
    """

    def __init__(
        self,
        workspace: Workspace,
        settings: ModelSettings,
        *,
        client: Client | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.wire: Wire = wire_of(settings.provider)
        self._workspace = workspace
        self._settings = settings
        key = os.environ.get(settings.key_env) if settings.key_env is not None else None
        self._client = client_of(settings, key) if client is None else client
        self._patience = patience or Patience(rules=settings.retries)
        self._pool = Pool(workspace.shared_dir / "models", f"{settings.base_url} {settings.model}", settings.rate)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._conversation = Conversation()
        self._answered = False

    @property
    def model(self) -> str:
        """``provider/name``."""
        return self._settings.model

    def ask(self, request: Request) -> Reply:
        """Ask in our own words, see :meth:`call`.

        :raises ModelRejected: where the request is too long, or was filtered.
        """
        response = self.call(self.wire.body(request))
        try:
            return self.wire.reply(response)
        except ValueError as error:
            raise InfrastructureError(f"{self.model}: the answer says nothing: {error}", cause="model") from error

    def call(self, body: Mapping[str, Any]) -> Body:
        """Ask once and return the server's whole answer.

        The model's name, the settings of the agent's file, and what is left of the limits go into the body.

        :raises LimitReached: where a limit is used up, before or by it.
        :raises ModelRejected: where the server rejects the request for its length or its content, or for anything once
            it has answered one in this run.
        :raises InfrastructureError: where the server does not answer (cause ``model``), or settings are at fault
            (``model_rejected``, and every further run would fail alike).
        """
        left = self._workspace.check_limits()
        sent = self._completed(body, left)
        with self._lock:
            number = next(self._numbers)
            written = self._conversation.add(number, sent)
            self._workspace.record("model_request", call=number, model=self.model, wire=self.wire.name, **written)
        begun = time.monotonic()
        try:
            with self._workspace.waiting():
                response, retries = self._answered_in_the_end(sent, number)
        except ModelRejected as rejected:
            self._workspace.record("model_rejected", call=number, status=rejected.status, message=rejected.message)
            raise self._judged(rejected) from rejected
        self._answered = True
        self._spend(sent, response, number, retries=retries, seconds=time.monotonic() - begun)
        return response

    # What is sent

    def _completed(self, body: Mapping[str, Any], left: Left) -> Body:
        settings = self._settings
        sent: Body = {**_named(settings, self.wire), **body, **settings.extra, "model": settings.name}
        bound = next((key for key in _BOUNDS if isinstance(sent.get(key), int)), None)
        most = [value for value in (sent[bound] if bound else None, settings.max_tokens) if value is not None]
        if left.tokens is not None:
            # What goes in is not known before the server has counted it; about so much of the rest is for it.
            most.append(max(1, left.tokens - _estimate(body)))
        if most:
            sent[bound or "max_tokens"] = min(most)
        return sent

    # Attempts

    def _answered_in_the_end(self, body: Body, number: int) -> tuple[Body, int]:
        def attempt() -> Body:
            with self._pool.place(tokens=_estimate(body), check=self._workspace.check_limits) as used:
                left = self._workspace.check_limits().seconds
                seconds = min(self._settings.timeout_seconds, math.inf if left is None else left)
                try:
                    response = self._client.post(body, deadline=time.monotonic() + seconds)
                except ModelTrouble:
                    self._workspace.check_limits()  # it may have been our own time that was up
                    raise
                counted = self.wire.tokens(response)
                used(counted.total if counted is not None else _estimate(body))
                return response

        def wait(trouble: ModelTrouble, failed: int, pause: float) -> None:
            self._workspace.record(
                "model_retry",
                call=number,
                attempt=failed,
                status=trouble.status,
                cause=trouble.cause,
                message=trouble.message,
                wait=round(pause, 3),
            )
            if trouble.cause == "overloaded":
                self._pool.back_off(trouble.retry_after or pause)
            self._sleep(pause)

        try:
            return self._patience.call(attempt, wait=wait)
        except GivenUp as given_up:
            trouble = given_up.trouble
            message = f"{self.model}: no answer after {given_up.attempts} attempts: {trouble.message}"
            raise InfrastructureError(
                message, cause="model", evidence={"status": str(trouble.status), "cause": trouble.cause}
            ) from given_up

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            self._workspace.check_limits()
            time.sleep(min(rest, _LOOK))

    def _judged(self, rejected: ModelRejected) -> Exception:
        if self._answered or rejected.what not in _SETTINGS_AT_FAULT:
            return rejected
        message = f"{self.model}: {rejected.message}"
        return InfrastructureError(message, cause="model_rejected", hopeless=True)

    # What came of it

    def _spend(self, sent: Body, response: Body, number: int, *, retries: int, seconds: float) -> None:
        counted = self.wire.tokens(response)
        # A limit must hold towards a server, too, that does not count.
        tokens = counted or TokenCounts(input=_estimate(sent), output=_size(response) // _BYTES_PER_TOKEN)
        prices = self._settings.prices
        cost = None if prices is None else prices.cost(tokens)
        self._workspace.record(
            "model_response",
            call=number,
            body=response,
            seconds=round(seconds, 3),
            retries=retries,
            tokens=tokens.to_json(),
            counted=counted is not None,
            cost=cost,
        )
        self._workspace.spend(
            ModelUsage(
                model=self.model,
                calls=1,
                retries=retries,
                uncounted=int(counted is None),
                tokens=tokens,
                cost=cost,
            )
        )


def _named(settings: ModelSettings, wire: Wire) -> Body:
    """Return the settings that the wire has a field for, as its bodies have them."""
    body = wire.body(Request(model=settings.name, messages=(), sampling=settings.sampling))
    return {key: value for key, value in body.items() if key not in ("messages", "max_tokens")}


def _estimate(body: Mapping[str, Any]) -> int:
    """Return about how many tokens go in."""
    return _size({key: body.get(key) for key in ("messages", "system", "tools")}) // _BYTES_PER_TOKEN


def _size(data: Mapping[str, Any]) -> int:
    return len(json.dumps(data, default=str))
