"""From runs to a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_metr.errors import UsageMistake
from pytest_metr.gate import words
from pytest_metr.gate.conditions import required_checks, unmet_checks, unmet_conditions, unread_families
from pytest_metr.gate.evidence import Evaluate, gather
from pytest_metr.gate.matching import at_confidence, check_gate
from pytest_metr.gate.metrics import is_horizon
from pytest_metr.gate.model import Gate
from pytest_metr.gate.rules import judge_rule
from pytest_metr.types import CONTROL_AGENTS, AgentResult, CheckResult, EvaluationProtocol, RuleResult, RunRow, Verdict

Check = Callable[[Sequence[RunRow], AgentResult, EvaluationProtocol], Sequence[CheckResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judgement:
    """What the gate finds about one agent; *unmet* are the conditions that alone make it inconclusive."""

    agent: str
    rules: list[RuleResult]
    checks: list[CheckResult]
    unmet: list[str]


def judge(
    gate: Gate,
    rows_by_agent: Mapping[str, Sequence[RunRow]],
    *,
    protocol: EvaluationProtocol,
    evaluate: Evaluate,
    check: Check,
    broken_families: int = 0,
) -> Verdict:
    """Apply a gate to the runs of agents.

    It fails closed: whatever is absent, unscored, unreadable or undecided is a reason for ``inconclusive``, which is
    not ``passed``. It is ``failed`` only where nothing is wanting and a rule is broken.

    :param rows_by_agent: all rows of each agent, those without a score included.
    :param evaluate: what the protocol says of the rows of one agent.
    :param check: the protocol's checks of the rows of one agent; called only where the gate requires some.
    :param broken_families: how many families could not be read.
    :raises UsageMistake: for an agent, a metric or a check that is not there, and where there is no agent to judge.
    """
    check_gate(gate, protocol)
    agents = judged_agents(gate, rows_by_agent)
    own = at_confidence(gate, protocol)
    judgements = [_judge_agent(gate, agent, rows_by_agent[agent], own, evaluate, check) for agent in agents]
    rules = [rule for judgement in judgements for rule in judgement.rules]
    unmet = unread_families(broken_families) + [reason for found in judgements for reason in found.unmet]
    broken = [rule.sentence for rule in rules if rule.verdict == "failed"]
    undecided = [rule.sentence for rule in rules if rule.verdict == "inconclusive"]
    verdict = Verdict(
        verdict="inconclusive" if unmet or (undecided and not broken) else "failed" if broken else "passed",
        sentence="",
        gate=gate.name,
        rules=tuple(rules),
        checks=tuple(_named_checks(judgements)),
        reasons=(*unmet, *broken, *undecided),
    )
    return replace(verdict, sentence=_sentence(verdict, agents, len(gate.rules)))


def judged_agents(gate: Gate, rows_by_agent: Mapping[str, Sequence[RunRow]]) -> tuple[str, ...]:
    """Return the agents that a gate judges: those that it names, else all that are no controls (oracle, noop).

    :raises UsageMistake: where one that it names has no rows, or no agent is left.
    """
    there = [agent for agent, rows in rows_by_agent.items() if rows]
    known = words.few(there, most=10) or "none"
    for index, agent in enumerate(gate.agents):
        if agent not in there:
            message = f"expected an agent that has runs (there are runs of {known}), found {words.name(agent)}"
            raise UsageMistake(message, file=gate.file, key=f"agents[{index}]")
    judged = gate.agents or tuple(agent for agent in there if not _is_control(rows_by_agent[agent]))
    if not judged:
        message = f"expected runs of an agent to judge, other than the controls oracle and noop; found {known}"
        raise UsageMistake(message, file=gate.file)
    return judged


def _is_control(rows: Sequence[RunRow]) -> bool:
    return all(row.agent_kind in CONTROL_AGENTS for row in rows)


def _judge_agent(
    gate: Gate,
    agent: str,
    rows: Sequence[RunRow],
    protocol: EvaluationProtocol,
    evaluate: Evaluate,
    check: Check,
) -> _Judgement:
    measured = evaluate(rows, protocol)
    checks = required_checks(gate, check(rows, measured, protocol)) if gate.checks else []
    unmet = unmet_conditions(gate, agent, rows, protocol) + unmet_checks(agent, checks)
    # All mixtures of outcomes cost many evaluations, and are looked at only where they can still decide something.
    mixtures = not unmet and any(is_horizon(rule.metric) for rule in gate.rules)
    evidence = {
        must_stay: gather(must_stay, rows, protocol, evaluate, measured, mixtures=mixtures)
        for must_stay in dict.fromkeys(rule.must_stay for rule in gate.rules)
    }
    return _Judgement(
        agent=agent,
        rules=[judge_rule(rule, evidence[rule.must_stay], protocol.confidence) for rule in gate.rules],
        checks=checks,
        unmet=unmet,
    )


def _named_checks(judgements: Sequence[_Judgement]) -> list[CheckResult]:
    """Return all required checks; with several agents each says whose it is."""
    if len(judgements) == 1:
        return judgements[0].checks
    return [
        replace(check, sentence=f"{words.name(found.agent)}: {check.sentence}")
        for found in judgements
        for check in found.checks
    ]


def _sentence(verdict: Verdict, agents: Sequence[str], rules: int) -> str:
    gate = f"gate {words.name(verdict.gate)}"
    if verdict.verdict == "passed":
        keep = "keeps" if len(agents) == 1 else "keep"
        return f"{gate} passed: {words.few(agents)} {keep} {'the rule' if rules == 1 else f'all {rules} rules'}"
    more = len(verdict.reasons) - 1
    others = f" (and {more} more {'reason' if more == 1 else 'reasons'})" if more else ""
    state = "failed" if verdict.verdict == "failed" else "is inconclusive"
    return f"{gate} {state}: {verdict.reasons[0]}{others}"
