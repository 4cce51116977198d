"""Bounds where few families differ from the others, or one family weighs more than the others."""

from __future__ import annotations

from pytest_metr.protocol import evaluate_agent, load_protocol
from pytest_metr.types import Interval, RunRow

PLAIN = load_protocol("plain")


def _row(family: str, task: str, score: float) -> RunRow:
    return RunRow(
        run_id=f"{family}/{task}",
        agent="a",
        task_id=f"{family}/{task}",
        family=family,
        status="scored",
        score=score,
        success=score > 0.9,
        human_minutes=30.0,
    )


def _bounds(scores: list[float], weights: list[float] | None = None) -> Interval:
    rows = [_row(f"f{i}", "t", score) for i, score in enumerate(scores)]
    bounds = evaluate_agent(rows, PLAIN, weights=weights).overall_score.bounds
    assert bounds is not None
    return bounds


def test_one_success_leaves_as_much_open_as_the_binomial_interval() -> None:
    # Clopper and Pearson, 1 of 20: up to 0.2487. Quantiles of draws end at 0.15.
    assert 0.23 < _bounds([1.0] + [0.0] * 19).high < 0.27


def test_one_failure_mirrors_one_success() -> None:
    assert 0.73 < _bounds([0.0] + [1.0] * 19).low < 0.77


def test_a_family_with_nearly_all_the_weight_is_worth_one_family() -> None:
    assert _bounds([0.0] * 12, [1.0] + [1e-12] * 11).high > 0.97
    assert _bounds([1.0] * 12, [1.0] + [1e-12] * 11).low < 0.03


def test_equal_weights_have_the_binomial_interval() -> None:
    assert abs(_bounds([0.0] * 12).high - (1 - 0.025 ** (1 / 12))) < 1e-12


def test_a_large_family_counts_by_its_weight() -> None:
    rows = [_row("big", f"t{i}", 0.0) for i in range(400)] + [_row(f"f{i}", "t", 0.0) for i in range(11)]
    bounds = evaluate_agent(rows, PLAIN).overall_score.bounds
    # The big family has 20 of 31 parts: with a chance of 0.9 there and none elsewhere, all fail in one case of ten.
    assert bounds is not None
    assert bounds.high > 0.9 * 20 / 31
