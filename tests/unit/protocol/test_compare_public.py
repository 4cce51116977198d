"""METR's public runs compared: two models of one generation, and agents that fail nearly everything."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pytest_metr.protocol import compare_agents, condition_holds, parse_condition
from pytest_metr.types import BRACKETS, Bracket, Comparison, EvaluationProtocol, RunRow

from .compare_rows import change_of, negated
from .runs import public_lines, public_reference, public_rows

P50 = "time_horizon_p50"
METR = EvaluationProtocol(
    name="metr", version="2025", brackets=tuple(Bracket(name=name, upper=upper) for name, upper in BRACKETS)
)


@pytest.fixture(scope="module")
def rows() -> dict[str, list[RunRow]]:
    return {agent: public_rows(lines) for agent, lines in public_lines().items()}


@pytest.fixture(scope="module")
def turbo(rows: dict[str, list[RunRow]]) -> Comparison:
    return compare_agents(rows["GPT-4 0314"], rows["GPT-4 Turbo"], METR)


def test_the_ratio_of_horizons_is_that_of_the_exact_ones(turbo: Comparison) -> None:
    assert (turbo.tasks, turbo.families) == (83, 36)
    assert turbo.left_out.only_before == turbo.left_out.only_after == ()
    exact = {agent: public_reference()[agent]["exact"] for agent in ("GPT-4 0314", "GPT-4 Turbo")}
    for percent in ("50", "80"):
        ratio = exact["GPT-4 Turbo"][f"p{percent}"] / exact["GPT-4 0314"][f"p{percent}"]
        assert change_of(turbo, f"time_horizon_p{percent}").ratio.value == pytest.approx(ratio, rel=1e-5)


def test_two_models_of_one_generation_cannot_be_told_apart(turbo: Comparison) -> None:
    for metric in ("overall_score", "success_rate", P50):
        difference = change_of(turbo, metric).difference
        assert difference.interval is not None
        assert difference.interval.low < 0 < difference.interval.high
    assert condition_holds(parse_condition(f"{P50} < -20% possibly"), turbo)
    assert not condition_holds(parse_condition(f"{P50} < -20%"), turbo)


def test_seen_from_the_other_side_every_difference_is_negated(rows: dict[str, list[RunRow]], turbo: Comparison) -> None:
    turned = compare_agents(rows["GPT-4 Turbo"], rows["GPT-4 0314"], METR)
    for change, other in zip(turbo.changes, turned.changes, strict=True):
        assert other.difference.value == (None if change.difference.value is None else -change.difference.value)
        assert other.difference.interval == negated(change.difference.interval)
        assert other.difference.bounds == negated(change.difference.bounds)


def test_pairs_make_the_interval_of_metrs_agents_narrower(turbo: Comparison) -> None:
    change = change_of(turbo)
    widths = []
    for estimate in (change.difference, change.before, change.after):
        assert estimate.interval is not None
        widths.append(estimate.interval.high - estimate.interval.low)
    assert widths[0] < 0.9 * math.hypot(*widths[1:])


def test_a_better_model_is_told_from_a_worse_one(rows: dict[str, list[RunRow]]) -> None:
    better = compare_agents(rows["GPT-4 0314"], rows["Claude 3.5 Sonnet (Old)"], METR)
    for metric in ("overall_score", "success_rate", P50):
        assert condition_holds(parse_condition(f"{metric} > 0% surely"), better)
        assert (change_of(better, metric).improved or 0) > 0.97


def test_an_agent_that_fails_everything_has_no_horizon_to_grow_from(rows: dict[str, list[RunRow]]) -> None:
    comparison = compare_agents(rows["davinci-002"], rows["gpt-3.5-turbo-instruct"], METR)
    assert (comparison.tasks, len(comparison.left_out.only_after)) == (16, 60)
    change = change_of(comparison, P50)
    assert (change.ratio.value, change.ratio.problem) == (math.inf, "before: all_failures")
    assert change.ratio.bounds is not None
    assert (change.ratio.bounds.low, change.ratio.bounds.high) == (0.0, math.inf)


def test_an_agent_does_not_differ_from_itself_under_another_name(rows: dict[str, list[RunRow]]) -> None:
    itself = [replace(row, agent="a copy") for row in rows["GPT-4 Turbo"]]
    for change in compare_agents(rows["GPT-4 Turbo"], itself, METR).changes[:4]:
        assert change.difference.value == 0.0
        assert change.difference.interval is not None
        assert change.difference.interval.low < 0.0 < change.difference.interval.high
        assert change.improved == pytest.approx(0.5, abs=0.06)
