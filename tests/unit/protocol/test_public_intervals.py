"""METR's public runs: the ends of the intervals are METR's, up to the noise of a bootstrap.

METR's ends are those of one bootstrap of 1000 draws, so they lie as far from the mean of several of ours as one of ours
does. The criterion is shown to be sharp: bootstraps that resample at another level, pool the runs of a family's
tasks, or make the weights anew, miss it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pytest_metr.protocol import evaluate_agent
from pytest_metr.protocol.fit import FloatArray, IntArray, fit, horizon_at
from pytest_metr.protocol.resample import generator, outcome_counts, task_counts
from pytest_metr.protocol.table import Table
from pytest_metr.types import RunRow

from .runs import PROTOCOL, public_lines, public_reference, public_rows, table_of

AGENTS = ("GPT-4 0314", "GPT-4 Turbo", "Claude 3 Opus", "Claude 3.5 Sonnet (Old)")
METR = replace(PROTOCOL, draws=1000)
SEEDS = range(8)
#: The root of the mean square of 16 standardised deviations, which is about 1 where only noise is between two.
SAME = 1.6

Draw = Callable[[np.random.Generator, Table, int], FloatArray]


@pytest.fixture(scope="module")
def rows() -> dict[str, list[RunRow]]:
    return {agent: public_rows(lines) for agent, lines in public_lines().items()}


@pytest.fixture(scope="module")
def metr() -> dict[str, Any]:
    return {agent: of_agent["metr"] for agent, of_agent in public_reference().items()}


def logs(ends: list[float]) -> FloatArray:
    result: FloatArray = np.log(np.array(ends))
    return result


def deviation(ours: dict[str, list[FloatArray]], metr: dict[str, Any]) -> float:
    """How far METR's ends are from ours, in units of the spread between our own seeds."""
    squares = []
    for agent, of_seeds in ours.items():
        theirs = logs([*metr[agent]["p50_ci95"], *metr[agent]["p80_ci95"]])
        mean, spread = np.mean(of_seeds, axis=0), np.std(of_seeds, axis=0, ddof=1)
        squares.append(((theirs - mean) / spread) ** 2 / (1 + 1 / len(of_seeds)))
    return math.sqrt(float(np.mean(squares)))


def test_the_intervals_are_metrs_up_to_the_noise_of_a_bootstrap(
    rows: dict[str, list[RunRow]], metr: dict[str, Any]
) -> None:
    ours: dict[str, list[FloatArray]] = {}
    for agent in AGENTS:
        horizons = [evaluate_agent(rows[agent], replace(METR, seed=seed)).horizon.at for seed in SEEDS]
        intervals = [[at["50"].interval, at["80"].interval] for at in horizons]
        ours[agent] = [logs([end for i in of_seed if i for end in (i.low, i.high)]) for of_seed in intervals]
    assert deviation(ours, metr) < SAME


def levels(rng: np.random.Generator, table: Table, draws: int) -> FloatArray:
    """All three levels, as it should be: the weight of each group in each draw."""
    counts = outcome_counts(rng, task_counts(rng, table.family_of_task, draws), table.task_of_group, table.runs)
    return counts * table.weight


def only_runs(rng: np.random.Generator, table: Table, draws: int) -> FloatArray:
    every = np.ones((draws, len(table.tasks)), dtype=np.int64)
    return outcome_counts(rng, every, table.task_of_group, table.runs) * table.weight


def only_tasks(rng: np.random.Generator, table: Table, draws: int) -> FloatArray:
    return equally(rng, len(table.tasks), draws)[:, table.task_of_group] * table.runs * table.weight


def only_families(rng: np.random.Generator, table: Table, draws: int) -> FloatArray:
    families = int(table.family_of_task.max()) + 1
    return equally(rng, families, draws)[:, table.family_of_group] * table.runs * table.weight


def tasks_and_runs(rng: np.random.Generator, table: Table, draws: int) -> FloatArray:
    tasks = equally(rng, len(table.tasks), draws)
    return outcome_counts(rng, tasks, table.task_of_group, table.runs) * table.weight


