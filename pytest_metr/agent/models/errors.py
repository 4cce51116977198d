"""What a model's server did instead of answering."""

from __future__ import annotations

from typing import Literal

from pytest_metr.errors import AgentError

#: What a request was rejected for: the key, an account without credit, the model's name, the request itself, its
#: length, its content.
Rejected = Literal["key", "quota", "model", "request", "too_long", "filtered"]
#: How a server failed: it did not answer in time; it could not be reached, or the connection broke; it has too much to
#: do; it failed by itself; its answer ended in the middle; it was no JSON; it was no answer of a model.
Trouble = Literal["timeout", "connection", "overloaded", "server", "cut_short", "no_json", "no_answer"]


class ModelTrouble(Exception):
    """The server failed in a way that may pass.

    :param message: one line, with the server's address and its own words, clipped.
    :param status: of its answer; None where there was none.
    :param retry_after: seconds after which it asks to be asked again; None where it does not say.
    """

    def __init__(self, message: str, *, status: int | None, cause: Trouble, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.cause: Trouble = cause
        self.retry_after = retry_after


class ModelRejected(AgentError):
    """The server understood the request and will not answer it, however often it is asked.

    An agent may ask for something else then; where it does not, it has failed.

    :param message: one line, with the server's address and its own words, clipped.
    :param status: of its answer, or the one that its error stands for where it came inside a stream.
    """

    def __init__(self, message: str, *, status: int, what: Rejected) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.what: Rejected = what


class CutShort(ValueError):
    """A stream ended in the middle of an answer."""
