"""Work in a thread of its own, whose result somebody waits for in pieces."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Background(Generic[_T]):
    """Starts *work* at once.

    :param name: of the thread.
    """

    def __init__(self, work: Callable[[], _T], *, name: str) -> None:
        self._work = work
        self._outcome: list[_T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for at most *timeout* seconds, and return whether the work has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def result(self) -> _T:
        """Wait for the work and return what it returned, or raise what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._outcome[0]

    def _run(self) -> None:
        try:
            self._outcome.append(self._work())
        except BaseException as error:  # noqa: BLE001 - it goes on to whoever asks for the result
            self._error = error
