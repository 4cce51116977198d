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
LAST_STEP = 1e-5
MOST_STEPS = 5000
#: Successes and failures whose mean places differ by no more than this, on a scale of -1..1, have a level curve.
LEVEL = 1e-12
STEEPEST_START = 20.0
#: The exponential of higher log-odds would not be finite; beyond this there is nothing but zeros.
HIGHEST = 700.0
#: Draws that are done are taken out when no more than this share is left: a step costs about two such moves.
MOST_LEFT = 0.7
#: Draws are fitted in blocks of about this many elements, which stay in a processor's cache.
BLOCK = 2**16


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
        own = (success, failure) if len(block) == len(success) else (success[block], failure[block])
        intercept[block], slope[block] = _fit_block(x, *own, regularization, last_step)
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
    # Draws side by side: what belongs to a draw is then a row, and goes over all places at once.
    weights = _Weights.of(np.ascontiguousarray(success.T), np.ascontiguousarray(failure.T))
    level, slope = _start(u, weights, penalty)
    draws = np.flatnonzero(slope)
    if len(draws) < len(slope):
        weights = weights.take(draws)
    going = np.ones(len(draws), dtype=np.bool_)
    for _ in range(MOST_STEPS):
        left = np.count_nonzero(going)
        if not left:
            break
        if left <= MOST_LEFT * len(draws):
            draws, weights, going = draws[going], weights.take(np.flatnonzero(going)), going[going]
        step_level, step_slope = _newton_step(u, weights, level[draws], slope[draws], penalty)
        move = np.abs(step_level) + np.abs(step_slope)  # no log-odds moves further, since u is within -1..1
        with np.errstate(invalid="ignore"):
            damping = np.where(move > last_step, np.log1p(move) / move, 1.0)
        moved = draws[going]
        level[moved] += (damping * step_level)[going]
        slope[moved] += (damping * step_slope)[going]
        going &= ~(move <= last_step)  # NaN goes on, and is told at the end
    else:
        raise NoOptimum(f"{left} of {len(level)} fits did not converge in {MOST_STEPS} steps")
    return level - slope * middle / reach, slope / reach


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    """(g, n) the weights at each place in each draw, and room for as many numbers.

    The room is kept from step to step: most of the time would else go into memory that is given back and asked for.
    """

    success: FloatArray
    failure: FloatArray
    both: FloatArray
    room: FloatArray

    @classmethod
    def of(cls, success: FloatArray, failure: FloatArray) -> _Weights:
        return cls(success=success, failure=failure, both=success + failure, room=np.empty((3, success.size)))

    def take(self, draws: IntArray) -> _Weights:
        """Return the weights of some draws, in the same room."""
        success, failure, both = (of.take(draws, axis=1) for of in (self.success, self.failure, self.both))
        return _Weights(success=success, failure=failure, both=both, room=self.room)

    def rooms(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return three arrays of this shape, whose content is any."""
        first, second, third = (room[: self.both.size].reshape(self.both.shape) for room in self.room)
        return first, second, third


def _over_places(values: FloatArray, of_place: FloatArray) -> FloatArray:
    """Return (n,) the sums of (g, n) values times (g,) numbers, never made by a matrix product.

    So no number depends on how many threads a linear algebra library has.
    """
    sums: FloatArray = np.einsum("gd,g->d", values, of_place)
    return sums


def _start(u: FloatArray, weights: _Weights, penalty: float) -> tuple[FloatArray, FloatArray]:
    """Return (n,) levels and slopes to begin with: those of two normal classes with one variance, shrunk.

    A slope of exactly 0 is the optimum already: the loss is convex, and its gradient is 0 there where successes and
    failures have the same mean. Rounding must not give such a slope a sign, which would be a horizon out of nothing.
    """
    successes, failures = np.add.reduce(weights.success, axis=0), np.add.reduce(weights.failure, axis=0)
    mean_success = _over_places(weights.success, u) / successes
    mean_failure = _over_places(weights.failure, u) / failures
    squares = _over_places(weights.both, u * u)
    within = squares - successes * mean_success**2 - failures * mean_failure**2
    apart = mean_success - mean_failure
    with np.errstate(over="ignore"):  # weights next to nothing leave a slope next to nothing
        shrinking = penalty / successes + penalty / failures
    slope = apart / (np.maximum(within, 0.0) / (successes + failures) + shrinking)
    slope = np.where(np.abs(apart) <= LEVEL, 0.0, np.clip(slope, -STEEPEST_START, STEEPEST_START))
    return np.log(successes) - np.log(failures) - slope * (mean_success + mean_failure) / 2, slope


def _newton_step(
    u: FloatArray, weights: _Weights, level: FloatArray, slope: FloatArray, penalty: float
) -> tuple[FloatArray, FloatArray]:
    """Return the full Newton step of each draw, in level and slope.

    A step that moves the log-odds by at most m is safe when shortened by log(1 + m) / m: the logistic loss is
    self-concordant in the sense of Bach (2010, "Self-concordant analysis for logistic regression"), so the loss then
    falls for certain, without a search along the line.
    """
    z, fails, residual = weights.rooms()
    np.einsum("g,d->gd", u, slope, out=z)
    z += level
    if not (np.abs(level) + np.abs(slope)).max() <= HIGHEST:  # NaN as well
        np.minimum(z, HIGHEST, out=z)
    odds = np.exp(z, out=z)
    np.add(odds, 1.0, out=fails)
    np.reciprocal(fails, out=fails)  # 1 - p and p, each with all its digits
    p = np.multiply(odds, fails, out=odds)
    np.multiply(weights.failure, p, out=residual)
    curvature = np.multiply(p, fails, out=p)
    curvature *= weights.both
    fails *= weights.success
    residual -= fails
    gradient_level = np.add.reduce(residual, axis=0)
    gradient_slope = _over_places(residual, u) + penalty * slope
    total = np.add.reduce(curvature, axis=0)
    first, second = _over_places(curvature, u), _over_places(curvature, u * u)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = first / total
        spread = np.maximum(second - mean * first, 0.0) + penalty
        step_slope = -(gradient_slope - mean * gradient_level) / spread
        step_level = -gradient_level / total - mean * step_slope
    return step_level, step_slope
