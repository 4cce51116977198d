"""The numbers of a draw, for many draws at once: scores, brackets and the curve.

The runs as they are make one more draw, in which every run is there once: a point estimate and a draw of the bootstrap
are computed by the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pytest_metr.protocol.fit import Fits, FloatArray, IntArray, fit
from pytest_metr.protocol.resample import chunks, generator, outcome_counts, task_counts
from pytest_metr.protocol.table import Table, distinct
from pytest_metr.types import EvaluationProtocol

#: The regularization of the curves that only bounds go by. That of METR flattens the curve of an agent that does
#: next to nothing, or next to everything, so that its horizon lies beyond what the data say of it.
NEXT_TO_NONE = 1e-3
#: How exactly these are fitted: what is left is about the square of this, far below what a bound tells.
ROUGHLY = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """(D,) weighted means in each draw, NaN in a draw that has no weight there."""

    score: FloatArray
    success_rate: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The numbers of D draws.

    :param overall: over all runs.
    :param brackets: by the name of the bracket, in the protocol's order, over the runs in it.
    :param fits: the curves.
    :param loose: the curves with next to no regularization.
    """

    overall: Means
    brackets: dict[str, Means]
    fits: Fits
    loose: Fits


class Measuring(Protocol):
    """What computes the numbers of draws.

    :ivar brackets: by the name of each of the protocol's brackets, (g,) the indices of the groups in it.
    """

    brackets: dict[str, IntArray]

    def measure(self, counts: IntArray) -> Measures:
        """Return the numbers of draws.

        :param counts: (D, G) how many runs of each group are in each draw.
        """


def places_of_brackets(table: Table, protocol: EvaluationProtocol) -> dict[str, IntArray]:
    """Return by the name of each of the protocol's brackets (g,) the indices of the groups in it."""
    minutes = table.minutes.tolist()
    names = {value: protocol.bracket_of(value) for value in set(minutes)}
    of_group = [names.get(value) for value in minutes]  # NaN, which equals nothing, is found in none
    return {
        bracket.name: np.array([i for i, name in enumerate(of_group) if name == bracket.name], dtype=np.int64)
        for bracket in protocol.brackets
    }


def fitted(x: FloatArray, success: FloatArray, failure: FloatArray, regularization: float) -> tuple[Fits, Fits]:
    """Return the curves of draws, and the same with next to no regularization; see :func:`fit`."""
    fits = fit(x, success, failure, regularization=regularization)
    if regularization <= NEXT_TO_NONE:
        return fits, fits
    return fits, fit(x, success, failure, regularization=NEXT_TO_NONE, last_step=ROUGHLY)


class Measurer:
    """Computes the numbers of draws of one table, by a protocol; see :class:`Measuring`."""

    def __init__(self, table: Table, protocol: EvaluationProtocol) -> None:
        self._weight = table.weight
        self._score = table.score
        self._is_success = table.success.astype(np.float64)
        self.brackets = places_of_brackets(table, protocol)
        share = table.shares(fractional=protocol.fractional)
        minutes = distinct(table.minutes[~np.isnan(table.minutes)])
        self._x: FloatArray = np.log2(minutes)
        self._success = Columns.of(table, share, minutes)
        self._failure = Columns.of(table, 1 - share, minutes)
        self._regularization = protocol.regularization

    def measure(self, counts: IntArray) -> Measures:
        """Return the numbers of draws.

        :param counts: (D, G) how many runs of each group are in each draw.
        """
        weights = counts * self._weight
        fits, loose = fitted(self._x, self._success.sums(weights), self._failure.sums(weights), self._regularization)
        return Measures(
            overall=self._means(weights, self._score, self._is_success),
            brackets={
                name: self._means(weights.take(groups, axis=1), self._score[groups], self._is_success[groups])
                for name, groups in self.brackets.items()
            },
            fits=fits,
            loose=loose,
        )

    @staticmethod
    def _means(weights: FloatArray, score: FloatArray, success: FloatArray) -> Means:
        """Ratios of sums, sum(w * s) / sum(w): in a draw the weights, which are carried along, do not add up to 1."""
        # The sum of weights is made in the way of the others, so that successes alone have a rate of exactly 1.
        total = np.einsum("dg,g->d", weights, np.ones_like(score))
        total[total == 0] = np.nan
        return Means(
            score=np.einsum("dg,g->d", weights, score) / total,
            success_rate=np.einsum("dg,g->d", weights, success) / total,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """How the weights of groups become those of the successes, or of the failures, at each place of the curve.

    :param groups: (g,) the groups that have a share in them, by rising human minutes.
    :param share: (g,) what share of such a group's weight it is.
    :param starts: (p,) where the groups of each place begin.
    :param places: (p,) the places that have any.
    :param width: the number of all places.
    """

    groups: IntArray
    share: FloatArray
    starts: IntArray
    places: IntArray
    width: int

    @classmethod
    def of(cls, table: Table, share: FloatArray, minutes: FloatArray) -> Columns:
        known = np.flatnonzero(~np.isnan(table.minutes) & (share > 0))
        groups = known[np.argsort(table.minutes[known], kind="stable")]
        there, starts = np.unique(table.minutes[groups], return_index=True)
        places = np.searchsorted(minutes, there)
        return cls(groups=groups, share=share[groups], starts=starts, places=places, width=len(minutes))

    def sums(self, weights: FloatArray) -> FloatArray:
        """Return (D, width) the sums at each place of (D, G) weights."""
        result = np.zeros((len(weights), self.width))
        if len(self.groups):
            shares = weights.take(self.groups, axis=1)
            shares *= self.share
            result[:, self.places] = np.add.reduceat(shares, self.starts, axis=1)
        return result


def bootstrap(table: Table, measurer: Measuring, protocol: EvaluationProtocol, *names: str) -> Measures:
    """Return the numbers of all draws of the hierarchical bootstrap.

    :param names: what the random numbers follow from beside the protocol's seed: the agent's name.
    """
    rng = generator(protocol.seed, *names)
    parts = []
    for draws in chunks(protocol.draws, len(table.runs)):
        tasks = task_counts(rng, table.family_of_task, draws)
        parts.append(measurer.measure(outcome_counts(rng, tasks, table.task_of_group, table.runs)))
    return joined(parts)


def joined(parts: Sequence[Measures]) -> Measures:
    """Return the numbers of several pieces of draws, at least one, as those of all draws in their order."""
    return Measures(
        overall=_joined_means([part.overall for part in parts]),
        brackets={name: _joined_means([part.brackets[name] for part in parts]) for name in parts[0].brackets},
        fits=_joined_fits([part.fits for part in parts]),
        loose=_joined_fits([part.loose for part in parts]),
    )


def _joined_fits(fits: Sequence[Fits]) -> Fits:
    return Fits(
        intercept=np.concatenate([part.intercept for part in fits]),
        slope=np.concatenate([part.slope for part in fits]),
        failures_only=np.concatenate([part.failures_only for part in fits]),
        successes_only=np.concatenate([part.successes_only for part in fits]),
        empty=np.concatenate([part.empty for part in fits]),
    )


def _joined_means(parts: Sequence[Means]) -> Means:
    return Means(
        score=np.concatenate([part.score for part in parts]),
        success_rate=np.concatenate([part.success_rate for part in parts]),
    )
