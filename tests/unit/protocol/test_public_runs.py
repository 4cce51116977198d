"""METR's public runs: weights, averages, buckets and curves are those that METR has for them."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from pytest_metr.protocol import check_weights, evaluate_agent, run_weights, task_weights, weighted_mean
from pytest_metr.types import RECORDED_WEIGHTS, Bracket, EvaluationProtocol, RunRecord

from .runs import make_run, public_lines, public_reference, public_rows

COLUMNS = {"invsqrt_family": "invsqrt_task_weight", "equal_task": "equal_task_weight"}
#: METR's weights are rounded to ten decimals.
ROUNDING = 0.5e-10

Lines = dict[str, list[dict[str, Any]]]
BUCKETS = (1, 4, 16, 64, 256, 960)
#: METR's choices: buckets that hold their lower end and not their upper one.
METR = EvaluationProtocol(
    name="metr",
    version="2025",
    lowest=BUCKETS[0],
    brackets=tuple(Bracket(name=f"{low}-{high} min", upper=high, inclusive=False) for low, high in pairwise(BUCKETS)),
    draws=2,
)


@pytest.fixture(scope="module")
def rows() -> Lines:
    return public_lines()


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return public_reference()


def as_runs(rows: list[dict[str, Any]]) -> list[RunRecord]:
    return [
        make_run(row["task_id"], run_id=row["run_id"], score=row["score"], minutes=row["human_minutes"]) for row in rows
    ]


@pytest.mark.parametrize("weighting", sorted(COLUMNS))
def test_weights_are_metrs(rows: Lines, weighting: str) -> None:
    for agent, of_agent in rows.items():
        theirs = [row[COLUMNS[weighting]] for row in of_agent]
        assert task_weights(as_runs(of_agent), weighting=weighting) == pytest.approx(theirs, rel=0, abs=1e-10), agent


@pytest.mark.parametrize("weighting", sorted(COLUMNS))
@pytest.mark.parametrize("score", ["score", "score_binarized"])
def test_averages_are_metrs_up_to_the_rounding_of_its_weights(
    rows: Lines, reference: dict[str, Any], weighting: str, score: str
) -> None:
    for agent, of_agent in rows.items():
        scores = [float(row[score]) for row in of_agent]
        theirs = reference[agent]["average"][f"{score}|{COLUMNS[weighting]}"]
        column = check_weights([row[COLUMNS[weighting]] for row in of_agent], len(of_agent))
        assert weighted_mean(scores, column) == pytest.approx(theirs, rel=0, abs=1e-12), agent
        ours = weighted_mean(scores, task_weights(as_runs(of_agent), weighting=weighting))
        # Each weight is off by the rounding, and so is the sum that they are divided by.
        bound = ROUNDING * (math.fsum(scores) + len(scores) * theirs)
        assert ours == pytest.approx(theirs, rel=0, abs=bound), agent


def test_every_doubling_of_human_minutes_weighs_the_same_in_metrs_runs(rows: Lines) -> None:
    for of_agent in rows.values():
        shares: dict[int, list[float]] = defaultdict(list)
        for row, weight in zip(of_agent, task_weights(as_runs(of_agent), weighting="log_time"), strict=True):
            shares[math.floor(math.log2(row["human_minutes"]))].append(weight)
        assert [math.fsum(share) for share in shares.values()] == pytest.approx([1 / len(shares)] * len(shares))


@pytest.mark.parametrize("weighting", sorted(COLUMNS))
def test_weights_of_rows_are_metrs(rows: Lines, weighting: str) -> None:
    for agent, of_agent in rows.items():
        theirs = [row[COLUMNS[weighting]] for row in of_agent]
        ours = run_weights(public_rows(of_agent), replace(METR, weighting=weighting))
        assert ours == pytest.approx(theirs, rel=0, abs=1e-9), agent


@pytest.mark.parametrize("weighting", sorted(COLUMNS))
def test_scores_and_success_rates_are_metrs_averages(rows: Lines, reference: dict[str, Any], weighting: str) -> None:
    for agent, of_agent in rows.items():
        result = evaluate_agent(public_rows(of_agent), replace(METR, weighting=weighting))
        average, column = reference[agent]["average"], COLUMNS[weighting]
        assert result.overall_score.value == pytest.approx(average[f"score|{column}"], rel=1e-6)
        assert result.success_rate.value == pytest.approx(average[f"score_binarized|{column}"], rel=1e-6)
        assert (result.runs, result.tasks, result.families) == tuple(
            reference[agent][key] for key in ("n_runs", "n_tasks", "n_families")
        )


@pytest.mark.parametrize("weighting", sorted(COLUMNS))
def test_brackets_are_metrs_buckets(rows: Lines, reference: dict[str, Any], weighting: str) -> None:
    for agent, of_agent in rows.items():
        brackets = evaluate_agent(public_rows(of_agent), replace(METR, weighting=weighting)).brackets
        theirs = reference[agent]["buckets"][COLUMNS[weighting]]
        assert [bracket.name for bracket in brackets] == list(theirs)
        for bracket in brackets:
            bucket = theirs[bracket.name]
            assert bracket.success_rate.value == pytest.approx(bucket["rate"], rel=1e-6)
            assert (bracket.runs, bracket.tasks) == (bucket["n_runs"], bucket["n_tasks"])


@pytest.mark.parametrize(
    ("key", "choices"),
    [
        ("exact", {}),
        ("exact", {"weighting": RECORDED_WEIGHTS}),
        ("exact_equal_task_weight", {"weighting": "equal_task"}),
        ("exact_fractional_score_invsqrt", {"fractional": True}),
    ],
)
def test_curves_and_horizons_are_at_the_exact_optimum(
    rows: Lines, reference: dict[str, Any], key: str, choices: dict[str, Any]
) -> None:
    for agent, of_agent in rows.items():
        exact = reference[agent][key]
        horizon = evaluate_agent(public_rows(of_agent), replace(METR, **choices)).horizon
        if exact["p50"] is None:
            assert (horizon.problem, horizon.slope, horizon.at["50"].value) == ("all_failures", -math.inf, 0.0)
            continue
        ours = (horizon.slope, horizon.intercept, horizon.at["50"].value, horizon.at["80"].value)
        theirs = tuple(exact[name] for name in ("coefficient", "intercept", "p50", "p80"))
        assert ours == pytest.approx(theirs, rel=1e-6, abs=0), agent
