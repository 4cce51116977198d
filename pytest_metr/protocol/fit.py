"""The curve of success over human time: weighted logistic fits of many draws at once.

Source: METR's time-horizon analysis of 2025: P(success) = sigmoid(a + b * log2(human minutes)), by weighted maximum
likelihood with an L2 penalty on b alone. METR's solver stops early; this one goes on to the optimum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:  # it takes an eighth of numpy's own start
    from numpy.typing import NDArray

FloatArray: TypeAlias = "NDArray[np.float64]"
BoolArray: TypeAlias = "NDArray[np.bool_]"
IntArray: TypeAlias = "NDArray[np.int64]"

#: A Newton step that moves no log-odds by more than this is the last: what is left after it is about its square.
LAST_STEP = 1e-7
MOST_STEPS = 5000
#: Successes and failures whose mean places differ by no more than this, on a scale of -1..1, have a level curve.
LEVEL = 1e-12
STEEPEST_START = 20.0
#: Draws are fitted in blocks of about this many elements, which stay in a processor's cache.
BLOCK = 2**15


class NoOptimum(ArithmeticError):
    """A curve did not converge, which next to no regularization makes possible: its optimum is then too far away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """The fitted curves of D draws, sigmoid(intercept + slope * x).

    Draws of one class are not fitted: *intercept* is NaN there; *slope* is minus infinity for failures alone, else NaN.

    :param intercept: (D,) a.
    :param slope: (D,) b; exactly 0 where no slope can be told from none.
    :param failures_only: (D,) draws with weight on failures alone.
    :param successes_only: (D,) draws with weight on successes alone.
    :param empty: (D,) draws without any weight.
    """

    intercept: FloatArray
    slope: FloatArray
    failures_only: BoolArray
    successes_only: BoolArray
    empty: BoolArray

    @property
    def fitted(self) -> BoolArray:
        """(D,) the draws that have a curve: those with both successes and failures."""
        return ~(self.failures_only | self.successes_only | self.empty)

    @property
    def falling(self) -> BoolArray:
        """(D,) the draws whose curve falls with human time, so that a horizon has its meaning."""
        return self.fitted & (self.slope < 0)


