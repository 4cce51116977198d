"""What is told of a log that was written."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_metr.types import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLog(Record):
    """A log that was written.

    :param file: its path.
    :param samples: how many runs are in it.
    :param not_run: how many runs are not, since they were not run.
    :param without_transcript: how many of the samples have no transcript.
    :param unmapped: by kind, how many events of transcripts could not be read as what they say they are, and stand in
        the log as they are.
    """

    agent: str
    file: str
    samples: int
    not_run: int
    without_transcript: int
    unmapped: dict[str, int] = field(default_factory=dict)
