"""The course of one sample: when things happened in it, and the ids of what is told of it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

from pytest_metr.inspect_log.clean import instant, number, stable_id

_NO_TIME = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Course:
    """Time in a sample, which never goes back, whatever a transcript says.

    :param name: of the run, in the session: what ids are made of.
    :param begun: when the run began, ISO 8601.
    :ivar unmapped: by kind, how many events could not be read as what they say they are.
    """

    def __init__(self, name: tuple[str, ...], begun: str) -> None:
        self.unmapped: Counter[str] = Counter()
        self._name = name
        self._ids = 0
        self._begun = instant(begun)
        self.now = self._begun or _NO_TIME

    @property
    def begun(self) -> datetime:
        """When the run began, as far as anything says so."""
        return self._begun or _NO_TIME

    def pass_to(self, at: Any) -> None:
        """Let time go on to an instant of the transcript; one that is none, or that is past, changes nothing."""
        moment = instant(at)
        if moment is None:
            return
        if self._begun is None:
            self._begun = self.now = moment
        self.now = max(self.now, moment)

    def place(self, seconds_ago: Any = None) -> dict[str, Any]:
        """Return the fields that say where an event has its place: ``uuid``, ``timestamp`` and ``working_start``.

        :param seconds_ago: how long before now it began; nothing for what took no time.
        """
        return self.place_at(self.now - timedelta(seconds=self._backwards(seconds_ago)))

    def place_at(self, moment: datetime) -> dict[str, Any]:
        """Return the same for an instant."""
        return {"uuid": self.new_id("event"), "timestamp": moment, "working_start": self.seconds_at(moment)}

    def seconds_at(self, moment: datetime) -> float:
        """Return how many seconds of the run had passed then."""
        return max(0.0, (moment - (self._begun or moment)).total_seconds())

    def new_id(self, kind: str) -> str:
        """Return the next id in this sample."""
        self._ids += 1
        return stable_id(*self._name, kind, self._ids)

    def _backwards(self, seconds: Any) -> float:
        return min(max(0.0, number(seconds) or 0.0), self.seconds_at(self.now))
