"""The model of one agent, asked in the form of either maker's API, whatever its own is."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Protocol

from pytest_metr.agent.gateway.background import Background
from pytest_metr.agent.gateway.bodies import read_call
from pytest_metr.agent.gateway.forms import form_of
from pytest_metr.agent.gateway.messages import Answer, EventStream, HttpRequest
from pytest_metr.agent.gateway.server import Refused, Route, Routes
from pytest_metr.agent.models import WIRES, ModelRejected, Wire
from pytest_metr.errors import AgentError, InfrastructureError
from pytest_metr.interfaces import Workspace

#: Seconds without a byte after which whoever takes a stream is told that the model is still at work.
PING = 10.0
#: Requests in a row that the model's server may reject before the agent is taken to have failed.
REJECTIONS_LIMIT = 50
#: Seconds that calls which nobody waits for any more are given, so that what they use is on record.
LAST_CALLS = 5.0

_NAMES_NOTED = 20
#: What comes of reading what somebody else has written.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
_PING_EVENT = b": the model is at work\n\n"


class Caller(Protocol):
    """What asks the model: a :class:`~pytest_metr.agent.models.ModelCaller`, or what stands for one in a test."""

    @property
    def model(self) -> str:
        """``provider/name``."""
        ...

    @property
    def wire(self) -> Wire:
        """The API that the model's server speaks."""
        ...

    def call(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask once, with all that belongs to it, and return the server's whole answer."""
        ...


class ModelApi:
    """``POST /chat/completions``, ``POST /messages`` and what clients ask for besides.

    Whatever model a program names, it is the agent's own that answers. What the model's server rejects because it was
    asked badly is passed on as it is; what it cannot do ends the run, whatever the program makes of that.

    :param refusal: words what a call raised, and has it end the run where it does.
    :param ping: see :data:`PING`.
    """

    def __init__(
        self,
        workspace: Workspace,
        caller: Caller,
        *,
        refusal: Callable[[Exception], Refused],
        ping: float = PING,
    ) -> None:
        self._workspace = workspace
        self._caller = caller
        self._refusal = refusal
        self._ping = ping
        self._changed = threading.Condition()
        self._under_way = 0
        self._answered = 0
        self._rejected_in_a_row = 0
        self._rejected: ModelRejected | None = None
        self._names: set[str] = set()
        self._closed = False

    @property
    def routes(self) -> Routes:
        """What this answers, see :class:`~pytest_metr.agent.gateway.server.Server`."""
        calls = {("POST", wire.path): self._route(wire) for wire in WIRES}
        counting = ("POST", "/messages/count_tokens")
        return {**calls, counting: _count_tokens, ("GET", "/models"): self._models, ("GET", "/models/*"): self._model}

    def close(self) -> None:
        """Begin no more calls, and give those that are under way a moment to be counted."""
        with self._changed:
            self._closed = True
            settled = self._changed.wait_for(lambda: not self._under_way, LAST_CALLS)
        if not settled:
            self._workspace.record("note", text="calls of the model were under way when the command ended: not counted")

    def check_served(self) -> None:
        """See that a model that was asked has been there at all.

        :raises InfrastructureError: (cause ``model_rejected``) where its server has rejected requests and answered
            none: that says that settings and model do not fit, and nothing about either.
        """
        if self._rejected is not None and not self._answered:
            message = f"the model's server has rejected every request of the agent's command: {self._rejected}"
            raise InfrastructureError(message, cause="model_rejected")

    # Calls

    def _route(self, wire: Wire) -> Route:
        return lambda request: self._complete(wire, request)

    def _complete(self, wire: Wire, request: HttpRequest) -> Answer | EventStream:
        body = read_call(request.body)
        streamed = bool(body.pop("stream", False))
        options = body.pop("stream_options", None)
        if body.get("n", 1) not in (None, 1) and (streamed or wire.name != self._caller.wire.name):
            raise Refused(400, "invalid_request_error", "n: expected 1, where an answer is streamed or translated")
        self._note_name(body.get("model"))
        if not streamed:
            return Answer(body=self._call(wire, body))
        with_usage = isinstance(options, dict) and options.get("include_usage") is True
        call = Background(lambda: self._call(wire, body), name="metr-gateway-call")
        if call.wait(self._ping):
            call.result()  # an error is answered by a status of its own, as long as none has been sent
        events = self._events(wire, request, call, with_usage=with_usage)
        next(events)  # from here on its end is reached, also where nobody takes anything of it
        return EventStream(events=events)

    def _events(
        self, wire: Wire, request: HttpRequest, call: Background[dict[str, Any]], *, with_usage: bool
    ) -> Generator[bytes, None, None]:
        try:
            yield b""
            while not call.wait(0):
                yield _PING_EVENT
                call.wait(self._ping)
            try:
                response = call.result()
            except Exception as error:  # noqa: BLE001 - it is told, and ends the run where it is not the caller's own
                refused = self._refusal(error)
                yield _error_event(request, refused)
                return
            yield from wire.events(response, include_usage=with_usage)
        finally:
            # The place of this request stays taken until the call has ended, though nobody may listen any more.
            call.wait()

    def _call(self, wire: Wire, body: dict[str, Any]) -> dict[str, Any]:
        with self._counted():
            if wire.name == self._caller.wire.name:
                return self._caller.call(body)
            return self._translated(wire, body)

    def _translated(self, wire: Wire, body: dict[str, Any]) -> dict[str, Any]:
        own = self._caller.wire
        try:
            # What only one API knows means nothing to the other.
            asked = own.body(dataclasses.replace(wire.request(body), extra={}))
        except _UNREADABLE as error:
            message = f"this cannot be put in the form of the model's own API: {error}"
            raise Refused(400, "invalid_request_error", message[:500]) from error
        response = self._caller.call(asked)
        try:
            return wire.response(own.reply(response), model=self._name, id=str(response.get("id") or "answer"))
        except _UNREADABLE as error:
            raise InfrastructureError(
                f"{self._caller.model}: the answer says nothing: {error}", cause="model"
            ) from error

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count a call, and what its server made of it."""
        with self._changed:
            if self._closed:
                raise Refused(403, "permission_error", "the agent's command has ended")
            self._under_way += 1
        try:
            yield
            self._answered += 1
            self._rejected_in_a_row = 0
        except ModelRejected as rejected:
            raise self._rejection(rejected) from rejected
        except InfrastructureError as error:
            # That there is no such model is read from a server's words, which may repeat what the program has sent.
            blamed = error.__cause__
            if isinstance(blamed, ModelRejected) and blamed.what == "model" and blamed.status != HTTPStatus.NOT_FOUND:
                raise self._rejection(blamed) from error
            raise
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _rejection(self, rejected: ModelRejected) -> Exception:
        """Return what comes of a rejection: it is the program's affair, until there have been too many."""
        self._rejected = self._rejected or rejected
        self._rejected_in_a_row += 1
        if self._rejected_in_a_row >= REJECTIONS_LIMIT:
            return AgentError(f"{REJECTIONS_LIMIT} requests in a row were rejected: {rejected}")
        words = rejected.message.partition(f"HTTP {rejected.status}: ")[2] or rejected.message
        return Refused(rejected.status, "invalid_request_error", words)

    # Names

    @property
    def _name(self) -> str:
        return self._caller.model.partition("/")[2]

    def _note_name(self, name: object) -> None:
        """Write down which model was asked for, the first time that it was, where it is not the one that answers."""
        if not isinstance(name, str) or name in (self._name, self._caller.model) or len(self._names) >= _NAMES_NOTED:
            return
        with self._changed:
            new = name[:200] not in self._names
            self._names.add(name[:200])
        if new:
            self._workspace.record("model_asked_for", name=name[:200], answered_by=self._caller.model)

    def _models(self, request: HttpRequest) -> Answer:
        model = self._card(request)
        if form_of(request).name == "anthropic":
            return Answer(body={"data": [model], "has_more": False, "first_id": self._name, "last_id": self._name})
        return Answer(body={"object": "list", "data": [model]})

    def _model(self, request: HttpRequest) -> Answer:
        return Answer(body=self._card(request))

    def _card(self, request: HttpRequest) -> dict[str, Any]:
        if form_of(request).name == "anthropic":
            created = "1970-01-01T00:00:00Z"  # not known, and clients want one
            return {"type": "model", "id": self._name, "display_name": self._name, "created_at": created}
        return {"id": self._name, "object": "model", "created": 0, "owned_by": self._caller.model.partition("/")[0]}


def _count_tokens(request: HttpRequest) -> Answer:  # noqa: ARG001 - a route takes the request
    raise Refused(404, "not_found_error", "tokens are counted by the model's answers alone: see their usage")


def _error_event(request: HttpRequest, refused: Refused) -> bytes:
    form = form_of(request)
    data = b"data: " + json.dumps(form.error(refused.kind, refused.message)).encode() + b"\n\n"
    return b"event: error\n" + data if form.name == "anthropic" else data
