"""What tokens cost, as the agent's file says."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_metr.types import Record, TokenCounts

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices(Record):
    """US dollars for a million tokens, as they were on a day.

    :param date: the day, ``YYYY-MM-DD``; prices change, and a cost can be checked only against those of its day.
    :param cached: for tokens read from a cache; as for *input* where it is None.
    :param cache_written: for tokens written to a cache; as for *input* where it is None.
    """

    date: str
    input: float
    output: float
    cached: float | None = None
    cache_written: float | None = None

    def cost(self, tokens: TokenCounts) -> float:
        """Return what tokens cost, in US dollars."""
        plain = tokens.input - tokens.cached - tokens.cache_written
        cached = self.input if self.cached is None else self.cached
        written = self.input if self.cache_written is None else self.cache_written
        parts = (
            (plain, self.input),
            (tokens.cached, cached),
            (tokens.cache_written, written),
            (tokens.output, self.output),
        )
        return sum(count * price for count, price in parts) / _MILLION
