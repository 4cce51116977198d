"""What the runs of an agent can show: with missing runs counted both ways, and at the very best."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pytest_metr.types import AgentResult, EvaluationProtocol, RunRow

Evaluate = Callable[[Sequence[RunRow], EvaluationProtocol], AgentResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a protocol says of one agent, as far as rules of one direction (``below`` or ``above``) are concerned.

    :param missing: the number of runs that should have a score and have none.
    :param worst: with each missing run counted against the rule.
    :param best: with each missing run counted for it; the same as *worst* where none is missing.
    :param mixed: with missing runs of short tasks counted one way and those of longer ones the other, for each place
        between them. A time horizon can be longer for failures at short tasks than for any successes: the extreme is
        always one of these, because the curve's crossing moves by a line in log2 of the human minutes.
    :param ideal: with every run, missing or not, counted for the rule. Where not even that would pass, the runs are
        too few to pass at all. None where that is not asked.
    """

    agent: str
    missing: int
    worst: AgentResult
    best: AgentResult
    mixed: tuple[AgentResult, ...] = ()
    ideal: AgentResult | None = None


def gather(
    must_stay: Literal["below", "above"],
    rows: Sequence[RunRow],
    protocol: EvaluationProtocol,
    evaluate: Evaluate,
    measured: AgentResult,
    *,
    mixtures: bool = True,
) -> Evidence:
    """Return the evidence for rules of one direction.

    :param measured: the result without the missing runs.
    :param mixtures: whether to look at more than the two extremes, which time horizons ask for.
    """
    missing = sum(is_missing(row, protocol) for row in rows)
    wanted = must_stay == "above"  # success is what such a rule asks for

    def counted_as(success: bool, which: Callable[[RunRow, EvaluationProtocol], bool]) -> AgentResult:
        return evaluate(_with_outcome(rows, protocol, success, which), protocol)

    return Evidence(
        agent=measured.agent,
        missing=missing,
        worst=counted_as(not wanted, is_missing) if missing else measured,
        best=counted_as(wanted, is_missing) if missing else measured,
        mixed=tuple(_mixed(rows, protocol, evaluate)) if missing and mixtures else (),
        ideal=counted_as(wanted, _is_made),
    )


def _mixed(rows: Sequence[RunRow], protocol: EvaluationProtocol, evaluate: Evaluate) -> Iterator[AgentResult]:
    minutes = {row.human_minutes for row in rows if is_missing(row, protocol)} - {None}
    for end in sorted(length for length in minutes if length is not None)[:-1]:

        def short(row: RunRow, under: EvaluationProtocol, end: float = end) -> bool:
            return is_missing(row, under) and row.human_minutes is not None and row.human_minutes <= end

        for success in (False, True):
            half = _with_outcome(rows, protocol, success, short)
            yield evaluate(_with_outcome(half, protocol, not success, is_missing), protocol)


def is_missing(row: RunRow, protocol: EvaluationProtocol) -> bool:
    """Whether the protocol misses the score of a run."""
    return row.missing and protocol.counts(row.split)


def is_counted(row: RunRow, protocol: EvaluationProtocol) -> bool:
    """Whether a run counts: with its score, or as a zero where staging left it out."""
    return (row.has_score or row.zero_by_rule) and protocol.counts(row.split)


def _is_made(row: RunRow, protocol: EvaluationProtocol) -> bool:
    return (row.has_score or row.missing) and protocol.counts(row.split)


def _with_outcome(
    rows: Sequence[RunRow],
    protocol: EvaluationProtocol,
    success: bool,
    which: Callable[[RunRow, EvaluationProtocol], bool],
) -> list[RunRow]:
    """Return the rows with those of *which* as plain successes or failures."""
    score = _extreme(rows, protocol.success_threshold, success)
    # Recorded weights are known only for runs with a score; a missing one counts as much as any.
    heaviest = max((row.weight for row in rows if row.weight is not None), default=None)
    return [
        replace(
            row,
            status="scored",
            score=score,
            success=success,
            cause=None,
            weight=heaviest if row.weight is None else row.weight,
        )
        if which(row, protocol)
        else row
        for row in rows
    ]


def _extreme(rows: Sequence[RunRow], threshold: float | None, success: bool) -> float:
    """Return 1 or 0, or the agent's own extreme score beyond it; on the right side of the threshold in any case."""
    scores = [row.score for row in rows if row.score is not None]
    if success:
        return max([1.0, *scores, *([] if threshold is None else [math.nextafter(threshold, math.inf)])])
    return min([0.0, *scores, *([] if threshold is None else [threshold])])
