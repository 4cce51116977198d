"""From rows to numbers: where the protocol's arithmetic, its checks and the gate meet.

Used by live sessions and by the commands alike, so that a number of a session can be made again from its files.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_metr.protocol import counted, evaluate_agent, run_checks, run_weights
from pytest_metr.types import (
    CONTROL_AGENTS,
    RECORDED_WEIGHTS,
    AgentResult,
    CheckResult,
    EvaluationProtocol,
    RunRow,
    ScoreResult,
    Verdict,
)

if TYPE_CHECKING:  # most commands judge nothing
    from pytest_metr.gate import Gate

#: Takes the rows of one agent that count; returns as many weights, adding up to 1.
Weigh = Callable[[Sequence[RunRow]], Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentScore:
    """One agent's numbers.

    :param weights: by run id, for the runs that count.
    """

    result: AgentResult
    weights: dict[str, float]


def rows_by_agent(rows: Sequence[RunRow]) -> dict[str, list[RunRow]]:
    """Return the rows of each agent, agents in the order of their first row."""
    agents: dict[str, list[RunRow]] = {}
    for row in rows:
        agents.setdefault(row.agent, []).append(row)
    return agents


def measured_agents(rows: Sequence[RunRow]) -> list[str]:
    """Return the agents in the order of their first rows, without the controls of a suite where there are others."""
    agents = rows_by_agent(rows)
    measured = [name for name, own in agents.items() if all(row.agent_kind not in CONTROL_AGENTS for row in own)]
    return measured or list(agents)


def score_agent(
    rows: Sequence[RunRow],
    protocol: EvaluationProtocol,
    *,
    others: Sequence[RunRow] = (),
    broken_families: int = 0,
) -> AgentScore:
    """Return the numbers of one agent.

    :param rows: all rows of the agent.
    :param others: the rows of other agents, among which the checks look for controls.
    :raises UsageMistake: where the rows have no such numbers, for example no weights.
    """
    weights = run_weights(rows, protocol)
    result = evaluate_agent(rows, protocol, weights=weights)
    result = replace(result, floor=floor_of(rows, protocol, result))
    checks = run_checks(rows, result, protocol, others=others, broken_families=broken_families)
    by_run = {rows[place].run_id: weights[place] for place in counted(rows, protocol)}
    return AgentScore(result=replace(result, checks=checks), weights=by_run)


def score_rows(
    rows: Sequence[RunRow],
    protocol: EvaluationProtocol,
    *,
    agents: Sequence[str] = (),
    sources: Sequence[str] = (),
    broken_families: int = 0,
) -> ScoreResult:
    """Return the numbers of all agents, side by side, in the order of their first rows.

    :param agents: the names of those that are asked for; empty for all. The rows of the others still serve the checks.
    :raises UsageMistake: see :func:`score_agent`.
    """
    scores = []
    controls = [row for row in rows if row.agent_kind in CONTROL_AGENTS]
    for agent, own in rows_by_agent(rows).items():
        if agents and agent not in agents:
            continue
        others = [row for row in controls if row.agent != agent]
        scores.append(score_agent(own, protocol, others=others, broken_families=broken_families).result)
    return ScoreResult(protocol=protocol, agents=tuple(scores), sources=tuple(sources))


def judge_rows(
    gate: Gate, rows: Sequence[RunRow], protocol: EvaluationProtocol, *, broken_families: int = 0
) -> Verdict:
    """Return what a gate says of the rows.

    :raises UsageMistake: where the gate asks for an agent or a metric that there is not.
    """
    from pytest_metr.gate import judge

    def check(own: Sequence[RunRow], result: AgentResult, under: EvaluationProtocol) -> tuple[CheckResult, ...]:
        others = [row for row in rows if row.agent != result.agent]
        return run_checks(own, result, under, others=others, broken_families=broken_families)

    agents: Mapping[str, Sequence[RunRow]] = rows_by_agent(rows)
    return judge(gate, agents, protocol=protocol, evaluate=evaluate_agent, check=check, broken_families=broken_families)


def undecided_rows(gate: Gate, rows: Sequence[RunRow], protocol: EvaluationProtocol) -> str | None:
    """Return why a gate needs another round of runs of one agent, or None where it needs none.

    :param rows: the rows of the agent so far. The controls of a suite need no further rounds.
    """
    from pytest_metr.gate import at_confidence, undecided

    if not gate.agents and all(row.agent_kind in CONTROL_AGENTS for row in rows):
        return None
    return undecided(gate, evaluate_agent(rows, at_confidence(gate, protocol)))


def floor_of(
    rows: Sequence[RunRow], protocol: EvaluationProtocol, result: AgentResult, weigh: Weigh | None = None
) -> float | None:
    """Return the overall score where each missing run counts 0.

    :param rows: all rows of one agent, which *result* is of.
    :param weigh: weighs the rows that count, where the protocol goes by recorded weights: there is none on record for
        a run without a score.
    """
    if not result.missing:
        return result.overall_score.value
    zeros = [replace(row, status="scored", score=0.0, success=False) if row.missing else row for row in rows]
    kept = [zeros[place] for place in counted(zeros, protocol)]
    if weigh is not None:
        weights = weigh(kept)
    elif protocol.weighting == RECORDED_WEIGHTS:
        return None
    else:
        weights = run_weights(kept, protocol)
    return math.fsum(weight * (row.score or 0.0) for weight, row in zip(weights, kept, strict=True))
