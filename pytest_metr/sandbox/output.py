"""Streams that are kept as they are; :mod:`pytest_metr.capped` has those of which only a part is."""

from __future__ import annotations


class Whole:
    """A stream that is kept as it is; whoever produces it has bounded it."""

    def __init__(self) -> None:
        self._data = bytearray()

    def add(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self._data += data

    def skip(self, count: int) -> None:
        """Refuse that bytes are missing. :raises ValueError: always."""
        raise ValueError(f"{count} bytes are missing in a stream that has to be whole")

    def value(self) -> bytes:
        """Return all of it."""
        return bytes(self._data)

    def clear(self) -> None:
        """Forget what was kept."""
        self._data.clear()
