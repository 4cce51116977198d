"""Gates over the numbers of the real protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_metr.gate import Gate
from pytest_metr.protocol import evaluate_agent, load_protocol, run_checks
from pytest_metr.types import RECORDED_WEIGHTS, EvaluationProtocol, RunRow, Verdict

from .fakes import gate, judged, row, rule, staged_out

PROTOCOL = replace(load_protocol("plain"), draws=200)


def suite(*successes: int, families: int = 12, runs: int = 4) -> list[RunRow]:
    """Return *families* families of one task each, 1, 2, 4, ... minutes long, the first runs of each successes."""
    counts = [*successes, *[0] * (families - len(successes))]
    return [
        row(f"f{n}/t", run=run, score=float(run <= count), human_minutes=2.0**n)
        for n, count in enumerate(counts)
        for run in range(1, runs + 1)
    ]


def decided(given_gate: Gate, rows: Sequence[RunRow], protocol: EvaluationProtocol = PROTOCOL) -> Verdict:
    return judged(given_gate, rows, protocol=protocol, evaluate=evaluate_agent, check=run_checks)


ABLE = suite(4, 4, 4, 3, 2, 1)  # half of the runs at about 16 minutes succeed


def test_a_horizon_is_below_above_or_undecided() -> None:
    horizon = "time_horizon_p50"
    assert decided(gate(rule(horizon, threshold=600)), ABLE).verdict == "passed"
    assert decided(gate(rule(horizon, threshold=16)), ABLE).verdict == "inconclusive"
    assert decided(gate(rule(horizon, threshold=1)), ABLE).verdict == "failed"
    assert decided(gate(rule(horizon, threshold=600, margin=20)), ABLE).verdict == "inconclusive"
    assert decided(gate(rule(horizon, "above", threshold=1)), ABLE).verdict == "passed"


def test_scores_and_brackets() -> None:
    assert decided(gate(rule("bracket/few_minutes", "above", 0.2)), ABLE).verdict == "passed"
    assert decided(gate(rule("bracket/few_minutes", "below", 0.2)), ABLE).verdict == "failed"
    assert decided(gate(rule("bracket/month_long", "below", 0.2)), ABLE).verdict == "inconclusive"
    assert decided(gate(rule("overall_score", "below", 0.8)), ABLE).verdict == "passed"


def test_failing_everything_passes_below_if_there_are_enough_families() -> None:
    assert decided(gate(rule(threshold=0.5)), suite(families=6)).verdict == "passed"
    assert decided(gate(rule(threshold=0.5)), suite(families=5)).verdict == "inconclusive"


def test_a_success_does_not_help_where_failing_everything_would_not_pass() -> None:
    below = gate(rule(threshold=0.5))
    assert decided(below, suite(families=3, runs=12)).verdict == "inconclusive"
    verdict = decided(below, suite(1, families=3, runs=12))
    assert verdict.verdict == "inconclusive"
    assert verdict.reasons[0].endswith(
        "; but families are too few to tell: had every run failed, 70.8 % would still be possible"
    )


def test_without_human_minutes_there_is_no_horizon_to_pass() -> None:
    rows = [replace(found, human_minutes=None) for found in suite()]
    verdict = decided(gate(rule("time_horizon_p50", threshold=60)), rows)
    assert verdict.verdict == "inconclusive"
    assert "no run that counts has human minutes" in verdict.reasons[0]


def test_without_a_run_that_counts_nothing_passes() -> None:
    verdict = decided(gate(rule("time_horizon_p50", threshold=60), minimum_coverage=0), [row(score=None)])
    assert verdict.verdict == "inconclusive"


def test_staging_may_leave_the_long_tasks_out() -> None:
    rows = [
        staged_out(f.task_id, run=f.run, human_minutes=f.human_minutes) if f.human_minutes == 2048 else f for f in ABLE
    ]
    assert decided(gate(rule("time_horizon_p50", threshold=600), minimum_runs=4), rows).verdict == "passed"


def test_recorded_weights_serve_missing_runs_too() -> None:
    rows = [replace(found, weight=1.0) for found in ABLE]
    rows[-1] = replace(rows[-1], status="infra_error", score=None, success=None, weight=None)
    recorded = replace(PROTOCOL, weighting=RECORDED_WEIGHTS)
    loose = gate(rule(threshold=0.8), minimum_coverage=0.9)
    assert decided(loose, rows, recorded).verdict == "passed"


def test_a_higher_confidence_widens_what_is_judged() -> None:
    ends = [
        decided(gate(rule("time_horizon_p50", threshold=60), confidence=confidence), ABLE).rules[0].judged
        for confidence in (0.5, 0.99)
    ]
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0].low > ends[1].low
    assert ends[0].high < ends[1].high


def test_required_checks_are_the_protocols() -> None:
    required = gate(rule(threshold=0.9), checks=("coverage", "canary", "oracle_passes"))
    verdict = decided(required, ABLE)
    assert verdict.verdict == "inconclusive"
    assert [check.verdict for check in verdict.checks] == ["passed", "unknown", "unknown"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=12, max_size=12),
    st.integers(0, 47),
    st.sampled_from([0.0, 0.9, 1.0]),
    st.floats(0.05, 0.95),
)
def test_losing_a_run_never_helps(successes: list[int], lost: int, coverage: float, threshold: float) -> None:
    before = suite(*successes)
    after = list(before)
    after[lost] = replace(before[lost], status="infra_error", score=None, success=None, cause="sandbox")
    both = gate(
        rule(threshold=threshold),
        rule("time_horizon_p50", threshold=threshold * 100, margin=1.5),
        rule("bracket/under_an_hour", "above", threshold),
        minimum_coverage=coverage,
    )
    old, new = decided(both, before), decided(both, after)
    assert new.verdict != "passed" or old.verdict == "passed"
    for old_rule, new_rule in zip(old.rules, new.rules, strict=True):
        assert new_rule.verdict != "passed" or old_rule.verdict == "passed"


@pytest.mark.parametrize("families", [1, 2, 3, 4])
@pytest.mark.parametrize("metric", ["overall_score", "success_rate", "time_horizon_p50"])
def test_a_first_success_never_helps_to_stay_below(metric: str, families: int) -> None:
    for threshold in (0.1, 0.3, 0.5, 0.7, 0.9):
        below = gate(rule(metric, threshold=threshold * (100 if metric.startswith("time") else 1)))
        old = decided(below, suite(families=families))
        new = decided(below, suite(1, families=families))
        assert new.verdict != "passed" or old.verdict == "passed"