def runs_pooled_over_tasks(rng: np.random.Generator, table: Table, draws: int) -> FloatArray:
    families = int(table.family_of_task.max()) + 1
    times = equally(rng, families, draws)
    counts = np.zeros((draws, len(table.runs)))
    for family in range(families):
        groups = np.flatnonzero(table.family_of_group == family)
        runs = table.runs[groups]
        counts[:, groups] = rng.multinomial(times[:, family] * runs.sum(), runs / runs.sum())
    return counts * table.weight


def weights_made_anew(rng: np.random.Generator, table: Table, draws: int) -> FloatArray:
    counts = outcome_counts(rng, task_counts(rng, table.family_of_task, draws), table.task_of_group, table.runs)
    weights = np.zeros(counts.shape)
    for draw, of_draw in enumerate(counts):
        runs = np.bincount(table.task_of_group, weights=of_draw, minlength=len(table.tasks))
        tasks = np.bincount(table.family_of_task, weights=runs > 0)[table.family_of_task]
        drawn = runs > 0
        each = np.zeros(len(runs))
        each[drawn] = 1 / (runs[drawn] * np.sqrt(tasks[drawn]))
        weights[draw] = of_draw * each[table.task_of_group]
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


def equally(rng: np.random.Generator, n: int, draws: int) -> IntArray:
    return rng.multinomial(n, np.full(n, 1 / n), size=draws)


def ends(table: Table, weights: FloatArray) -> FloatArray:
    success, failure = weights * table.success, weights * ~table.success
    fits = fit(np.log2(table.minutes), success, failure, regularization=METR.regularization)
    return logs([end for p in (0.5, 0.8) for end in np.quantile(horizon_at(fits, p)[fits.fitted], [0.025, 0.975])])


def deviation_of(draw: Draw, rows: dict[str, list[RunRow]], metr: dict[str, Any]) -> float:
    tables = {agent: table_of(rows[agent], METR) for agent in AGENTS}
    ours = {
        agent: [ends(table, draw(generator(seed, agent), table, 1000)) for seed in range(4)]
        for agent, table in tables.items()
    }
    return deviation(ours, metr)


def test_the_way_in_which_the_wrong_ones_are_judged_finds_the_right_one_right(
    rows: dict[str, list[RunRow]], metr: dict[str, Any]
) -> None:
    assert deviation_of(levels, rows, metr) < SAME


@pytest.mark.parametrize(
    "wrong", [only_runs, only_tasks, only_families, tasks_and_runs, runs_pooled_over_tasks, weights_made_anew]
)
def test_a_bootstrap_of_another_kind_misses_metrs_intervals(
    rows: dict[str, list[RunRow]], metr: dict[str, Any], wrong: Draw
) -> None:
    assert deviation_of(wrong, rows, metr) > SAME


def test_an_agent_with_three_successes_has_metrs_draws(rows: dict[str, list[RunRow]], metr: dict[str, Any]) -> None:
    """Its ends move by orders of magnitude from seed to seed, so shares of draws are compared and not the ends."""
    agent = "gpt-3.5-turbo-instruct"
    table = table_of(rows[agent], METR)
    weights = levels(generator(0, agent), table, 20_000)
    success, failure = weights * table.success, weights * ~table.success
    fits = fit(np.log2(table.minutes), success, failure, regularization=METR.regularization)
    share, fitted = float(fits.fitted.mean()), metr[agent]["bootstraps_fitted"]
    assert abs(share - fitted / 1000) <= 3 * math.sqrt(share * (1 - share) / 1000)
    for percent in (50, 80):
        low, high = metr[agent][f"p{percent}_ci95"]
        horizons = horizon_at(fits, percent / 100)[fits.fitted]
        for beyond in (float((horizons < low).mean()), float((horizons > high).mean())):
            assert abs(beyond - 0.025) <= 3 * math.sqrt(0.025 * 0.975 / fitted)


def test_an_agent_without_success_has_the_horizon_zero_and_bounds_that_say_how_little_is_known(
    rows: dict[str, list[RunRow]],
) -> None:
    horizon = evaluate_agent(rows["davinci-002"], METR).horizon
    assert (horizon.slope, horizon.problem) == (-math.inf, "all_failures")
    for at in horizon.at.values():
        assert (at.value, at.interval, at.left_out) == (0.0, None, 1000)
        assert at.bounds is not None
        assert at.bounds.low == 0.0 < at.bounds.high
