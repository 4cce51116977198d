"""What has changed from one agent to another, on the tasks that both were run on.

Source: METR's elicitation results (a paired bootstrap over families and tasks, in percentage points and as a ratio of
time horizons) with the weights, scores and curves of METR's time-horizon analysis of 2025.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol.changes import horizon_change, score_change
from pytest_metr.protocol.evaluate import evaluate_agent
from pytest_metr.protocol.fit import FloatArray, IntArray
from pytest_metr.protocol.measures import Measurer, Measures
from pytest_metr.protocol.pairing import Selection, joint_content, mirrored_draws, paired, paired_draws, select
from pytest_metr.protocol.table import Table, tabulate
from pytest_metr.protocol.weights import run_weights
from pytest_metr.types import (
    AgentResult,
    Change,
    ComparedAgent,
    Comparison,
    Estimate,
    EvaluationProtocol,
    RunRow,
)

#: How many scores are of all tasks: the overall score and the success rate.
_OF_ALL = 2


def compare_agents(
    before: Sequence[RunRow],
    after: Sequence[RunRow],
    protocol: EvaluationProtocol,
    *,
    same_versions_only: bool = True,
) -> Comparison:
    """Return what has changed from one agent to another, by a protocol.

    Compared are the tasks that both have runs of that count. The weights are the protocol's, taken anew over the runs
    of these tasks, so that no difference comes from one agent having been given other tasks. Tasks that are not
    compared are named, never dropped in silence.

    Neither the order of the rows nor the names of tasks and families change a number, and swapping *before* and
    *after* negates every difference. The random numbers follow from the protocol's seed and both names.

    :param before: all rows of one agent, those that do not count among them.
    :param after: all rows of the other; the names can be the same, for example of one agent at two times.
    :param same_versions_only: leave out the tasks whose version or family hash differs: they are other tasks. Else
        they are compared, and named all the same.
    :raises UsageMistake: where one side has no rows at all; and see :func:`pytest_metr.protocol.evaluate_agent`.
    :raises ValueError: where one side has rows of several agents.
    """
    names = _agent(before, "before"), _agent(after, "after")
    chosen = select(before, after, protocol, same_versions_only=same_versions_only)
    results = evaluate_agent(chosen.before, protocol), evaluate_agent(chosen.after, protocol)
    drawn = _drawn(names, (_table(chosen.before, protocol), _table(chosen.after, protocol)), protocol)
    return Comparison(
        before=_side(names[0], before, results[0], protocol),
        after=_side(names[1], after, results[1], protocol),
        protocol=protocol,
        tasks=len(drawn.tables[0].tasks),
        families=len(set(drawn.tables[0].families)),
        changes=tuple(_changes(results, drawn.tables, drawn.draws, protocol)),
        left_out=chosen.left_out,
        same_versions_only=same_versions_only,
        warnings=tuple(_warnings(chosen, results, drawn.alike, same_versions_only)),
    )


def _agent(rows: Sequence[RunRow], side: str) -> str:
    agents = sorted({row.agent for row in rows})
    if not agents:
        raise UsageMistake("expected runs of an agent to compare, found none", key=side)
    if len(agents) > 1:
        raise ValueError(f"a comparison is of one agent on each side, not of {', '.join(agents)}")
    return agents[0]


def _table(rows: Sequence[RunRow], protocol: EvaluationProtocol) -> Table:
    return tabulate(rows, run_weights(rows, protocol), protocol)


class _Drawn(NamedTuple):
    """Both sides, before and after, with their tasks in one order.

    :param alike: whether nothing tells the two sides apart, neither their names nor their outcomes.
    """

    tables: tuple[Table, Table]
    draws: tuple[Measures, Measures]
    alike: bool


def _drawn(names: tuple[str, str], tables: tuple[Table, Table], protocol: EvaluationProtocol) -> _Drawn:
    """Return the draws of both sides.

    Which side comes first in the order of tasks and in the draws follows from the names, or from the outcomes where
    the names are the same, and not from which one is called *before*.
    """
    before_first, after_first = (names[0], joint_content(*tables)), (names[1], joint_content(*tables[::-1]))
    if before_first > after_first:
        turned = _drawn(names[::-1], tables[::-1], protocol)
        return _Drawn(turned.tables[::-1], turned.draws[::-1], turned.alike)
    alike = before_first == after_first
    ordered = paired(*tables)
    draw = mirrored_draws if alike else paired_draws
    return _Drawn(ordered, draw(*ordered, protocol, *names), alike)


def _side(name: str, rows: Sequence[RunRow], result: AgentResult, protocol: EvaluationProtocol) -> ComparedAgent:
    return ComparedAgent(
        agent=name,
        runs=result.runs,
        zeros_by_rule=result.zeros_by_rule,
        missing=sum(row.missing and protocol.counts(row.split) for row in rows),
    )


class _Score(NamedTuple):
    """A score of one agent.

    :param draws: (D,) what it is in each draw.
    :param tasks: the places of its tasks in the common order.
    :param families: those in which a run of it took place.
    """

    estimate: Estimate
    draws: FloatArray
    tasks: set[int]
    families: set[str]


def _changes(
    results: tuple[AgentResult, AgentResult],
    tables: tuple[Table, Table],
    draws: tuple[Measures, Measures],
    protocol: EvaluationProtocol,
) -> list[Change]:
    before, after = (
        _scores(result, table, drawn, protocol) for result, table, drawn in zip(results, tables, draws, strict=True)
    )
    scores = [
        score_change(
            metric,
            one.estimate,
            other.estimate,
            (one.draws, other.draws),
            tasks=len(one.tasks & other.tasks),
            families=len(one.families & other.families),
            confidence=protocol.confidence,
        )
        for (metric, one), other in zip(before.items(), after.values(), strict=True)
    ]
    fits, (one_timed, other_timed) = (draws[0].fits, draws[1].fits), map(_timed, tables)
    horizons = [
        horizon_change(
            percent,
            results[0].horizon,
            results[1].horizon,
            fits,
            tasks=len(one_timed & other_timed),
            confidence=protocol.confidence,
        )
        for percent in protocol.percents
    ]
    return [*scores[:_OF_ALL], *horizons, *scores[_OF_ALL:]]


def _scores(result: AgentResult, table: Table, draws: Measures, protocol: EvaluationProtocol) -> dict[str, _Score]:
    """Return the scores of one agent by their metric, those of all tasks first."""

    def score(estimate: Estimate, drawn: FloatArray, groups: IntArray) -> _Score:
        return _Score(estimate, drawn, _tasks(table, groups), _families(table, groups))

    everywhere = np.arange(len(table.runs))
    found = {
        "overall_score": score(result.overall_score, draws.overall.score, everywhere),
        "success_rate": score(result.success_rate, draws.overall.success_rate, everywhere),
    }
    groups = Measurer(table, protocol).brackets
    for bracket in result.brackets:
        drawn = draws.brackets[bracket.name].score
        found[f"bracket/{bracket.name}"] = score(bracket.score, drawn, groups[bracket.name])
    return found


def _timed(table: Table) -> set[int]:
    return _tasks(table, np.flatnonzero(~np.isnan(table.minutes)))


def _tasks(table: Table, groups: IntArray) -> set[int]:
    return set(table.task_of_group[groups].tolist())


def _families(table: Table, groups: IntArray) -> set[str]:
    real = groups[table.took_place[groups] & (table.weight[groups] > 0)]
    return {table.families[task] for task in _tasks(table, real)}


def _warnings(
    chosen: Selection, results: tuple[AgentResult, AgentResult], alike: bool, same_versions_only: bool
) -> Iterator[str]:
    others = len(chosen.left_out.other_versions)
    if not chosen.before:
        versions = f": {others} differ in version or family hash" if others else ""
        yield f"no task is compared{versions}"
    elif alike:
        yield "both sides have the same name and the same outcomes: if they are the same runs, this compares nothing"
    if others and not same_versions_only:
        yield f"compared although version or family hash differ: {others} {'task' if others == 1 else 'tasks'}"
    said = [dict.fromkeys((*result.warnings, *result.horizon.warnings)) for result in results]
    yield from (f"both: {sentence}" for sentence in said[0] if sentence in said[1])
    yield from (f"before: {sentence}" for sentence in said[0] if sentence not in said[1])
    yield from (f"after: {sentence}" for sentence in said[1] if sentence not in said[0])
