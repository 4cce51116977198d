"""The numbers of an agent of whose runs only a random sample was read: what was found in it speaks for the others.

A correction is about some of a population, the failed runs for example: the hits. Of a run that was read it is known
whether it is one. Of all others there is a chance, the same for all of a stratum, estimated from the random sample:

    q = sum(w, sampled hits) / sum(w, sampled)                   the share of hits by weight, a ratio estimator
    chance = (q * sum(w, all) - sum(w, hits read)) / sum(w, unread)      kept within 0 and 1

with the weights w that the runs count with. So the estimated hits are those of the whole stratum, whoever has chosen
the further runs that were read beside the sample, and nothing is estimated where everything was read. An unread run is
then a hit with its chance: part of its weight is left out, or part of it counts as a success.

Strata are brackets, neighbours put together until each has a few sampled runs (post-stratification: how often failures
are spurious may depend on how long the tasks are). Source: Cochran (1977), "Sampling Techniques", chapters 5A and 6.

The chances are estimated anew in every draw of the bootstrap, from the sampled runs in it; so the intervals hold what
is uncertain about the sample as well as about the runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pytest_metr.protocol.elicitation.reading import ReadRow
from pytest_metr.protocol.elicitation.rules import Effect, Rule
from pytest_metr.protocol.fit import FloatArray, IntArray
from pytest_metr.protocol.intervals import exact_binomial
from pytest_metr.protocol.measures import Columns, Means, Measures, fitted, places_of_brackets
from pytest_metr.protocol.table import Table, distinct
from pytest_metr.types import EvaluationProtocol

#: What is assumed of how hits of one task stand and fall together, and how many pairs of runs it counts as much as.
_UNKNOWN_TOGETHER, _PRIOR_PAIRS = 0.5, 2
#: As many sampled runs a stratum has at least.
FEWEST_SAMPLED = 5
#: What is known of a run of the population. Marks are 0 for others, else 1 + 6 * stratum + state. The last state is of
#: a hit that could not have been drawn; the other runs that could not are none of the population here.
_HIT_SAMPLED, _HIT_CHOSEN, _MISS_SAMPLED, _MISS_CHOSEN, _UNREAD, _HIT_OUTSIDE = range(6)
_DRAWABLE = (_HIT_SAMPLED, _HIT_CHOSEN, _MISS_SAMPLED, _MISS_CHOSEN, _UNREAD)
_STATES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Strata:
    """The runs by what is known of them.

    :param marks: one for each row.
    :param number: of the strata, at least 1.
    """

    marks: tuple[int, ...]
    number: int


def stratify(reads: Sequence[ReadRow], rule: Rule, protocol: EvaluationProtocol) -> Strata:
    """Return the strata of the population that a correction is about."""
    names: list[str | None] = [*(bracket.name for bracket in protocol.brackets), None]
    sampled = [
        sum(r.sampled and r.bracket == name and r.population == rule.population for r in reads) for name in names
    ]
    stratum: dict[str | None, int] = {}
    current, inside = 0, 0
    for place, name in enumerate(names):
        stratum[name] = current
        inside += sampled[place]
        if inside >= FEWEST_SAMPLED and sum(sampled[place + 1 :]) >= FEWEST_SAMPLED:
            current, inside = current + 1, 0
    states = [_state(read, rule) for read in reads]
    marks = [
        0 if state is None else 1 + _STATES * stratum[read.bracket] + state
        for read, state in zip(reads, states, strict=True)
    ]
    return Strata(marks=tuple(marks), number=current + 1)


def _state(read: ReadRow, rule: Rule) -> int | None:
    if read.population != rule.population:
        return None
    if not read.drawable:
        return _HIT_OUTSIDE if rule.hits(read) else None
    if read.finding is None:
        return _UNREAD
    if rule.hits(read):
        return _HIT_SAMPLED if read.sampled else _HIT_CHOSEN
    return _MISS_SAMPLED if read.sampled else _MISS_CHOSEN


class InferringMeasurer:
    """Computes the corrected numbers of draws; the like of :class:`~pytest_metr.protocol.measures.Measurer`.

    :param table: of all counted runs, with the marks of :func:`stratify`, and the weights that they count with.
    :param kept: (T,) for a correction that leaves runs out: the weight of each task among those that keep any run; None
        where weights are recorded with the runs, so that a run that is left out takes its weight with it.
    :param full: the score of a success.
    :param together: how far the hits of one task stand and fall together, from 0 to 1, see :func:`togetherness`.
    :param chances: (H,) the chances of unread runs by stratum; None to estimate them in each draw.
    """

    def __init__(
        self,
        table: Table,
        protocol: EvaluationProtocol,
        *,
        effect: Effect,
        strata: int,
        kept: FloatArray | None,
        full: float,
        together: float = 0.0,
        chances: FloatArray | None = None,
    ) -> None:
        self._table = table
        self._effect = effect
        self._kept = kept
        self._full = full
        self._given = chances
        self._together = together
        self._regularization = protocol.regularization
        state, stratum = (table.mark - 1) % _STATES, (table.mark - 1) // _STATES
        state[table.mark == 0] = -1
        self._known: FloatArray = np.isin(state, (_HIT_SAMPLED, _HIT_CHOSEN, _HIT_OUTSIDE)).astype(np.float64)
        self._unread = np.flatnonzero(state == _UNREAD)
        self._stratum = stratum
        self._members = {
            number: ((state == number)[:, None] & (stratum[:, None] == np.arange(strata))).astype(np.float64)
            for number in _DRAWABLE
        }
        self._share = table.shares(fractional=protocol.fractional)
        self.brackets = places_of_brackets(table, protocol)
        minutes = distinct(table.minutes[~np.isnan(table.minutes)])
        self._x: FloatArray = np.log2(minutes)
        self._columns = Columns.of(table, np.ones(len(table.runs)), minutes)
        self._starts: IntArray = np.flatnonzero(np.append(True, np.diff(table.task_of_group) > 0))
        self.point_chances = self._estimated(table.runs[None, :] * table.weight, fallback=np.zeros(strata))[0]

    def counts(self, strata: int) -> list[tuple[int, int]]:
        """Return for each stratum how many sampled runs are hits, and how many were sampled."""
        runs = self._table.runs
        hits, misses = runs @ self._members[_HIT_SAMPLED], runs @ self._members[_MISS_SAMPLED]
        return [(int(hits[h]), int(hits[h] + misses[h])) for h in range(strata)]

    def inferred(self) -> float:
        """Return how many unread runs come to be hits."""
        return float((self._table.runs * self._chance_of_group(self.point_chances[None, :])[0])[self._unread].sum())

    def measure(self, counts: IntArray) -> Measures:
        """Return the numbers of draws.

        :param counts: (D, G) how many runs of each group are in each draw.
        """
        weights = counts * self._table.weight
        if self._given is None:
            chances = self._estimated(weights, fallback=self.point_chances)
        else:
            chances = np.broadcast_to(self._given, (len(counts), len(self._given)))
        hit = self._chance_of_group(chances)
        if self._effect == "drop":
            weights = weights * (1 - hit) if self._kept is None else counts * self._weights_without(hit, self._kept)
        score, share, success = (
            self._corrected(of_each, hit, full)
            for of_each, full in (
                (self._table.score, self._full),
                (self._share, 1.0),
                (self._table.success.astype(np.float64), 1.0),
            )
        )
        fits, loose = fitted(
            self._x,
            self._columns.sums(weights * share),
            self._columns.sums(weights * (1 - share)),
            self._regularization,
        )
        return Measures(
            overall=_means(weights, score, success),
            brackets={
                name: _means(weights[:, groups], score[:, groups], success[:, groups])
                for name, groups in self.brackets.items()
            },
            fits=fits,
            loose=loose,
        )

    def _estimated(self, weights: FloatArray, *, fallback: FloatArray) -> FloatArray:
        """Return (D, H) the chances of unread runs.

        A draw without a sampled run in a stratum goes by those of all strata, one without any by *fallback* (H,).
        """
        by_state = {number: weights @ members for number, members in self._members.items()}
        sampled = by_state[_HIT_SAMPLED] + by_state[_MISS_SAMPLED]
        with np.errstate(invalid="ignore", divide="ignore"):
            pooled = by_state[_HIT_SAMPLED].sum(axis=1) / sampled.sum(axis=1)
            share = np.where(sampled > 0, by_state[_HIT_SAMPLED] / sampled, pooled[:, None])
            unread = by_state[_UNREAD]
            read_hits = by_state[_HIT_SAMPLED] + by_state[_HIT_CHOSEN]
            chances = (share * sum(by_state.values()) - read_hits) / unread
        chances = np.where(np.isnan(chances), fallback, chances)
        clipped: FloatArray = np.where(unread > 0, np.clip(chances, 0.0, 1.0), 0.0)
        return clipped

    def _chance_of_group(self, chances: FloatArray) -> FloatArray:
        """Return (D, G) the chance of each run to be a hit; 0 and 1 where that is known."""
        hit = np.tile(self._known, (len(chances), 1))
        hit[:, self._unread] = chances[:, self._stratum[self._unread]]
        return hit

    def _weights_without(self, hit: FloatArray, kept: FloatArray) -> FloatArray:
        """Return (D, G) the weights of runs whose hits are left out.

        A task's weight goes to the runs that it keeps, in proportion to their chance to stay, and is itself that of a
        task which keeps any run. With chances of 0 and 1 these are the weights of the runs that stay.

        Whether a task keeps any depends on how far its hits stand and fall together, as with a bug of the task: by
        themselves all are hits with the product of their chances; together with the chance of one, and not at all
        where one is no hit.
        """
        runs, task = self._table.runs, self._table.task_of_group
        with np.errstate(divide="ignore"):
            apart = np.exp(np.add.reduceat(runs * np.log(hit), self._starts, axis=1))
        lowest, highest = (reduce(hit, self._starts, axis=1) for reduce in (np.minimum.reduceat, np.maximum.reduceat))
        all_gone = (1 - self._together) * apart + self._together * np.where(lowest > 0, highest, 0.0)
        staying = np.add.reduceat(runs * (1 - hit), self._starts, axis=1)
        each = np.zeros_like(staying)
        np.divide(kept * (1 - all_gone), staying, out=each, where=staying > 0)
        weights: FloatArray = each[:, task] * (1 - hit)
        return weights

    def _corrected(self, of_each: FloatArray, hit: FloatArray, full: float) -> FloatArray:
        if self._effect == "succeed":
            return of_each + hit * (np.maximum(full, of_each) - of_each)
        if self._effect == "fail":
            return of_each * (1 - hit)
        return np.broadcast_to(of_each, hit.shape)


def togetherness(reads: Sequence[ReadRow], rule: Rule) -> float:
    """Return how far the hits of one task stand and fall together, from 0 (by themselves) to 1, by the sample.

    The correlation of pairs of sampled runs of one task, (p - q ** 2) / (q * (1 - q)), with the share p of pairs that
    are both hits, and the share q of sampled runs that are. Few pairs tell little: two more, of a half each, count too.
    """
    drawn = [read for read in reads if read.sampled and read.population == rule.population]
    tasks: dict[str, list[bool]] = {}
    for read in drawn:
        tasks.setdefault(read.row.task_id, []).append(rule.hits(read))
    pairs = sum(len(hits) * (len(hits) - 1) // 2 for hits in tasks.values())
    both = sum(sum(hits) * (sum(hits) - 1) // 2 for hits in tasks.values())
    share = sum(map(sum, tasks.values())) / len(drawn) if drawn else 0.0
    if not pairs or not 0 < share < 1:
        return _UNKNOWN_TOGETHER
    correlation = min(max((both / pairs - share**2) / (share * (1 - share)), 0.0), 1.0)
    return (pairs * correlation + _PRIOR_PAIRS * _UNKNOWN_TOGETHER) / (pairs + _PRIOR_PAIRS)


def chance_limits(counts: Sequence[tuple[int, int]], confidence: float) -> tuple[FloatArray, FloatArray]:
    """Return (H,) the lowest and the highest chances by stratum that a sample leaves possible.

    Exact binomial limits: a bootstrap of a sample without any hit knows no uncertainty.

    :param counts: for each stratum the sampled hits, and the sampled runs.
    """
    limits = [exact_binomial(hits, trials, confidence) for hits, trials in counts]
    return np.array([limit.low for limit in limits]), np.array([limit.high for limit in limits])


def _means(weights: FloatArray, score: FloatArray, success: FloatArray) -> Means:
    total = weights.sum(axis=1)
    total[total == 0] = np.nan
    return Means(
        score=np.einsum("dg,dg->d", weights, score) / total,
        success_rate=np.einsum("dg,dg->d", weights, success) / total,
    )
