"""Basic competences: what an earlier agent could do, a later one must be able to do as well.

Source: METR's guidelines for capability elicitation v0.1.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_metr.protocol.compare import compare_agents
from pytest_metr.protocol.pairing import select
from pytest_metr.protocol.rows import is_success
from pytest_metr.types import Competence, EvaluationProtocol, RunRow

#: Human minutes up to which a task counts as basic: METR's brackets few_minutes and several_minutes.
BASIC = 15.0


def basic_competence(
    before: Sequence[RunRow], after: Sequence[RunRow], protocol: EvaluationProtocol
) -> Competence | None:
    """Compare an agent with an earlier one on the basic tasks that both have runs of, in the same version.

    :param before: all rows of the earlier agent.
    :param after: all rows of the other.
    :returns: None where there is no such task.
    :raises UsageMistake: see :func:`~pytest_metr.protocol.compare_agents`.
    """
    chosen = select(_basic(before), _basic(after), protocol, same_versions_only=True)
    if not chosen.before:
        return None
    comparison = compare_agents(chosen.before, chosen.after, protocol)
    change = comparison.change("overall_score")
    assert change is not None
    earlier, later = _rates(chosen.before, protocol), _rates(chosen.after, protocol)
    return Competence(
        earlier=chosen.before[0].agent,
        at_most=BASIC,
        tasks=comparison.tasks,
        worse=tuple(task for task in sorted(earlier.keys() & later.keys()) if later[task] < earlier[task]),
        difference=change.difference,
        other_versions=chosen.left_out.other_versions,
    )


def _basic(rows: Sequence[RunRow]) -> list[RunRow]:
    return [row for row in rows if row.human_minutes is not None and row.human_minutes <= BASIC]


def _rates(rows: Sequence[RunRow], protocol: EvaluationProtocol) -> dict[str, float]:
    """Return by task the share of successes among the runs that took place."""
    outcomes: dict[str, list[bool]] = {}
    for row in rows:
        if row.has_score:
            outcomes.setdefault(row.task_id, []).append(is_success(row, protocol))
    return {task: sum(found) / len(found) for task, found in outcomes.items()}
