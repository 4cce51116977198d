"""What was read: the rows, and what their sources say about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_metr.types import EvaluationProtocol, RunRow

#: The files of a session that runs are read from.
JOURNAL, PLAN, REPORT = "journal.jsonl", "plan.json", "report.json"

SourceKind = Literal["session", "dead_session", "report", "runs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file or folder that runs were read from.

    :param path: as it was given.
    :param kind: ``session`` (a folder with its report), ``dead_session`` (a folder without one), ``report``
        (a report alone) or ``runs`` (lines in METR's columns).
    :param rows: how many runs it holds.
    :param protocol: the protocol that the session was run by; None where the source names none.
    :param weighting: the name of the session's weighting; None where the source names none.
    :param broken_families: how many families of the session could not be read.
    :param notes: sentences for the reader, without the source's name.
    """

    path: str
    kind: SourceKind
    rows: int
    protocol: EvaluationProtocol | None = None
    weighting: str | None = None
    broken_families: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSet:
    """The runs of one or several sources, in the order of the sources and of the runs in them."""

    rows: tuple[RunRow, ...]
    sources: tuple[Source, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The sources as they were given."""
        return tuple(source.path for source in self.sources)

    @property
    def broken_families(self) -> int:
        """How many families of all sources could not be read, so that their runs are missing."""
        return sum(source.broken_families for source in self.sources)

    @property
    def notes(self) -> tuple[str, ...]:
        """The sources' notes, each with the name of its source."""
        return tuple(f"{source.path}: {note}" for source in self.sources for note in source.notes)

    @property
    def weightings(self) -> tuple[str, ...]:
        """The names of the sessions' weightings, each once; empty where no source names one."""
        return tuple(dict.fromkeys(s.weighting for s in self.sources if s.weighting is not None))

    @property
    def agents(self) -> tuple[str, ...]:
        """The names of the agents in the order of their first runs."""
        return tuple(dict.fromkeys(row.agent for row in self.rows))

    def of_agents(self, names: Sequence[str]) -> tuple[RunRow, ...]:
        """Return the rows of these agents alone."""
        wanted = frozenset(names)
        return tuple(row for row in self.rows if row.agent in wanted)
