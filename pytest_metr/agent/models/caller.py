"""Asking the model under test for one run: within the limits, in turn with others, on record."""

from __future__ import annotations

import itertools
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
from pytest_metr.agent.models.sending import BYTES_PER_TOKEN, completed, estimate, size
from pytest_metr.agent.models.settings import ModelSettings
from pytest_metr.agent.models.transport import Client
from pytest_metr.agent.models.wire import Body, Wire
from pytest_metr.agent.models.wires import client_of, wire_of
from pytest_metr.errors import InfrastructureError
from pytest_metr.interfaces import Workspace
from pytest_metr.types import ModelUsage, TokenCounts

#: What every further run would meet alike.
_SETTINGS_AT_FAULT = ("key", "quota", "model")
#: Seconds in which nobody begins a request after a server has said that it has too much to do, unless it says how long.
_BREATH = 1.0
#: Seconds between two looks at the limits while there is nothing to do but wait.
_LOOK = 0.05


class ModelCaller:
    """Asks one model for one run. May be used from several threads.

    :param client: the way to the server; by the maker's own client unless given.
    :param patience: how it is asked again; as the settings say unless given.
    :ivar wire: the API that the server speaks.
    :raises InfrastructureError: (cause ``missing_secret``) where the key is not in the environment, or (``usage``)
        where cost is limited and nothing has a price.
    :raises UsageMistake: where the maker's package is not installed.
    """

    def __init__(
        self,
        workspace: Workspace,
        settings: ModelSettings,
        *,
        client: Client | None = None,
        patience: Patience | None = None,
    ) -> None:
        if workspace.limits.cost is not None and settings.prices is None:
            message = f"{settings.model}: a limit of cost cannot be kept without prices in the agent's file"
            raise InfrastructureError(message, cause="usage", hopeless=True)
        self.wire: Wire = wire_of(settings.provider)
        self._workspace = workspace
        self._settings = settings
        self._client = client_of(settings, _key(settings)) if client is None else client
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

        :raises ModelRejected: where the request is too long, or was filtered: an agent can do something about that.
        :raises InfrastructureError: as :meth:`call`; cause ``model_rejected`` also where the server rejects the request
            for anything else. No further run is to be begun then, unless the server has answered before in this one.
        """
        try:
            response = self.call(self.wire.body(request))
        except ModelRejected as rejected:
            if rejected.what == "request":
                raise self._refused(rejected) from rejected
            raise
        try:
            return self.wire.reply(response)
        except ValueError as error:
            raise InfrastructureError(f"{self.model}: the answer says nothing: {error}", cause="model") from error

    def call(self, body: Mapping[str, Any]) -> Body:
        """Ask once and return the server's whole answer.

        The model's name, the settings of the agent's file, and what is left of the limits go into the body.

        :raises LimitReached: where a limit is used up, before or by it.
        :raises ModelRejected: where the server rejects the request for its length, its content or its form.
        :raises InfrastructureError: where the server does not answer after all retries (cause ``model``), or where the
            key, the account or the model's name is at fault (cause ``model_rejected``; no further run is to be begun
            then, unless the server has answered before in this one).
        """
        sent = completed(body, self._settings, self.wire, self._workspace.check_limits())
        with self._lock:
            number = next(self._numbers)
            written = self._conversation.add(number, sent)
            self._workspace.record("model_request", call=number, model=self.model, wire=self.wire.name, **written)
        begun = time.monotonic()
        try:
            with self._workspace.waiting():
                response, retries = self._answered_in_the_end(sent, number)
        except ModelRejected as rejected:
            self._failed(number, begun, status=rejected.status, cause=rejected.what, message=rejected.message)
            raise (self._refused(rejected) if rejected.what in _SETTINGS_AT_FAULT else rejected) from rejected
        except GivenUp as given_up:
            raise self._given_up(given_up, number, begun) from given_up
        self._answered = True
        self._spend(sent, response, number, retries=retries, seconds=time.monotonic() - begun)
        return response

    # Attempts

    def _answered_in_the_end(self, body: Body, number: int) -> tuple[Body, int]:
        """Return the answer and how often it was asked for again. :raises GivenUp: where there is none."""

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
            self._sleep(pause)

        return self._patience.call(lambda: self._attempt(body), wait=wait)

    def _attempt(self, body: Body) -> Body:
        with self._pool.place(tokens=estimate(body), check=self._workspace.check_limits) as used:
            self._workspace.check_limits()
            try:
                response = self._client.post(body, deadline=time.monotonic() + self._seconds())
            except ModelTrouble as trouble:
                # While the place is still taken: whoever gets it next is to know already.
                if trouble.cause == "overloaded" or trouble.retry_after is not None:
                    seconds = _BREATH if trouble.retry_after is None else trouble.retry_after
                    # Where that is longer than anybody tries, others are to find out for themselves.
                    self._pool.back_off(min(seconds, self._settings.retries.seconds))
                self._workspace.check_time()  # it may have been our own time that was up
                raise
            counted = self.wire.tokens(response)
            used(counted.total if counted is not None else estimate(body))
            return response

    def _seconds(self) -> float:
        """Return how long one attempt may take. A limit of working time is none here: it stands still meanwhile."""
        wall = self._workspace.limits.wall_seconds
        return min(self._settings.timeout_seconds, math.inf if wall is None else wall - self._workspace.seconds)

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            self._workspace.check_limits()
            time.sleep(min(rest, _LOOK))

    # What came of it

    def _refused(self, rejected: ModelRejected) -> InfrastructureError:
        message = f"{self.model}: {rejected.message}"
        return InfrastructureError(message, cause="model_rejected", hopeless=not self._answered)

    def _given_up(self, given_up: GivenUp, number: int, begun: float) -> InfrastructureError:
        trouble = given_up.trouble
        self._failed(number, begun, status=trouble.status, cause=trouble.cause, message=trouble.message)
        self._workspace.spend(
            ModelUsage(model=self.model, retries=given_up.attempts - 1, cost=self._cost(TokenCounts()))
        )
        evidence = {"status": str(trouble.status or "none"), "cause": trouble.cause}
        message = f"{self.model}: no answer after {given_up.attempts} attempts: {trouble.message}"
        return InfrastructureError(message, cause="model", evidence=evidence)

    def _failed(self, number: int, begun: float, **data: Any) -> None:
        self._workspace.record("model_failed", call=number, seconds=round(time.monotonic() - begun, 3), **data)

    def _cost(self, tokens: TokenCounts) -> float | None:
        prices = self._settings.prices
        return None if prices is None else prices.cost(tokens)

    def _spend(self, sent: Body, response: Body, number: int, *, retries: int, seconds: float) -> None:
        counted = self.wire.tokens(response)
        # A limit must hold towards a server, too, that does not count.
        tokens = counted or TokenCounts(input=estimate(sent), output=size(response) // BYTES_PER_TOKEN)
        cost = self._cost(tokens)
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


def _key(settings: ModelSettings) -> str | None:
    if settings.key_env is None:
        return None
    key = os.environ.get(settings.key_env, "").strip()  # a newline is what files of keys end with
    if not (key.isascii() and key.isprintable() and key):
        found = "is not set" if not key else "holds something else"
        message = f"{settings.model}: expected a key in the environment variable {settings.key_env}, which {found}"
        raise InfrastructureError(message, cause="missing_secret", hopeless=True)
    return key
