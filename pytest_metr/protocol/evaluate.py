"""Everything that a protocol says of one agent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol.fit import FloatArray, IntArray, NoOptimum
from pytest_metr.protocol.horizon import horizon_result
from pytest_metr.protocol.intervals import binomial_like, exact_weighted_share, hull, quantiles
from pytest_metr.protocol.measures import Means, Measurer, Measuring, bootstrap
from pytest_metr.protocol.rows import counted
from pytest_metr.protocol.score import check_weights
from pytest_metr.protocol.table import Table, distinct, tabulate
from pytest_metr.protocol.weights import weights_of_counted
from pytest_metr.types import AgentResult, BracketResult, Estimate, EvaluationProtocol, Interval, RunRow, TaskResult


def evaluate_agent(
    rows: Sequence[RunRow], protocol: EvaluationProtocol, *, weights: Sequence[float] | None = None
) -> AgentResult:
    """Return the numbers of one agent by a protocol, without its checks.

    Neither the order of the rows nor the names of tasks and families change a number. The random numbers of the
    bootstrap follow from the protocol's seed and the agent's name.

    :param rows: all rows of the agent, those that do not count among them.
    :param weights: one for each row, instead of the protocol's own; what they are for rows that do not count is
        not looked at, and the others are scaled to add up to 1.
    :raises UsageMistake: for weights that are none, a score that is not finite, a score outside 0..1 where the
        protocol takes scores as fractions, a regularization so small that curves have no optimum within reach;
        and see :func:`pytest_metr.protocol.run_weights`.
    :raises ValueError: where the rows are of several agents.
    """
    agents = {row.agent for row in rows}
    if len(agents) > 1:
        raise ValueError(f"an evaluation is of one agent, not of {', '.join(sorted(agents))}")
    if weights is not None and len(weights) != len(rows):
        raise ValueError(f"expected a weight for each of {len(rows)} rows, not {len(weights)}")
    places = counted(rows, protocol)
    kept = [rows[place] for place in places]
    if weights is None:
        shares = weights_of_counted(kept, protocol)
    else:
        shares = check_weights([weights[place] for place in places], len(places))
    missing = sum(row.score is None and row.missing and protocol.counts(row.split) for row in rows)
    table = tabulate(kept, shares, protocol)
    result = evaluated_table(next(iter(agents), ""), table, Measurer(table, protocol), protocol, missing=missing)
    return replace(result, warnings=(*result.warnings, *_unfrozen(kept, protocol)))


def evaluated_table(
    agent: str, table: Table, measurer: Measuring, protocol: EvaluationProtocol, *, missing: int
) -> AgentResult:
    """Return the numbers that a measurer makes of a table.

    :param missing: how many runs have no score that should have one.
    :raises UsageMistake: for a regularization so small that curves have no optimum within reach.
    """
    try:
        point = measurer.measure(table.runs[None, :])
        draws = bootstrap(table, measurer, protocol, agent)
    except NoOptimum as error:
        message = f"expected more than {protocol.regularization:g}, for {error}"
        raise UsageMistake(message, file=protocol.file, key="horizon.regularization") from error
    whole = np.arange(len(table.runs))
    score, success_rate = _estimates(table, whole, point.overall, draws.overall, protocol)
    return AgentResult(
        agent=agent,
        runs=int(table.runs.sum()),
        tasks=len(table.tasks),
        families=len(set(table.families)),
        zeros_by_rule=int(table.runs[~table.took_place].sum()),
        missing=missing,
        overall_score=score,
        success_rate=success_rate,
        horizon=horizon_result(table, point.fits, draws.fits, draws.loose, protocol),
        brackets=tuple(
            _bracket(name, table, groups, point.brackets[name], draws.brackets[name], protocol)
            for name, groups in measurer.brackets.items()
        ),
        task_results=_task_results(table, protocol),
        warnings=tuple(_warnings(table)),
    )


def _bracket(
    name: str, table: Table, groups: IntArray, point: Means, draws: Means, protocol: EvaluationProtocol
) -> BracketResult:
    score, success_rate = _estimates(table, groups, point, draws, protocol)
    return BracketResult(
        name=name,
        tasks=len(distinct(table.task_of_group[groups])),
        runs=int(table.runs[groups].sum()),
        score=score,
        success_rate=success_rate,
    )


def _estimates(
    table: Table, groups: IntArray, point: Means, draws: Means, protocol: EvaluationProtocol
) -> tuple[Estimate, Estimate]:
    """Return the score and the success rate over some of the groups."""
    weighing = groups[table.weight[groups] > 0]
    real = weighing[table.took_place[weighing]]
    in_family = np.bincount(table.family_of_group[real], weights=(table.weight * table.runs)[real])
    by_family: FloatArray = in_family[in_family > 0].astype(np.float64)

    def estimate(value: float, values: FloatArray, of_groups: FloatArray) -> Estimate:
        known = values[~np.isnan(values)]
        left_out = len(values) - len(known)
        if math.isnan(value):
            return Estimate(value=None, problem="no_runs", left_out=left_out)
        interval = quantiles(known, protocol.confidence)
        # Corrected numbers can be others than those of runs that are all alike.
        if of_groups.min() == of_groups.max() and math.isclose(value, of_groups[0]):
            exact: Interval | None = exact_weighted_share(float(of_groups[0]), by_family, protocol.confidence)
        else:
            exact = binomial_like(value, known, len(by_family), protocol.confidence)
        return Estimate(value=value, interval=interval, bounds=hull(interval, exact), left_out=left_out)

    return (
        estimate(float(point.score[0]), draws.score, table.score[weighing]),
        estimate(float(point.success_rate[0]), draws.success_rate, table.success[weighing].astype(np.float64)),
    )


def _task_results(table: Table, protocol: EvaluationProtocol) -> tuple[TaskResult, ...]:
    """Return each task's plain means over its runs, tasks by human minutes, those without at the end.

    A task with several human minutes stands at the lowest.
    """

    def sums(of_each_run: FloatArray) -> list[float]:
        values = table.runs * of_each_run
        found: list[float] = np.bincount(table.task_of_group, weights=values, minlength=len(table.tasks)).tolist()
        return found

    lowest = np.full(len(table.tasks), np.inf)
    np.fmin.at(lowest, table.task_of_group, table.minutes)
    columns = (np.ones(len(table.runs)), table.score, table.success.astype(np.float64), table.weight)
    results = [
        TaskResult(
            task_id=task_id,
            family=family,
            human_minutes=minutes if minutes < math.inf else None,
            bracket=protocol.bracket_of(minutes),
            runs=int(runs),
            score=score / runs,
            success_rate=successes / runs,
            weight=weight,
        )
        for task_id, family, minutes, runs, score, successes, weight in zip(
            table.tasks, table.families, lowest.tolist(), *map(sums, columns), strict=True
        )
    ]

    def key(task: TaskResult) -> tuple[float, str, str]:
        return (math.inf if task.human_minutes is None else task.human_minutes, task.task_id, task.family)

    return tuple(sorted(results, key=key))


def _unfrozen(rows: Sequence[RunRow], protocol: EvaluationProtocol) -> list[str]:
    """Mark runs of the test split by an agent that was not frozen; where a check does, that is enough."""
    if any(rule.name == "frozen" for rule in protocol.checks):
        return []
    loose = sum(row.split == "test" and row.agent_frozen is False for row in rows)
    runs = f"{loose} {'run' if loose == 1 else 'runs'} of the split test"
    return [f"{runs} by an agent that was not frozen, or has changed since"] if loose else []


def _warnings(table: Table) -> list[str]:
    if len(table.runs) and len(set(table.families)) == 1:
        return ["all runs are of one family: the interval does not tell how other families would go"]
    return []
