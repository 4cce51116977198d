"""The one door from a run's sandbox to the host: a port inside, and behind it what the run's agent may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import MappingProxyType
from typing import Any

from pytest_metr.agent.gateway.bodies import read_json
from pytest_metr.agent.gateway.ending import Ending
from pytest_metr.agent.gateway.messages import Answer, HttpRequest
from pytest_metr.agent.gateway.model_api import Caller, ModelApi
from pytest_metr.agent.gateway.server import Refused, Route, Server
from pytest_metr.agent.gateway.task_api import TaskApi
from pytest_metr.interfaces import Workspace

#: Takes the object that a request came with and returns the object that answers it; a ValueError is the caller's fault.
Word = Callable[[Mapping[str, Any]], Mapping[str, Any]]

_NO_WORDS: Mapping[str, Word] = MappingProxyType({})


class Gateway:
    """Open while its ``with`` block lasts. Programs inside find it by :attr:`environment`.

    It answers ``POST /metr/score`` and ``GET /metr/limits``, and by *caller* and *words* more than that.

    :param words: what else can be said, as ``POST /metr/<word>``; the calls come from threads of their own.
    :param caller: asks the agent's model; None where it has none here.
    :ivar ending: what ends the run because of something that happened here. Whoever waits for the agent looks at it.
    """

    def __init__(
        self, workspace: Workspace, *, words: Mapping[str, Word] = _NO_WORDS, caller: Caller | None = None
    ) -> None:
        self.ending = Ending()
        self._workspace = workspace
        self._task = TaskApi(workspace)
        self._server = Server(self.ending)
        self._server.add(self._task.routes)
        self._server.add({("POST", f"/metr/{name}"): _spoken(word) for name, word in words.items()})
        self._caller = caller
        self._model: ModelApi | None = None
        if caller is not None:
            self._model = ModelApi(workspace, caller, refusal=self._server.refusal)
            self._server.add(self._model.routes)
        self._port = 0
        self._open = ExitStack()

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which programs inside find their way here, those of the makers' own clients among them."""
        url, token = f"http://127.0.0.1:{self._port}", self._server.token
        found = {"METR_URL": url, "METR_TOKEN": token}
        if self._caller is not None:
            found |= {
                "METR_MODEL": self._caller.model,
                "OPENAI_BASE_URL": f"{url}/v1",
                "OPENAI_API_BASE": f"{url}/v1",
                "OPENAI_API_KEY": token,
                "ANTHROPIC_BASE_URL": url,
                "ANTHROPIC_API_KEY": token,
            }
        return found

    def check_served(self) -> None:
        """See that a model that was asked has been there; see :meth:`ModelApi.check_served`."""
        if self._model is not None:
            self._model.check_served()

    def __enter__(self) -> Gateway:
        forward = self._workspace.forward(self._server.serve)
        self._open.callback(forward.close)
        # The task must be its own again before it is scored, and what was paid for be on record.
        self._open.callback(self._task.close)
        if self._model is not None:
            self._open.callback(self._model.close)
        self._port = forward.port
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()


def _spoken(word: Word) -> Route:
    def route(request: HttpRequest) -> Answer:
        said = read_json(request.body or b"{}")
        try:
            return Answer(body=dict(word(said)))
        except ValueError as error:
            raise Refused(400, "invalid_request_error", str(error)) from error

    return route
