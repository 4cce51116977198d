"""Whom a gate judges, by what protocol, and the mistakes that a person can make."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.gate import at_confidence, check_gate, judge, judged_agents
from pytest_metr.types import AgentResult, EvaluationProtocol, RunRow, Verdict

from .fakes import ABOVE, BELOW, PROTOCOL, FakeChecks, evaluate, gate, judged, no_checks, row, rule


def told(expected: str) -> str:
    return f"^{re.escape(expected)}"


def test_all_agents_but_the_controls_are_judged() -> None:
    rows = [
        row(agent="one"),
        row(agent="two", agent_kind="command"),
        row(agent="reference", score=1.0, agent_kind="oracle"),
        row(agent="nothing", agent_kind="noop"),
    ]
    verdict = judged(gate(), rows)
    assert verdict.verdict == "passed"
    assert [found.agent for found in verdict.rules] == ["one", "two"]
    assert verdict.sentence == "gate g passed: one, two keep the rule"


def test_an_agent_is_not_taken_for_a_control_by_its_name() -> None:
    assert judged(gate(), [row(agent="oracle", score=1.0)]).verdict == "failed"


def test_named_agents_alone_are_judged_in_the_order_of_the_gate() -> None:
    rows = [row(agent=agent, score=score) for agent, score in (("one", 0.0), ("two", 0.0), ("three", 1.0))]
    verdict = judged(gate(BELOW, rule(threshold=0.9), agents=("two", "one")), rows)
    assert [found.agent for found in verdict.rules] == ["two", "two", "one", "one"]
    assert verdict.sentence == "gate g passed: two, one keep all 2 rules"


def test_a_control_is_judged_where_it_is_named() -> None:
    assert judged(gate(agents=("o",)), [row(agent="o", score=1.0, agent_kind="oracle")]).verdict == "failed"


def test_an_agent_that_is_absent_is_a_mistake() -> None:
    with pytest.raises(UsageMistake, match=told("gate.yaml: agents[1]: expected an agent that has runs (there are")):
        judged(gate(agents=("a", "b")), [row()])
    with pytest.raises(UsageMistake, match=r"\(there are runs of none\), found b"):
        judged_agents(gate(agents=("b",)), {"b": []})


@pytest.mark.parametrize("rows", [[], [row(agent_kind="oracle")]])
def test_no_agent_to_judge_is_a_mistake(rows: list[RunRow]) -> None:
    with pytest.raises(UsageMistake, match=told("gate.yaml: expected runs of an agent to judge, other than")):
        judged(gate(), rows)


def test_a_metric_that_the_protocol_does_not_have_is_a_mistake() -> None:
    message = (
        "gate.yaml: rules[1].metric: expected a metric of the protocol fake (one of overall_score, success_rate, "
        "time_horizon_p50, time_horizon_p80, bracket/under_an_hour, bracket/few_hours), found 'time_horizon_p65'"
    )
    with pytest.raises(UsageMistake, match=told(message)):
        judged(gate(BELOW, rule("time_horizon_p65")), [row()])
    with pytest.raises(UsageMistake, match=r"found 'bracket/few_hour'; did you mean 'bracket/few_hours'\?"):
        check_gate(gate(rule("bracket/few_hour")), PROTOCOL)


def test_a_check_that_the_protocol_does_not_have_is_a_mistake() -> None:
    with pytest.raises(UsageMistake, match=told("gate.yaml: checks[0]: expected a check of the protocol fake (one")):
        judged(gate(checks=("canari",)), [row()])
    with pytest.raises(UsageMistake, match="none, since there are none"):
        check_gate(gate(checks=("canary",)), EvaluationProtocol(name="bare", version="1"))


def test_the_gates_confidence_takes_the_place_of_the_protocols() -> None:
    seen = []

    def listen(rows: Sequence[RunRow], protocol: EvaluationProtocol) -> AgentResult:
        seen.append(protocol.confidence)
        return evaluate(rows, protocol)

    verdict = judge(gate(confidence=0.8), {"a": [row()]}, protocol=PROTOCOL, evaluate=listen, check=no_checks)
    assert set(seen) == {0.8}
    assert ", 80 % [" in verdict.rules[0].sentence
    assert at_confidence(gate(), PROTOCOL) == PROTOCOL


def test_checks_see_the_runs_as_they_were_and_name_their_agent() -> None:
    seen: list[tuple[int, float | None]] = []
    answers = FakeChecks({"canary": "passed"})

    def check(rows: Sequence[RunRow], of: AgentResult, protocol: EvaluationProtocol) -> object:
        seen.append((sum(found.missing for found in rows), of.overall_score.value))
        return answers(rows, of, protocol)

    rows = [row(), row(run=2, score=None), row(agent="b")]
    verdict = judged(gate(checks=("canary",), minimum_coverage=0.5), rows, check=check)
    assert seen == [(1, 0.0), (0, 0.0)]
    assert [found.sentence for found in verdict.checks] == ["a: this is passed", "b: this is passed"]


def test_a_verdict_survives_json() -> None:
    verdict = judged(gate(BELOW, ABOVE, rule("time_horizon_p80")), [row(), row(run=2, score=None)])
    assert Verdict.from_json(verdict.to_json()) == verdict
