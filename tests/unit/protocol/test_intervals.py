"""Intervals: quantiles of draws, and what is known where all draws are alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.protocol.intervals import (
    binomial_like,
    exact_binomial,
    exact_share,
    hull,
    longest_after_failures,
    quantiles,
    shortest_after_successes,
)
from pytest_metr.types import Interval

from .runs import properties


@properties
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_quantiles_are_numpys_linear_ones(values: list[float], confidence: float) -> None:
    ends = np.quantile(values, [(1 - confidence) / 2, 1 - (1 - confidence) / 2])
    found = quantiles(np.array(values), confidence)
    assert found is not None
    assert [found.low, found.high] == pytest.approx(list(ends), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("values", [[], [1.0]])
def test_fewer_than_two_values_have_no_interval(values: list[float]) -> None:
    assert quantiles(np.array(values), 0.95) is None


def test_infinities_are_never_interpolated_into_nan() -> None:
    inf = math.inf
    assert quantiles(np.array([1.0, inf, inf, inf]), 0.95) == Interval(low=1.0, high=inf)
    assert quantiles(np.array([inf, inf]), 0.95) == Interval(low=inf, high=inf)
    assert quantiles(np.array([0.0, 1.0, 2.0, inf]), 0.5) == Interval(low=0.75, high=inf)


@properties
@given(st.lists(st.one_of(st.floats(0, 1e9), st.just(math.inf)), min_size=2, max_size=30))
def test_an_interval_is_within_what_it_was_made_of(values: list[float]) -> None:
    found = quantiles(np.array(values), 0.9)
    assert found is not None
    assert min(values) <= found.low <= found.high <= max(values)


def test_the_hull_holds_all_intervals() -> None:
    assert hull(Interval(low=1, high=2), None, Interval(low=0, high=1.5)) == Interval(low=0, high=2)
    assert hull(None) is None


@pytest.mark.parametrize("families", [1, 2, 9, 36])
def test_none_of_n_is_the_exact_binomial_interval(families: int) -> None:
    """At its end, seeing none is as improbable as half of what the confidence leaves."""
    found = exact_share(0.0, families, 0.95)
    assert found.low == 0.0
    assert (1 - found.high) ** families == pytest.approx(0.025)
    mirrored = exact_share(1.0, families, 0.95)
    assert mirrored.low == pytest.approx(1 - found.high)
    assert mirrored.high == 1.0


@properties
@given(st.integers(1, 200), st.data(), st.sampled_from([0.5, 0.8, 0.95, 0.99, 0.999]))
def test_at_either_end_of_the_exact_binomial_interval_what_was_seen_is_as_improbable_as_can_be(
    trials: int, data: st.DataObject, confidence: float
) -> None:
    hits = data.draw(st.integers(0, trials))
    found = exact_binomial(hits, trials, confidence)

    def chance(seen: range, p: float) -> float:
        return math.fsum(math.comb(trials, n) * p**n * (1 - p) ** (trials - n) for n in seen)

    tail = (1 - confidence) / 2
    assert found.low == 0 if hits == 0 else chance(range(hits, trials + 1), found.low) == pytest.approx(tail, rel=1e-9)
    assert found.high == 1 if hits == trials else chance(range(hits + 1), found.high) == pytest.approx(tail, rel=1e-9)
    assert 0 <= found.low < found.high <= 1


@pytest.mark.parametrize(("families", "hits"), [(20, 1e-9), (1e9, 3.0), (1e11, 5e10), (5.5, 0.25)])
def test_the_interval_of_a_share_holds_it_however_few_hits_or_many_trials_it_is_worth(
    families: float, hits: float
) -> None:
    value = hits / families
    draws = value + np.array([-1.0, 1.0]) * math.sqrt(value * (1 - value) / families)
    found = binomial_like(value, draws, 36, 0.95)
    assert found is not None
    assert 0 <= found.low < value < found.high < 1


def test_scores_alike_in_between_or_without_a_family_tell_nothing() -> None:
    assert exact_share(0.3, 10, 0.95) == Interval(low=0, high=1)
    assert exact_share(7.0, 10, 0.95) == Interval(low=0, high=7)
    assert exact_share(-2.0, 10, 0.95) == Interval(low=-2, high=1)
    assert exact_share(0.0, 0, 0.95) == Interval(low=0, high=1)


def test_six_failed_families_bound_the_median_horizon_and_three_that_at_eighty_percent() -> None:
    """0.5 ** 6 and 0.2 ** 3 are the first powers of at most 0.025."""
    minutes = np.array([60.0, 1.0, 2.0, 30.0, 4.0, 8.0, 100.0])
    assert longest_after_failures(minutes, 0.5, 0.95) == 60.0
    assert longest_after_failures(minutes[:5], 0.5, 0.95) == math.inf
    assert longest_after_failures(minutes, 0.8, 0.95) == 4.0
    assert longest_after_failures(minutes[:2], 0.8, 0.95) == math.inf


def test_successes_are_bounded_from_below_in_the_same_way() -> None:
    """0.5 ** 6 and 0.8 ** 17 are the first powers of at most 0.025."""
    minutes = np.arange(1.0, 21.0)
    assert shortest_after_successes(minutes, 0.5, 0.95) == 15.0
    assert shortest_after_successes(minutes, 0.8, 0.95) == 4.0
    assert shortest_after_successes(minutes[:16], 0.8, 0.95) == 0.0


@pytest.mark.parametrize("p", [0.5, 0.8])
def test_the_bound_after_failures_is_wrong_no_more_often_than_it_says(p: float) -> None:
    """Worst case: the chance is just *p* up to the true horizon, and 0 beyond it."""
    rng = np.random.default_rng(4)
    families = np.sort(rng.uniform(1, 100, 30))
    for horizon in (2.0, 10.0, 50.0, 101.0):
        chance = np.where(families <= horizon, p, 0.0)
        failed = (rng.random((20_000, 30)) >= chance).all(axis=1).mean()
        wrong = longest_after_failures(families, p, 0.95) < horizon
        assert not wrong or failed <= 0.025 + 0.004
