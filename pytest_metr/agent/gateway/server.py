"""Requests from inside the sandbox to the functions that answer them, for whoever knows the run's token."""

from __future__ import annotations

import hmac
import re
import secrets
import socket
import threading
import traceback
from collections.abc import Callable, Mapping

from pytest_metr.agent.gateway.connection import Connection
from pytest_metr.agent.gateway.ending import Ending
from pytest_metr.agent.gateway.forms import form_of
from pytest_metr.agent.gateway.messages import Answer, EventStream, HttpRequest, Unacceptable
from pytest_metr.errors import AgentError, InfrastructureError, LimitReached, MetrError

#: Requests that are answered at once; others wait.
AT_ONCE = 16

#: Answers one request. What it raises becomes an answer in the form of the API that is spoken, see :class:`Server`.
Route = Callable[[HttpRequest], Answer | EventStream]
#: (method, path without ``/v1``) -> route. A path that ends in ``/*`` is all that begins so.
Routes = Mapping[tuple[str, str], Route]


class Refused(Exception):
    """The answer to a request that cannot be granted; the run goes on.

    :param status: of the answer, 400 or more.
    :param kind: a short word for programs, in the terms of the API that is spoken.
    """

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message


class Server:
    """Serves the connections of one run. Its :meth:`serve` is what a sandbox's ``forward`` asks for.

    Of what a route raises, :class:`Refused` is the caller's affair. All else ends the run: the caller gets an answer
    that says so, and the error is left with *ending* for whoever waits for the agent.

    :ivar token: a fresh one of this run, which is worth nothing elsewhere.
    """

    def __init__(self, ending: Ending) -> None:
        self.token = secrets.token_urlsafe(32)
        self._routes: dict[tuple[str, str], Route] = {}
        self._ending = ending
        self._place = threading.BoundedSemaphore(AT_ONCE)

    def add(self, routes: Routes) -> None:
        """Answer these as well, from now on."""
        self._routes.update(routes)

    def serve(self, sock: socket.socket) -> None:
        """Serve one connection until it ends."""
        Connection(sock, admit=self._admit, respond=self._respond, refuse=_unreadable, place=self._place).serve()

    def _admit(self, request: HttpRequest) -> Answer | None:
        scheme, _, bearer = str(request.headers.get("Authorization", "")).partition(" ")
        given = [bearer.strip()] if scheme.lower() == "bearer" else []
        given.append(str(request.headers.get("x-api-key", "")).strip())
        # Compared in constant time: how far a guess was right cannot be told from the time it took.
        if any(hmac.compare_digest(one.encode("utf-8", "replace"), self.token.encode()) for one in given):
            return None
        message = "this needs the token of this run, as the environment of the agent's command has it"
        return _answer(request, Refused(401, "authentication_error", message))

    def _respond(self, request: HttpRequest) -> Answer | EventStream:
        try:
            self._ending.check()
            return self._find(request)(request)
        except Exception as error:  # noqa: BLE001 - what it was is for the run to say, not for this connection
            return _answer(request, self.refusal(error))

    def refusal(self, error: Exception) -> Refused:
        """Return what the caller is told of an error, and have it end the run where it does."""
        if isinstance(error, Refused):
            return error
        self._ending.of(_as_known(error))
        if isinstance(error, LimitReached):
            return Refused(403, "limit_reached", f"{error}; the run ends here")
        if isinstance(error, AgentError):
            return Refused(403, "permission_error", f"{error}; the run ends here")
        # What went wrong outside is for the record and not for the agent.
        return Refused(503, "api_error", "something outside the sandbox failed; the run ends here")

    def _find(self, request: HttpRequest) -> Route:
        path = path_of(request)
        route = self._routes.get((request.method, path))
        prefixes = [key for key in self._routes if key[1].endswith("/*") and path.startswith(key[1][:-1])]
        if route is None:
            matching = [key for key in prefixes if key[0] == request.method]
            route = self._routes[max(matching, key=lambda key: len(key[1]))] if matching else None
        if route is not None:
            return route
        others = sorted({method for method, known in self._routes if known == path} | {key[0] for key in prefixes})
        if others:
            raise Refused(405, "invalid_request_error", f"{path}: expected {' or '.join(others)}")
        known = ", ".join(f"{method} {known}" for method, known in self._routes)
        raise Refused(404, "not_found_error", f"there is no {path[:200]} here; there is {known}")


def path_of(request: HttpRequest) -> str:
    """Return the path that is asked for, without ``/v1``, which the addresses that programs are given have or lack."""
    path = request.target.split("?")[0].split("#")[0]
    return "/" + re.sub(r"^(v1(/+|$))+", "", path.strip("/"))


def _as_known(error: Exception) -> Exception:
    """Return the error as a run knows it; anything unexpected is a bug of ours."""
    if isinstance(error, MetrError):
        return error
    found = InfrastructureError(
        f"the gateway failed: {type(error).__name__}: {error}",
        cause="internal",
        evidence={"traceback": "".join(traceback.format_exception(error))},
    )
    found.__cause__ = error
    return found


def _answer(request: HttpRequest, refused: Refused) -> Answer:
    return Answer(body=form_of(request).error(refused.kind, refused.message), status=refused.status)


def _unreadable(request: HttpRequest, unacceptable: Unacceptable) -> Answer:
    return _answer(request, Refused(unacceptable.status, "invalid_request_error", unacceptable.message))
