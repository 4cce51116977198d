"""What a live session asks a gate: whether another round of runs could still decide something."""

from __future__ import annotations

from pytest_metr.gate import words
from pytest_metr.gate.evidence import Evidence
from pytest_metr.gate.model import Gate
from pytest_metr.gate.rules import judge_rule
from pytest_metr.types import AgentResult


def thresholds(gate: Gate) -> dict[str, tuple[float, ...]]:
    """Return the thresholds of each metric: human minutes for time horizons, shares of 1 for everything else."""
    found: dict[str, tuple[float, ...]] = {}
    for rule in gate.rules:
        found[rule.metric] = (*found.get(rule.metric, ()), rule.threshold)
    return found


def undecided(gate: Gate, result: AgentResult) -> str | None:
    """Return why another round of runs is needed, or None where more runs cannot help or nothing is open.

    That is where a task can have no more than *minimum_runs* yet, or where a threshold lies inside a judged
    interval. Source: METR's core protocol draft (number of runs).

    :param result: what the protocol, at the gate's confidence, says of one agent so far.
    """
    if gate.agents and result.agent not in gate.agents:
        return None
    made = max((task.runs for task in result.task_results), default=0)
    if made < gate.minimum_runs:
        return f"{words.name(result.agent)}: {made} of at least {words.count(gate.minimum_runs, 'run')} of each task"
    evidence = Evidence(agent=result.agent, missing=0, worst=result, best=result)
    judged = (judge_rule(rule, evidence, gate.confidence) for rule in gate.rules)
    # Tasks do not get human minutes by being run again.
    open_rules = (r for r in judged if r.verdict == "inconclusive" and r.estimate.problem != "no_human_minutes")
    return next((rule.sentence for rule in open_rules), None)
