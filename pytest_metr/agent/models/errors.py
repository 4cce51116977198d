"""What a model's server did instead of answering."""

from __future__ import annotations

from typing import Literal

#: What a rejected request was rejected for: the key, the model's name, the request itself, its length, its content.
Rejected = Literal["key", "model", "request", "too_long", "filtered"]


class ModelTrouble(Exception):
    """The server failed in a way that may pass.

    :param status: of its answer; None where there was none.
    :param cause: a short word: ``timeout``, ``connection``, ``overloaded``, ``server``, ``cut_short``, ``no_json``.
    :param retry_after: seconds after which it asks to be asked again; None where it does not say.
    """

    def __init__(self, message: str, *, status: int | None, cause: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.cause = cause
        self.retry_after = retry_after


class ModelRejected(Exception):
    """The server understood the request and will not answer it, however often it is asked.

    :param message: one line, with the server's own words.
    """

    def __init__(self, message: str, *, status: int, what: Rejected) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.what: Rejected = what


class CutShort(ValueError):
    """A stream ended in the middle of an answer."""