def fit(
    x: FloatArray, success: FloatArray, failure: FloatArray, *, regularization: float, last_step: float = LAST_STEP
) -> Fits:
    """Fit one curve to each draw.

    Minimised in each draw: sum(success * softplus(-z) + failure * softplus(z)) + regularization / 2 * b**2 with
    z = a + b * x. The weights are taken as they are: a draw with more weight is penalised less, as in METR's code.

    :param x: (G,) log2 of the human minutes of each group of runs; finite.
    :param success: (D, G) the weight of the successes of each group in each draw; finite, not negative.
    :param failure: (D, G) likewise of the failures.
    :param regularization: above 0, so that every draw of two classes has exactly one optimum.
    :param last_step: a fit ends with a step that moves no log-odds by more than this.
    :raises ValueError: where *regularization* is not above 0 or *x* is not finite.
    :raises NoOptimum: where a draw does not converge.
    """
    if not 0 < regularization < math.inf:
        raise ValueError(f"regularization must be finite and above 0, not {regularization}")
    if not np.isfinite(x).all():
        raise ValueError("x must be finite")
    any_success: BoolArray = np.any(success > 0, axis=1)
    any_failure: BoolArray = np.any(failure > 0, axis=1)
    fitted = any_success & any_failure
    intercept = np.full(len(success), np.nan)
    slope = np.where(any_failure & ~any_success, -np.inf, np.nan)
    where = np.flatnonzero(fitted)
    size = max(1, BLOCK // max(1, len(x)))
    for start in range(0, len(where), size):
        block = where[start : start + size]
        intercept[block], slope[block] = _fit_block(x, success[block], failure[block], regularization, last_step)
    return Fits(
        intercept=intercept,
        slope=slope,
        failures_only=any_failure & ~any_success,
        successes_only=any_success & ~any_failure,
        empty=~any_success & ~any_failure,
    )


def horizon_at(fits: Fits, p: float) -> FloatArray:
    """Return (D,) the human minutes at which each curve crosses *p*: 2 ** ((log(p / (1 - p)) - a) / b).

    As in METR's code, the formula is applied to curves that do not fall as well (see :attr:`Fits.falling`). Failures
    alone have the horizon 0, successes alone an infinite one, and an empty draw none (NaN).

    :param p: a chance of success, between 0 and 1.
    """
    with np.errstate(all="ignore"):  # a level curve divides by 0; huge and tiny horizons leave the range of floats
        minutes = np.exp2((math.log(p / (1 - p)) - fits.intercept) / fits.slope)
    minutes[fits.failures_only] = 0.0
    minutes[fits.successes_only] = np.inf
    return minutes


def _fit_block(
    x: FloatArray, success: FloatArray, failure: FloatArray, regularization: float, last_step: float
) -> tuple[FloatArray, FloatArray]:
    """Return (n,) intercepts and slopes of draws that all have both classes."""
    middle = (x.max() + x.min()) / 2
    reach = float(x.max() - x.min()) / 2 or 1.0
    u = (x - middle) / reach  # -1..1, for the conditioning alone: the penalty is the same, on b = slope / reach
    penalty = regularization / reach / reach  # infinite, not an error, for places next to each other
    level, slope = _start(u, success, failure, penalty)
    active = np.flatnonzero(slope)
    success, failure = success[active], failure[active]
    for _ in range(MOST_STEPS):
        if not len(active):
            break
        step_level, step_slope = _newton_step(u, success, failure, level[active], slope[active], penalty)
        move = np.abs(step_level) + np.abs(step_slope)  # no log-odds moves further, since u is within -1..1
        with np.errstate(invalid="ignore"):
            damping = np.where(move > last_step, np.log1p(move) / move, 1.0)
        level[active] += damping * step_level
        slope[active] += damping * step_slope
        going = ~(move <= last_step)  # NaN goes on, and is told at the end
        if not going.all():
            active, success, failure = active[going], success[going], failure[going]
    else:
        raise NoOptimum(f"{len(active)} of {len(level)} fits did not converge in {MOST_STEPS} steps")
    return level - slope * middle / reach, slope / reach


def _start(u: FloatArray, success: FloatArray, failure: FloatArray, penalty: float) -> tuple[FloatArray, FloatArray]:
    """Return (n,) levels and slopes to begin with: those of two normal classes with one variance, shrunk.

    A slope of exactly 0 is the optimum already: the loss is convex, and its gradient is 0 there where successes and
    failures have the same mean. Rounding must not give such a slope a sign, which would be a horizon out of nothing.
    """
    successes, failures = np.add.reduce(success, axis=1), np.add.reduce(failure, axis=1)
    mean_success = np.einsum("dg,g->d", success, u) / successes
    mean_failure = np.einsum("dg,g->d", failure, u) / failures
    squares = np.einsum("dg,g->d", success, u * u) + np.einsum("dg,g->d", failure, u * u)
    within = squares - successes * mean_success**2 - failures * mean_failure**2
    apart = mean_success - mean_failure
    with np.errstate(over="ignore"):  # weights next to nothing leave a slope next to nothing
        shrinking = penalty / successes + penalty / failures
    slope = apart / (np.maximum(within, 0.0) / (successes + failures) + shrinking)
    slope = np.where(np.abs(apart) <= LEVEL, 0.0, np.clip(slope, -STEEPEST_START, STEEPEST_START))
    return np.log(successes) - np.log(failures) - slope * (mean_success + mean_failure) / 2, slope


def _newton_step(
    u: FloatArray, success: FloatArray, failure: FloatArray, level: FloatArray, slope: FloatArray, penalty: float
) -> tuple[FloatArray, FloatArray]:
    """Return the full Newton step of each draw, in level and slope.

    A step that moves the log-odds by at most m is safe when shortened by log(1 + m) / m: the logistic loss is
    self-concordant in the sense of Bach (2010, "Self-concordant analysis for logistic regression"), so the loss then
    falls for certain, without a search along the line. Sums go over groups within a draw, element by element and
    never through a matrix product, so that no number depends on how many threads a linear algebra library has.
    """
    z = slope[:, None] * u
    z += level[:, None]
    np.minimum(z, 700.0, out=z)  # the exponential stays finite; beyond it there is nothing but zeros
    odds = np.exp(z, out=z)
    fails = odds + 1.0
    np.reciprocal(fails, out=fails)  # 1 - p and p, each with all its digits
    p = np.multiply(odds, fails, out=odds)
    residual = failure * p
    residual -= success * fails
    curvature = np.multiply(p, fails, out=p)
    curvature *= success + failure
    gradient_level = np.add.reduce(residual, axis=1)
    gradient_slope = np.einsum("dg,g->d", residual, u) + penalty * slope
    total = np.add.reduce(curvature, axis=1)
    curvature *= u
    first = np.add.reduce(curvature, axis=1)
    curvature *= u
    second = np.add.reduce(curvature, axis=1)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = first / total
        spread = np.maximum(second - mean * first, 0.0) + penalty
        step_slope = -(gradient_slope - mean * gradient_level) / spread
        step_level = -gradient_level / total - mean * step_slope
    return step_level, step_slope
