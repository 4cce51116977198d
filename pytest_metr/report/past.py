"""What a journal says of each run: whether it has come to its end, and the tries that came to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pytest_metr.types import FailedTry, RunRecord

#: What a record of another version of this package raises when it is read.
NOT_OURS = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """What has become of one run so far.

    :param record: its last record; None where it has none.
    :param tries_before: the failed tries before that record.
    :param tries_after: the failed tries after it; all where there is no record.
    :param tries_now: how many tries have failed since the session began or was last taken up again.
    :param recorded_now: whether the last record is from after that moment.
    :param outcome: ``passed``, ``failed`` or ``skipped`` for a person's own test that made the run; None where that is
        not known.
    """

    record: RunRecord | None = None
    tries_before: tuple[FailedTry, ...] = ()
    tries_after: tuple[FailedTry, ...] = ()
    tries_now: int = 0
    recorded_now: bool = False
    outcome: str | None = None

    @property
    def settled(self) -> RunRecord | None:
        """The last record, where the run has come to its end by it and is never made again."""
        return self.record if self.record is not None and self.record.settled else None

    @property
    def failed_tries(self) -> tuple[FailedTry, ...]:
        """All tries that came to nothing, which is what the next one has behind it."""
        record = self.record
        if record is None or record.settled or not _was_begun(record):
            return (*self.tries_before, *self.tries_after)
        return (*self.tries_before, FailedTry.of(record), *self.tries_after)

    @property
    def beside(self) -> tuple[FailedTry, ...]:
        """The failed tries beside the last record."""
        return (*self.tries_before, *self.tries_after)


def _was_begun(record: RunRecord) -> bool:
    """Whether a run without a result was begun, and not only passed over."""
    return record.status == "infra_error" or record.transcript is not None


class PastRuns:
    """The runs of a session by id, from the lines of its journal in their order.

    :ivar unreadable: how many lines of runs are no records that this version can read.
    """

    def __init__(self, lines: Iterable[Mapping[str, Any]] = ()) -> None:
        self._runs: dict[str, PastRun] = {}
        self._doubled: dict[str, int] = {}
        self.unreadable = 0
        self.take(lines)

    def take(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Take note of further lines."""
        for line in lines:
            kind = line["kind"]
            if kind in ("session", "resume"):
                self._begin_anew()
            elif kind == "outcome":
                run_id = str(line.get("run_id"))
                self._runs[run_id] = replace(self.of(run_id), outcome=line.get("outcome"))
            elif kind in ("run", "try"):
                self._take_record(line, tried=kind == "try")

    def of(self, run_id: str) -> PastRun:
        """Return what has become of a run; of one that the journal does not know, nothing."""
        return self._runs.get(run_id, PastRun())

    @property
    def records(self) -> list[RunRecord]:
        """The last record of each run that has one, in the order in which they were written."""
        return [past.record for past in self._runs.values() if past.record is not None]

    @property
    def failed_tries(self) -> dict[str, tuple[FailedTry, ...]]:
        """By run id the failed tries beside the last record, of all runs that have any."""
        return {run_id: past.beside for run_id, past in self._runs.items() if past.beside}

    @property
    def doubled(self) -> list[str]:
        """A sentence for each run that has another record although it had come to its end."""
        return [f"run {run_id} has {count} records; the last one counts" for run_id, count in self._doubled.items()]

    def _begin_anew(self) -> None:
        for run_id, past in self._runs.items():
            self._runs[run_id] = replace(past, tries_now=0, recorded_now=False)

    def _take_record(self, line: Mapping[str, Any], *, tried: bool) -> None:
        try:
            record = RunRecord.from_json(line)
        except NOT_OURS:
            self.unreadable += 1
            return
        past = self.of(record.run_id)
        if tried:
            after = (*past.tries_after, FailedTry.of(record))
            self._runs[record.run_id] = replace(past, tries_after=after, tries_now=past.tries_now + 1)
            return
        if past.settled is not None:
            self._doubled[record.run_id] = self._doubled.get(record.run_id, 1) + 1
        # What a record says of the tries before it is more than the journal knows: those of killed processes too.
        before = record.failed_tries if "failed_tries" in line else past.failed_tries
        # The order is that in which runs have ended.
        self._runs.pop(record.run_id, None)
        self._runs[record.run_id] = replace(past, record=record, tries_before=before, tries_after=(), recorded_now=True)
