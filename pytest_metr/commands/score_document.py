"""The document of ``pytest-metr score --json``."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_metr.types import Agreement, Elicitation, ScoreResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreDocument(ScoreResult):
    """What a protocol says of several agents, side by side.

    :param elicitation: of each agent what reading its runs makes of its numbers; empty where that was not asked for.
    :param agreements: how far those who have read runs agree, likewise.
    :param notes: what a reader must know about the sources.
    """

    elicitation: tuple[Elicitation, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    notes: tuple[str, ...] = ()
