"""Server-sent events, taken as their bytes come."""

from __future__ import annotations

#: What ends a stream of OpenAI's.
DONE = "[DONE]"


class EventReader:
    """Takes the bytes of a stream in pieces of any size, and returns the data of the events that they complete.

    Comments, and fields other than ``data``, say nothing that the data do not say too.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[str]:
        """Return the data of each event that ends in *chunk*."""
        # What is there of a line is joined once: a long one that comes in small pieces must not cost its square.
        if b"\n" not in chunk:
            self._pieces.append(chunk)
            return []
        *lines, rest = b"".join((*self._pieces, chunk)).split(b"\n")
        self._pieces = [rest]
        return [data for line in lines if (data := self._line(line.rstrip(b"\r"))) is not None]

    def finish(self) -> list[str]:
        """Return the data of a last event, which servers may leave without the empty line that ends it."""
        found = self.feed(b"\n\n")
        self._pieces = []
        return found

    def _line(self, line: bytes) -> str | None:
        if not line:
            data, self._data = self._data, []
            return "\n".join(data) if data else None
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" ").decode("utf-8", "replace"))
        return None
