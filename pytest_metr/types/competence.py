"""Whether an agent can still do what an earlier one could."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_metr.types.record import Record
from pytest_metr.types.results import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Competence(Record):
    """An agent beside an earlier one on the short tasks that both have runs of.

    :param earlier: the earlier agent.
    :param at_most: human minutes of the longest task that counts as basic.
    :param tasks: how many tasks are compared.
    :param worse: those on which the success rate is lower than the earlier agent's.
    :param difference: of the overall scores on these tasks, paired; as a share of 1.
    :param other_versions: the short tasks of both that are not compared, because their versions or files differ.
    """

    earlier: str
    at_most: float
    tasks: int
    worse: tuple[str, ...]
    difference: Estimate
    other_versions: tuple[str, ...] = ()
