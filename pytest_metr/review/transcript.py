"""A transcript to be read from its beginning, a piece at a time, and searched to its end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pytest_metr.report.reading import read_transcript
from pytest_metr.review.events import ShownEvent, shown_event

#: As many events are read at once.
PIECE = 100


class TranscriptReader:
    """Reads a transcript as far as somebody looks at it.

    :param path: None for a run without a transcript.
    :ivar events: what has been read so far.
    :ivar instructions: what the agent was told of the task, once the first piece is read; None where it does not say.
    :ivar problem: why there is no more to read, where that is not its end.
    """

    def __init__(self, path: Path | None) -> None:
        self.events: list[ShownEvent] = []
        self.problem: str | None = "there is no transcript of this run" if path is None else None
        self.instructions: str | None = None
        self._first: dict[str, Any] | None = None
        self._wire: object = None
        self._source: Iterator[dict[str, Any]] = iter(()) if path is None else read_transcript(path)

    def more(self, count: int = PIECE) -> list[ShownEvent]:
        """Read further events and return them; none at the end."""
        try:
            found = list(islice(self._source, count))
        except OSError as error:
            self.problem, found = f"the transcript cannot be read: {error.strerror}", []
        if self._first is None and found:
            self._first = found[0]
            told = (event.get("instructions") for event in found if event.get("kind") == "task")
            self.instructions = next((text for text in told if isinstance(text, str)), None)
        shown = [self._shown(event) for event in found]
        self.events += shown
        return shown

    def _shown(self, event: dict[str, Any]) -> ShownEvent:
        if event.get("kind") == "model_request":
            self._wire = event.get("wire")
        return shown_event(event, self._first, wire=self._wire)

    def find(self, words: str, start: int, *, backwards: bool = False) -> int | None:
        """Return the place of the next event that has *words* in it, small and capital letters alike.

        Reads on where it is not among those that were read.

        :param start: the place of the event before it; -1 for the beginning.
        """
        wanted = words.casefold()
        if backwards:
            before = range(min(start, len(self.events)) - 1, -1, -1)
            return next((place for place in before if _has(self.events[place], wanted)), None)
        place = start + 1
        while place < len(self.events) or self.more():
            if _has(self.events[place], wanted):
                return place
            place += 1
        return None


def _has(event: ShownEvent, wanted: str) -> bool:
    return wanted in event.title.casefold() or any(wanted in line.casefold() for line in event.body)
