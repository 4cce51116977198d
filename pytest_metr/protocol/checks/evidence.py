"""What a check looks at, and what it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pytest_metr.types import CONTROL_AGENTS, AgentResult, EvaluationProtocol, RunRow

#: The kinds of agents that count what they see; one that was not seen to do anything of it did nothing of it.
WATCHED_KINDS = ("react",)
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is known of one agent.

    :param all_rows: its runs in every split, but for those that rounds of runs did not ask for.
    :param rows: those of them whose split the protocol counts.
    :param scored: those of these that took place and have a score.
    :param tasks: *rows* by their task, sorted by its id.
    :param controls: the runs of controls in the same session or files, its own where it is one.
    :param watched: whether anybody counted what the agent did in the scored ones.
    :param broken_families: families that could not be read, so that nothing of theirs was planned.
    """

    all_rows: tuple[RunRow, ...]
    rows: tuple[RunRow, ...]
    scored: tuple[RunRow, ...]
    tasks: Mapping[str, Sequence[RunRow]]
    result: AgentResult
    protocol: EvaluationProtocol
    controls: tuple[RunRow, ...]
    watched: bool
    broken_families: int

    @classmethod
    def of(
        cls,
        rows: Iterable[RunRow],
        result: AgentResult,
        protocol: EvaluationProtocol,
        *,
        others: Iterable[RunRow],
        broken_families: int,
    ) -> Evidence:
        """Sort the rows."""
        asked_for = tuple(row for row in rows if not row.not_asked_for)
        counting = tuple(row for row in asked_for if protocol.counts(row.split))
        scored = tuple(row for row in counting if row.has_score)
        return cls(
            all_rows=asked_for,
            rows=counting,
            scored=scored,
            tasks=_by_task(counting),
            result=result,
            protocol=protocol,
            controls=tuple(row for row in chain(asked_for, others) if row.agent_kind in CONTROL_AGENTS),
            watched=any(row.observed or row.agent_kind in WATCHED_KINDS for row in scored),
            broken_families=broken_families,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found.

    :param figure: what is compared with the bound; of a check that holds or does not, how often it does not.
        None where the records cannot answer.
    """

    figure: float | None
    sentence: str


def unknown(why: str) -> Finding:
    """Return the finding of a check that the records cannot answer."""
    return Finding(figure=None, sentence=why)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 run``, ``2 runs``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def naming(names: Sequence[str]) -> str:
    """Return ``: a, b, c and 2 more``, the empty text for no names."""
    if not names:
        return ""
    more = len(names) - _MOST_NAMED
    return f": {', '.join(names[:_MOST_NAMED])}" + (f" and {more} more" if more > 0 else "")


def run_name(row: RunRow) -> str:
    """Return how a run is named in a sentence."""
    return row.run_id if row.run is None else f"{row.task_id} run {row.run}"


def _by_task(rows: Iterable[RunRow]) -> dict[str, list[RunRow]]:
    tasks: dict[str, list[RunRow]] = defaultdict(list)
    for row in rows:
        tasks[row.task_id].append(row)
    return dict(sorted(tasks.items()))
