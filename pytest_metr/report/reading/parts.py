"""What the reader of one source hands to the one who puts sources together."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_metr.report.reading.runset import Source
from pytest_metr.types import RunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One source after reading.

    :param rows: its runs.
    :param starts: for each of them, when it began, in milliseconds since 1970; None where that is not known.
    """

    source: Source
    rows: list[RunRow]
    starts: list[int | None]
