"""The curve: at the optimum, whatever the data, and named where there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.protocol.fit import Fits, FloatArray, NoOptimum, fit, horizon_at

from .runs import properties

Gradient = tuple[float, float]


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def gradient(
    x: Sequence[float], s: Sequence[float], f: Sequence[float], a: float, b: float, penalty: float
) -> Gradient:
    """The gradient of the loss, by its definition."""
    residuals = [fi * sigmoid(a + b * xi) - si * sigmoid(-a - b * xi) for xi, si, fi in zip(x, s, f, strict=True)]
    return math.fsum(residuals), math.fsum(r * xi for r, xi in zip(residuals, x, strict=True)) + penalty * b


def bisected(rising: Callable[[float], float], reach: float) -> float:
    low, high = -reach, reach
    for _ in range(70):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def slow_fit(x: Sequence[float], s: Sequence[float], f: Sequence[float], penalty: float) -> tuple[float, float]:
    """The optimum by bisection: of the slope, and within that of the intercept. The loss is convex."""

    def intercept(b: float) -> float:
        return bisected(lambda a: gradient(x, s, f, a, b, penalty)[0], 400.0)

    slope = bisected(lambda b: gradient(x, s, f, intercept(b), b, penalty)[1], 20.0)
    return intercept(slope), slope


def one(x: Sequence[float], s: Sequence[float], f: Sequence[float], *, penalty: float = 0.1) -> Fits:
    return fit(np.array(x), np.array([s]), np.array([f]), regularization=penalty)


def assert_optimal(fits: Fits, x: FloatArray, s: FloatArray, f: FloatArray, penalty: float, tolerance: float) -> None:
    """The gradient is 0, measured by the terms that it is the sum of."""
    for draw in np.flatnonzero(fits.fitted):
        a, b = float(fits.intercept[draw]), float(fits.slope[draw])
        scale = sum(
            f_i * sigmoid(a + b * x_i) + s_i * sigmoid(-a - b * x_i)
            for x_i, s_i, f_i in zip(x, s[draw], f[draw], strict=True)
        )
        by_a, by_b = gradient(list(x), list(s[draw]), list(f[draw]), a, b, penalty)
        assert abs(by_a) <= tolerance * scale
        assert abs(by_b) <= tolerance * scale * max(1.0, float(np.abs(x).max()))


def test_the_optimum_is_that_of_a_slow_minimiser() -> None:
    rng = np.random.default_rng(1)
    x = np.log2(np.array([1.0, 3.0, 10.0, 60.0, 500.0]))
    total = rng.exponential(0.2, (3, 5))
    share = rng.random((3, 5))
    for penalty in (0.01, 0.1, 5.0):
        fits = fit(x, total * share, total * (1 - share), regularization=penalty)
        for draw in range(3):
            a, b = slow_fit(list(x), list((total * share)[draw]), list((total * (1 - share))[draw]), penalty)
            assert fits.intercept[draw] == pytest.approx(a, abs=1e-9)
            assert fits.slope[draw] == pytest.approx(b, abs=1e-9)


weights = st.one_of(st.just(0.0), st.just(1e-200), st.floats(1e-9, 1.0))


@properties
@given(
    st.lists(st.tuples(st.floats(-8, 14), weights, weights), min_size=1, max_size=8),
    st.sampled_from([1e-4, 0.1, 3.0]),
)
def test_the_gradient_vanishes_in_any_data(groups: list[tuple[float, float, float]], penalty: float) -> None:
    x, s, f = (np.array(column) for column in zip(*groups, strict=True))
    fits = fit(x, s[None, :], f[None, :], regularization=penalty)
    assert bool(fits.fitted[0]) == (bool(s.any()) and bool(f.any()))
    assert_optimal(fits, x, s[None, :], f[None, :], penalty, 1e-10)


@pytest.mark.parametrize("penalty", [0.1, 1e-3, 1e-6])
def test_separated_data_and_rare_successes_converge(penalty: float) -> None:
    rng = np.random.default_rng(2)
    x = np.sort(rng.uniform(-3, 11, 40))
    below = np.arange(40) < rng.integers(1, 40, 30)[:, None]
    separated = fit(x, below / 40, ~below / 40, regularization=penalty)
    assert_optimal(separated, x, below / 40, ~below / 40, penalty, 1e-10)
    rare = np.where(np.arange(40) == rng.integers(0, 40, 30)[:, None], 1e-9, 0.0)
    often = rng.poisson(1, (30, 40)) / 40
    assert_optimal(fit(x, rare, often, regularization=penalty), x, rare, often, penalty, 1e-10)


def test_draws_do_not_depend_on_each_other() -> None:
    rng = np.random.default_rng(3)
    x, s, f = rng.normal(size=30), rng.random((700, 30)), rng.random((700, 30))
    together = fit(x, s, f, regularization=0.1)
    for draw in (0, 345, 699):
        alone = fit(x, s[draw : draw + 1], f[draw : draw + 1], regularization=0.1)
        assert alone.slope[0] == pytest.approx(together.slope[draw], rel=1e-12)
        assert alone.intercept[0] == pytest.approx(together.intercept[draw], rel=1e-12)


def test_the_penalty_is_on_the_slope_alone_and_weights_are_not_scaled() -> None:
    """One place of success and one of failure: a is free, and b solves b * penalty = w * sigmoid(-b) * 2."""
    w = 0.5
    b = bisected(lambda b: 0.1 * b - 2 * w * sigmoid(-b), 50.0)
    fits = one([-1.0, 1.0], [0.0, w], [w, 0.0])
    assert fits.slope[0] == pytest.approx(b, rel=1e-12)
    assert fits.intercept[0] == pytest.approx(0, abs=1e-12)
    lighter = one([-1.0, 1.0], [0.0, w / 10], [w / 10, 0.0])
    assert lighter.slope[0] < fits.slope[0] / 2


def test_equal_success_everywhere_is_exactly_level() -> None:
    fits = one([0.1, 0.2, 0.7], [0.1, 0.1, 0.1], [0.3, 0.3, 0.3])
    assert fits.slope[0] == 0.0
    assert fits.intercept[0] == pytest.approx(math.log(1 / 3))
    assert not fits.falling[0]


def test_one_place_is_level() -> None:
    fits = one([5.0], [0.2], [0.6])
    assert (fits.slope[0], bool(fits.fitted[0])) == (0.0, True)
    assert fits.intercept[0] == pytest.approx(math.log(1 / 3))


def test_draws_of_one_class_and_empty_ones_are_named() -> None:
    x, none, some = np.array([1.0, 2.0]), [0.0, 0.0], [0.5, 0.5]
    fits = fit(x, np.array([none, some, none, some]), np.array([some, none, none, some]), regularization=0.1)
    assert fits.failures_only.tolist() == [True, False, False, False]
    assert fits.successes_only.tolist() == [False, True, False, False]
    assert fits.empty.tolist() == [False, False, True, False]
    assert fits.fitted.tolist() == [False, False, False, True]
    assert fits.slope[0] == -math.inf
    assert np.isnan(fits.slope[1:3]).all()
    assert np.isnan(fits.intercept[:3]).all()
    horizons = horizon_at(fits, 0.5)
    assert horizons[:2].tolist() == [0.0, math.inf]
    assert math.isnan(horizons[2])


def test_no_groups_at_all_are_empty_draws() -> None:
    assert fit(np.zeros(0), np.zeros((3, 0)), np.zeros((3, 0)), regularization=0.1).empty.all()


def curve(intercept: float, slope: float) -> Fits:
    no = np.array([False])
    return Fits(intercept=np.array([intercept]), slope=np.array([slope]), failures_only=no, successes_only=no, empty=no)


def test_the_horizon_is_where_the_curve_crosses() -> None:
    assert horizon_at(curve(3.0, -0.5), 0.5)[0] == pytest.approx(64.0)
    at = horizon_at(curve(3.0, -0.5), 0.8)[0]
    assert sigmoid(3.0 - 0.5 * math.log2(at)) == pytest.approx(0.8)


def test_horizons_beyond_all_floats_are_zero_or_infinite_without_a_warning() -> None:
    assert horizon_at(curve(-3.0, -1e-3), 0.5)[0] == 0.0
    assert horizon_at(curve(3.0, -1e-3), 0.5)[0] == math.inf
    assert horizon_at(curve(3.0, 0.0), 0.5)[0] == 0.0
    assert horizon_at(curve(-3.0, 0.0), 0.5)[0] == math.inf
    assert math.isnan(horizon_at(curve(0.0, 0.0), 0.5)[0])


@pytest.mark.parametrize("penalty", [0.0, -0.1, math.nan, math.inf])
def test_without_a_penalty_there_may_be_no_optimum_and_so_it_is_refused(penalty: float) -> None:
    with pytest.raises(ValueError, match="regularization must be finite and above 0"):
        one([1.0, 2.0], [0.1, 0.2], [0.2, 0.1], penalty=penalty)


def test_places_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="x must be finite"):
        one([1.0, math.inf], [0.1, 0.2], [0.2, 0.1])


def test_a_fit_that_does_not_converge_is_an_error_and_not_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_metr.protocol.fit.MOST_STEPS", 1)
    with pytest.raises(NoOptimum, match="1 of 1 fits did not converge in 1 steps"):
        one([1.0, 2.0, 5.0], [0.1, 0.2, 0.0], [0.2, 0.1, 0.5])
