"""What all processes of a session keep together towards one server: connections, rates, and when to leave it alone."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_metr.agent.models.settings import Rate

_MINUTE = 60.0
#: Seconds between two looks whether there is room.
_LOOK = 0.05


class Pool:
    """Places and rates, kept in files that the processes share. May be used by several threads.

    A place is the lock of a file, which its holder gives back by dying at the latest. Rates are kept over the last
    sixty seconds.

    :param folder: the files' folder, which is made where it is missing.
    :param name: of what is limited; the same in all processes.
    :param now: seconds by a clock that all processes of a machine share, and that nobody sets.
    """

    def __init__(self, folder: Path, name: str, rate: Rate, *, now: Callable[[], float] = time.monotonic) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._stem = folder / hashlib.sha256(name.encode()).hexdigest()[:16]
        self._rate = rate
        self._now = now

    @contextmanager
    def place(self, *, tokens: int, check: Callable[[], object]) -> Iterator[Callable[[int], None]]:
        """Wait for a place and for the rates to allow a request, and hold the place inside the block.

        :param tokens: how many the request is expected to use.
        :param check: is called while it waits; what it raises ends the waiting.
        :returns: what takes the number of tokens that the request has used in fact.
        """
        descriptor = self._connection(check)
        try:
            entry = self._allowed(tokens, check)
            yield lambda used: self._correct(entry, used)
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def back_off(self, seconds: float) -> None:
        """Have nobody begin a request within *seconds* from now."""
        with self._state() as state:
            state["not_before"] = max(state.get("not_before", 0.0), self._now() + seconds)

    def _connection(self, check: Callable[[], object]) -> int | None:
        if self._rate.connections is None:
            return None
        numbers = list(range(self._rate.connections))
        while True:
            random.shuffle(numbers)
            for number in numbers:
                descriptor = os.open(f"{self._stem}.place-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(descriptor)
                else:
                    return descriptor
            self._look_again(check)

    def _allowed(self, tokens: int, check: Callable[[], object]) -> str:
        entry = os.urandom(8).hex()
        while True:
            with self._state() as state:
                recent = self._recent(state)
                if self._now() >= state.get("not_before", 0.0) and self._fits(recent, tokens):
                    if self._rate.requests_per_minute is not None or self._rate.tokens_per_minute is not None:
                        recent.append([self._now(), entry, tokens])
                    state["recent"] = recent
                    return entry
            self._look_again(check)

    def _fits(self, recent: list[list[Any]], tokens: int) -> bool:
        requests, most = self._rate.requests_per_minute, self._rate.tokens_per_minute
        if requests is not None and len(recent) >= requests:
            return False
        # One that is larger than all that a minute allows is let through alone.
        return most is None or not recent or sum(used for _, _, used in recent) + tokens <= most

    def _correct(self, entry: str, used: int) -> None:
        if self._rate.tokens_per_minute is None:
            return
        with self._state() as state:
            recent = self._recent(state)
            for line in recent:
                if line[1] == entry:
                    line[2] = used
            state["recent"] = recent

    def _recent(self, state: dict[str, Any]) -> list[list[Any]]:
        return [line for line in state.get("recent", []) if line[0] > self._now() - _MINUTE]

    def _look_again(self, check: Callable[[], object]) -> None:
        check()
        time.sleep(_LOOK)

    @contextmanager
    def _state(self) -> Iterator[dict[str, Any]]:
        descriptor = os.open(f"{self._stem}.state", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                state: dict[str, Any] = json.loads(file.read() or "{}")
            except ValueError:  # whoever wrote it died in the middle
                state = {}
            before = json.dumps(state)
            yield state
            if json.dumps(state) != before:
                file.seek(0)
                file.truncate()
                file.write(json.dumps(state))
                file.flush()
