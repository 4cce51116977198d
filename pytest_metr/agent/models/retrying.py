"""Asking a server again that failed: with growing pauses, and never for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from pytest_metr.agent.models.errors import ModelTrouble
from pytest_metr.agent.models.settings import Retries

_T = TypeVar("_T")
#: Seconds of the first pause at most; each next one may be twice as long, up to the last.
_FIRST, _LAST = 1.0, 60.0


class GivenUp(Exception):
    """A request was made as often as it may be.

    :param trouble: the last failure.
    :param attempts: how many attempts there were.
    """

    def __init__(self, trouble: ModelTrouble, attempts: int) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble
        self.attempts = attempts


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Exponential backoff with full jitter: a pause is anything from nothing to its bound, so that many do not come
    back at once. What a server asks for (``Retry-After``) is the least pause.

    :param draw: returns a number from 0 to 1.
    :param now: a time source that never runs backwards, in seconds.
    """

    rules: Retries
    draw: Callable[[], float] = field(default_factory=lambda: random.SystemRandom().random)
    now: Callable[[], float] = time.monotonic

    def pause(self, failed: int, trouble: ModelTrouble) -> float:
        """Return the seconds to wait after *failed* attempts (1 or more) in a row."""
        bound = min(_LAST, _FIRST * 2.0 ** (failed - 1))
        least = trouble.retry_after or 0.0
        return least + self.draw() * bound

    def call(self, attempt: Callable[[], _T], *, wait: Callable[[ModelTrouble, int, float], None]) -> tuple[_T, int]:
        """Return what *attempt* returns in the end, and how often it was made again.

        :param wait: is told of a failure, of how many there were, and of the seconds to wait before the next attempt.
        :raises GivenUp: where the attempts or the time are used up.
        """
        begun: float | None = None
        failed = 0
        while True:
            try:
                return attempt(), failed
            except ModelTrouble as trouble:
                failed += 1
                # An attempt that has taken all its time must not leave none for the next.
                begun = self.now() if begun is None else begun
                pause = self.pause(failed, trouble)
                if failed > self.rules.most or self.now() - begun + pause > self.rules.seconds:
                    raise GivenUp(trouble, failed) from trouble
                wait(trouble, failed, pause)
