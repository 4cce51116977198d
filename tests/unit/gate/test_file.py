"""Reading gate files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.gate import Gate, Rule, load_gate

from .fakes import write

LEAST = """
tasks: 1
rules: [{metric: overall_score, must_stay: below, threshold: 0.3}]
"""


def one_rule(folder: Path, rule: str) -> Rule:
    return load_gate(write(folder, f"tasks: 1\nrules: [{{{rule}}}]")).rules[0]


def test_a_gate_needs_tasks_and_a_rule_and_fails_closed_in_all_else(tmp_path: Path) -> None:
    gate = load_gate(write(tmp_path, LEAST, "checkpoint.yaml"))
    assert gate == Gate(
        name="checkpoint",
        file=str(tmp_path / "checkpoint.yaml"),
        rules=(
            Rule(
                name="overall_score below 30 %",
                metric="overall_score",
                must_stay="below",
                threshold=0.3,
                margin=0.0,
            ),
        ),
        minimum_tasks=1,
        minimum_runs=1,
        minimum_coverage=1.0,
    )


def test_every_key_is_read(tmp_path: Path) -> None:
    text = """
    gate: strict
    confidence: 90%
    minimum_runs: 4
    tasks: [a/b, "c/*"]
    agents: [one, two]
    checks: [canary]
    minimum_coverage: 0.9
    rules:
      - {name: short, metric: time_horizon_p50, must_stay: below, threshold: 2 h, margin: 1.5}
      - {metric: bracket/few_hours, must_stay: above, threshold: 0.2}
    """
    gate = load_gate(write(tmp_path, text))
    assert (gate.name, gate.confidence, gate.minimum_runs, gate.minimum_coverage) == ("strict", 0.9, 4, 0.9)
    assert (gate.task_patterns, gate.agents, gate.checks) == (("a/b", "c/*"), ("one", "two"), ("canary",))
    first, second = gate.rules
    assert (first.name, first.threshold, first.margin) == ("short", 120.0, 1.5)
    assert (second.name, second.metric) == ("bracket/few_hours above 20 %", "bracket/few_hours")


def test_a_gate_survives_json(tmp_path: Path) -> None:
    gate = load_gate(write(tmp_path, LEAST + "agents: [a]\nconfidence: 0.9\n"))
    assert Gate.from_json(gate.to_json()) == gate


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("60", 60), ("0.5", 0.5), ("60 min", 60), ("60min", 60), ("2 h", 120), ("1.5 h", 90), ("30 s", 0.5)],
)
def test_horizons_are_minutes_or_have_a_unit(tmp_path: Path, written: str, minutes: float) -> None:
    rule = one_rule(tmp_path, f"metric: time_horizon_p80, must_stay: above, threshold: {written}")
    assert rule.threshold == minutes


@pytest.mark.parametrize(("written", "share"), [("0.3", 0.3), ("30%", 0.3), ("30 %", 0.3), ("1", 1.0), ("100%", 1.0)])
def test_scores_are_shares_or_percent(tmp_path: Path, written: str, share: float) -> None:
    assert one_rule(tmp_path, f"metric: success_rate, must_stay: below, threshold: {written}").threshold == share


@pytest.mark.parametrize(("written", "points"), [("10", 10), ("0", 0), ("10 points", 10), ("0.5 points", 0.5)])
def test_margins_of_scores_are_percentage_points(tmp_path: Path, written: str, points: float) -> None:
    rule = one_rule(tmp_path, f"metric: overall_score, must_stay: below, threshold: 0.3, margin: {written}")
    assert rule.margin == points


RULE_MISTAKES = [
    ("must_stay: below, threshold: 1", "rules[0].metric: missing"),
    ("metric: overall, must_stay: below, threshold: 1", "did you mean 'overall_score'?"),
    ("metric: time_horizon_p0, must_stay: below, threshold: 1", "rules[0].metric: expected one of overall_score, "),
    ("metric: time_horizon_p100, must_stay: below, threshold: 1", "rules[0].metric: expected one of"),
    ("metric: bracket/, must_stay: below, threshold: 1", "rules[0].metric: expected one of"),
    ("metric: 5, must_stay: below, threshold: 1", "rules[0].metric: expected text, found a number (5)"),
    ("metric: overall_score, threshold: 1", "rules[0].must_stay: missing; expected below or above"),
    ("metric: overall_score, must_stay: under, threshold: 1", "rules[0].must_stay: expected one of below, above"),
    ("metric: overall_score, must_stay: below", "rules[0].threshold: missing; expected a share from 0 to 1"),
    ("metric: time_horizon_p50, must_stay: below", "rules[0].threshold: missing; expected human minutes"),
    ("metric: overall_score, must_stay: below, threshold: 30", "found a number (30); 30 % is 0.3"),
    ("metric: overall_score, must_stay: below, threshold: true", "found true or false (True)"),
    ("metric: overall_score, must_stay: below, threshold: .nan", "rules[0].threshold: expected a share"),
    ("metric: overall_score, must_stay: below, threshold: -0.1", "rules[0].threshold: expected a share"),
    ("metric: overall_score, must_stay: below, threshold: 300%", "rules[0].threshold: expected a share"),
    ("metric: overall_score, must_stay: below, threshold: 3 min", "rules[0].threshold: expected a share"),
    ("metric: overall_score, must_stay: below, threshold: ~", "found nothing"),
    ("metric: overall_score, must_stay: below, threshold: 0", "no score is below 0"),
    ("metric: overall_score, must_stay: above, threshold: 1", "no score is above 1"),
    ("metric: time_horizon_p50, must_stay: below, threshold: 0", "expected human minutes above 0"),
    ("metric: time_horizon_p50, must_stay: below, threshold: .inf", "expected human minutes above 0"),
    ("metric: time_horizon_p50, must_stay: below, threshold: 1 d", "a working day is not 24 hours: say hours"),
    ("metric: time_horizon_p50, must_stay: below, threshold: 1 hour", "found text (1 hour)"),
    ("metric: time_horizon_p50, must_stay: below, threshold: 30%", "expected human minutes above 0"),
    ("metric: time_horizon_p50, must_stay: below, threshold: 1, margin: 0.5", "expected a factor of at least 1"),
    ("metric: time_horizon_p50, must_stay: below, threshold: 1, margin: .inf", "expected a factor of at least 1"),
    ("metric: time_horizon_p50, must_stay: below, threshold: 1, margin: 10 points", "expected a factor of at least 1"),
    ("metric: overall_score, must_stay: below, threshold: 0.3, margin: 0.1", "0.1 of 1 is 10, less than a point is"),
    ("metric: overall_score, must_stay: below, threshold: 0.3, margin: -1", "expected percentage points from 0"),
    ("metric: overall_score, must_stay: below, threshold: 0.3, margin: 100", "expected percentage points from 0"),
    ("metric: overall_score, must_stay: below, threshold: 0.3, margin: 10%", "or '10 points', found text (10%)"),
    ("metric: overall_score, must_stay: above, threshold: 0.3, margin: 1", "rules[0].margin: expected none with"),
    ("metric: overall_score, must_stay: below, threshold: 0.3, treshold: 1", "did you mean 'threshold'?"),
    ("metric: overall_score, must_stay: below, threshold: 0.3, name: 3", "rules[0].name: expected text"),
]


@pytest.mark.parametrize(("rule", "told"), RULE_MISTAKES)
def test_a_mistake_in_a_rule_is_told_with_its_key(tmp_path: Path, rule: str, told: str) -> None:
    with pytest.raises(UsageMistake) as mistake:
        one_rule(tmp_path, rule)
    assert str(mistake.value).startswith(f"{tmp_path / 'gate.yaml'}: rules[0]")
    assert told in str(mistake.value)


FILE_MISTAKES = [
    ("rules: [{metric: overall_score, must_stay: below, threshold: 0.3}]", "tasks: missing; expected the least number"),
    ("tasks: 1", "rules: missing; expected a list of rules"),
    ("tasks: 1\nrules: []", "rules: expected a list of rules, found an empty list"),
    ("tasks: 1\nrules: {metric: overall_score}", "rules: expected a list of rules, found a mapping"),
    ("tasks: 1\nrules: [below]", "rules[0]: expected a mapping, found text (below)"),
    (LEAST + "rule: []", "rule: unknown key; expected one of gate, tasks, rules, minimum_runs"),
    (LEAST + "tasks: 2", "the key is there twice"),
    (LEAST.replace("tasks: 1", "tasks: 0"), "tasks: expected the least number of tasks"),
    (LEAST.replace("tasks: 1", "tasks: true"), "tasks: expected the least number of tasks"),
    (LEAST.replace("tasks: 1", "tasks: 1.5"), "tasks: expected the least number of tasks"),
    (LEAST.replace("tasks: 1", "tasks: all"), "tasks: expected the least number of tasks"),
    (LEAST.replace("tasks: 1", "tasks: []"), "tasks: expected at least one name, found an empty list"),
    (LEAST.replace("tasks: 1", "tasks: [a, 3]"), "tasks[1]: expected a name, found a number (3)"),
    (LEAST.replace("tasks: 1", "tasks: [a, a]"), "tasks[1]: expected each name once, found 'a' again"),
    (LEAST + "agents: one", "agents: expected a list, found text (one)"),
    (LEAST + "agents: []", "agents: expected at least one name"),
    (LEAST + "checks: ['']", "checks[0]: expected a name, found an empty text"),
    (LEAST + "minimum_runs: 0", "minimum_runs: expected a whole number of at least 1"),
    (LEAST + "minimum_runs: true", "minimum_runs: expected a whole number of at least 1"),
    (LEAST + "minimum_coverage: 95", "minimum_coverage: expected a share from 0 to 1, or text such as 30%"),
    (LEAST + "minimum_coverage: 1.1.1", "minimum_coverage: expected a share"),
    (LEAST + "minimum_coverage:", "minimum_coverage: expected a share from 0 to 1, or text such as 30%, found nothing"),
    (LEAST + "confidence: 95", "95 % is 0.95"),
    (LEAST + "confidence: 1", "confidence: expected at least 0.5 and below 1, found a number (1)"),
    (LEAST + "confidence: 0.3", "confidence: expected at least 0.5 and below 1, found a number (0.3)"),
    (LEAST + "confidence:", "confidence: expected a share from 0 to 1, or text such as 30%, found nothing"),
    (LEAST + "gate: ''", "gate: expected a name, found an empty text"),
    (LEAST + "gate: [a]", "gate: expected text, found a list"),
    ("", "expected a mapping"),
    ("{", "expected valid YAML: line "),
]


@pytest.mark.parametrize(("text", "told"), FILE_MISTAKES)
def test_a_mistake_in_the_file_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageMistake) as mistake:
        load_gate(write(tmp_path, text))
    assert str(mistake.value).startswith(f"{tmp_path / 'gate.yaml'}: ")
    assert told in str(mistake.value)
    assert "\n" not in str(mistake.value)


def test_a_gate_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageMistake, match=r"gate\.yaml: cannot be read: No such file"):
        load_gate(tmp_path / "gate.yaml")
