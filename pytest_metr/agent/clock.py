"""The agent's time: it runs while the agent works, and stands still while it is being scored."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class AgentClock:
    """Counts the seconds that an agent has worked. Safe to use from several threads.

    :param now: a time source that never runs backwards, in seconds.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._counted = 0.0
        self._since: float | None = None
        self._running = False
        self._pauses = 0

    @property
    def seconds(self) -> float:
        """The time counted so far."""
        with self._lock:
            return self._counted + (0.0 if self._since is None else self._now() - self._since)

    def start(self) -> None:
        """Begin to count; a clock that runs goes on."""
        with self._lock:
            self._running = True
            self._settle()

    def stop(self) -> None:
        """Count no more until it is started again."""
        with self._lock:
            self._running = False
            self._settle()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stand still inside the ``with`` block; blocks may be nested, the last to end counts."""
        with self._lock:
            self._pauses += 1
            self._settle()
        try:
            yield
        finally:
            with self._lock:
                self._pauses -= 1
                self._settle()

    def _settle(self) -> None:
        """Bring what is counted up to now, and count from now on only where the clock is to run."""
        now = self._now()
        if self._since is not None:
            self._counted += now - self._since
        self._since = now if self._running and not self._pauses else None
