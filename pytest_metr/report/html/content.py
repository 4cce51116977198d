"""What a page shows: sessions with their numbers and labels, and how two of them differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_metr.report.flags import RedFlag
from pytest_metr.report.reading.whole_session import WholeSession
from pytest_metr.types import Agreement, Comparison, Elicitation, Finding, ScoreResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One session on a page.

    :param scores: what the protocol says of its agents.
    :param findings: what readers say of its runs, by run id.
    :param agreements: how far its readers agree.
    :param elicitations: what these labels make of the numbers, by agent; of agents whose runs were read.
    :param flags: what makes its results doubtful, by agent.
    :param digests: SHA-256 of the files that the page was made from, in hexadecimal digits, by their names.
    """

    session: WholeSession
    scores: ScoreResult
    findings: Mapping[str, Finding] = field(default_factory=dict)
    agreements: tuple[Agreement, ...] = ()
    elicitations: Mapping[str, Elicitation] = field(default_factory=dict)
    flags: Mapping[str, tuple[RedFlag, ...]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A page.

    :param sides: one session, or the one before and the one after.
    :param comparison: how two agents differ; None where none were to be compared.
    :param notes: what a reader must know about the sources.
    """

    sides: tuple[Side, ...]
    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()
