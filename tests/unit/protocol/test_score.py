"""The overall score, and weights from a hook."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import check_weights, weighted_mean

from .runs import properties


def test_the_mean_is_the_sum_of_weight_times_score() -> None:
    assert weighted_mean([1.0, 0.5, 0.0], [0.25, 0.5, 0.25]) == 0.5


def test_no_scores_have_no_mean() -> None:
    assert weighted_mean([], []) is None


def test_scores_and_weights_of_different_number_are_refused() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        weighted_mean([1.0, 2.0], [1.0])


def test_nothing_is_lost_between_large_and_small_terms() -> None:
    assert weighted_mean([1e16, 1.0, -1e16], [1.0, 1.0, 1.0]) == 1.0


def test_scores_that_are_not_finite_give_a_mean_that_is_not_finite() -> None:
    assert weighted_mean([math.inf, 1.0], [0.5, 0.5]) == math.inf
    assert math.isnan(weighted_mean([math.inf, -math.inf], [0.5, 0.5]) or 0.0)
    assert weighted_mean([1.7e308, 1.7e308], [1.0, 1.0]) == math.inf


@properties
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.001, 1)), min_size=1, max_size=30))
def test_the_mean_lies_between_the_lowest_and_the_highest_score(pairs: list[tuple[float, float]]) -> None:
    scores = [score for score, _ in pairs]
    mean = weighted_mean(scores, check_weights([weight for _, weight in pairs], len(pairs)))
    assert mean is not None
    assert min(scores) - 1e-12 <= mean <= max(scores) + 1e-12


def test_good_weights_come_back_as_floats_that_add_up_to_one() -> None:
    assert check_weights([1, 2.0, Fraction(1, 1)], 3) == [0.25, 0.5, 0.25]
    assert check_weights((weight for weight in (0, 3)), 2) == [0.0, 1.0]
    assert check_weights([], 0) == []


@pytest.mark.parametrize(
    ("weights", "n", "told"),
    [
        ([1.0], 2, "expected 2 numbers, one for each run, not 1"),
        ([1.0, 1.0, 1.0], 2, "expected 2 numbers, one for each run, not 3"),
        ([1.0, -0.1], 2, "expected finite numbers of 0 or more, not -0.1 for run 1"),
        ([math.nan], 1, "not nan for run 0"),
        ([math.inf], 1, "not inf for run 0"),
        (["1"], 1, "not '1' for run 0"),
        ([True], 1, "not True for run 0"),
        ([None], 1, "not None for run 0"),
        ([10**400], 1, "for run 0"),
        ([0.0, 0], 2, "expected at least one above 0"),
    ],
)
def test_bad_weights_are_told_in_one_line(weights: Sequence[object], n: int, told: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        check_weights(weights, n)
    assert str(caught.value).startswith("pytest_metr_task_weights: ")
    assert told in str(caught.value)


def test_what_is_no_sequence_at_all_is_refused() -> None:
    with pytest.raises(UsageMistake, match=r"expected 2 numbers, not 0\.5"):
        check_weights(0.5, 2)  # type: ignore[arg-type]


@properties
@given(st.lists(st.floats(0, allow_nan=False, allow_infinity=False), min_size=1, max_size=30).filter(any))
def test_any_weights_that_are_good_add_up_to_one(weights: list[float]) -> None:
    checked = check_weights(weights, len(weights))
    assert math.fsum(checked) == pytest.approx(1, abs=1e-12)
    assert all(0 <= weight <= 1 for weight in checked)
