"""How often the intervals of what a step of elicitation was worth hold the truth, and margins made of them suffice.

    python -m benchmarks.impact [REPETITIONS]

Studies are drawn from a population whose truth is known: families that differ in difficulty, and in what each of two
steps is worth to them, with tasks of any length. The truth is that of a very large sample, by expected scores. The
share of 95 % intervals that hold it should be about 0.95, and that of margins no less than the larger of the two true
gains at least 0.975. With few families both are lower; shares that are too low for 20 families or more are over the
bound.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pytest_metr.protocol import evaluate_agent
from pytest_metr.protocol.impact import Step, measure_impact
from pytest_metr.types import Bracket, Change, EvaluationProtocol, Gain, Impact, Interval, RunRow, SuggestedMargin

STEPS = ("base", "tuned", "scaffold")
#: By how many doublings of human minutes a step moves the curve: its mean, and the spread over families.
WORTH = {"base": (0.0, 0.0), "tuned": (2.0, 1.5), "scaffold": (0.7, 1.0)}
TASKS = 2
#: log2 of human minutes: the shortest and the longest task, and where the base model succeeds half of the time.
SHORTEST, LONGEST, HALF = 0.0, 10.0, 4.0
#: The spread of difficulty over families, and over tasks of a family, in doublings; how fast success falls with these.
OF_FAMILIES, OF_TASKS, SLOPE = 2.0, 1.0, 0.8
POPULATION = 4000
ENOUGH_FAMILIES = 20
LEAST = {"interval": 0.90, "margin": 0.95}
PROTOCOL = EvaluationProtocol(name="coverage", version="1", brackets=(Bracket(name="all", upper=math.inf),), draws=300)
P50 = "time_horizon_p50"


class Truth(NamedTuple):
    """What each step is worth in the population: differences of scores, and of log2 of the horizon at 50 %."""

    scores: tuple[float, ...]
    doublings: tuple[float, ...]


class Rates(NamedTuple):
    """Shares of what holds; and of studies that suggest no margin for the horizon."""

    score: float
    horizon: float
    score_margin: float
    horizon_margin: float
    without: float


def chances(families: int, rng: random.Random) -> Iterator[tuple[int, int, float, dict[str, float]]]:
    """Yield for each task its family, its number, its human minutes, and the chance of success at each step."""
    for family in range(families):
        difficulty = rng.gauss(0.0, OF_FAMILIES)
        worth = {step: rng.gauss(*WORTH[step]) for step in STEPS}
        for task in range(TASKS):
            log2 = rng.uniform(SHORTEST, LONGEST)
            reach, at = HALF - log2 - difficulty - rng.gauss(0.0, OF_TASKS), {}
            for step in STEPS:
                reach += worth[step]
                at[step] = 1 / (1 + math.exp(-SLOPE * reach))
            yield family, task, 2.0**log2, at


def row(agent: str, family: int, task: int, minutes: float, score: float, run: int = 1) -> RunRow:
    return RunRow(
        run_id=f"{family}.{task}.{run}",
        agent=agent,
        task_id=f"f{family}/t{task}",
        family=f"f{family}",
        status="scored",
        score=score,
        success=score > 0.9,
        human_minutes=minutes,
    )


def true_gains(rng: random.Random) -> Truth:
    """Return the truth, by the expected scores of a very large sample."""
    whole = list(chances(POPULATION, rng))
    scores, horizons = [], []
    for step in STEPS:
        rows = [row(step, family, task, minutes, at[step]) for family, task, minutes, at in whole]
        result = evaluate_agent(rows, replace(PROTOCOL, fractional=True, draws=2))
        scores.append(result.overall_score.value or 0.0)
        horizons.append(math.log2(result.horizon.at["50"].value or math.nan))
    return Truth(_differences(scores), _differences(horizons))


def study(number: int, families: int, runs: int, rng: random.Random) -> Impact:
    """Return a study of new families, with some runs of each task at each step."""
    whole = list(chances(families, rng))
    steps = []
    for step in STEPS:
        rows = [
            row(f"{step}{number}", family, task, minutes, float(rng.random() < at[step]), run)
            for family, task, minutes, at in whole
            for run in range(runs)
        ]
        steps.append(Step(name=step, rows=tuple(rows)))
    return measure_impact("coverage", steps, PROTOCOL)


def covered(*, repetitions: int, families: int, runs: int, rng: random.Random) -> Rates:
    """Return how often intervals hold the truth, and margins are no less than it."""
    truth, hits = true_gains(rng), Counter[str]()
    for number in range(repetitions):
        impact = study(number, families, runs, rng)
        for gain, score, doublings in zip(impact.gains, truth.scores, truth.doublings, strict=True):
            hits["score"] += _within(_change(gain, "overall_score").difference.interval, score)
            hits["horizon"] += _within(_change(gain, P50).difference.interval, doublings)
        # A margin that there is not is never too small.
        ends = {margin.metric: _end(margin) for margin in impact.margins}
        hits["score_margin"] += ends["overall_score"] >= max(truth.scores)
        hits["horizon_margin"] += ends[P50] >= 2.0 ** max(truth.doublings)
        hits["without"] += math.isinf(ends[P50])
    gains = repetitions * len(truth.scores)
    return Rates(
        hits["score"] / gains,
        hits["horizon"] / gains,
        hits["score_margin"] / repetitions,
        hits["horizon_margin"] / repetitions,
        hits["without"] / repetitions,
    )


def _differences(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(after - before for before, after in itertools.pairwise(values))


def _change(gain: Gain, metric: str) -> Change:
    change = gain.change(metric)
    assert change is not None
    return change


def _end(margin: SuggestedMargin) -> float:
    return math.inf if margin.margin is None or margin.end is None else margin.end


def _within(interval: Interval | None, value: float) -> bool:
    return interval is not None and interval.low <= value <= interval.high


def main(arguments: Sequence[str]) -> int:
    """Print the shares; 1 where one of them is too low."""
    repetitions = int(arguments[0]) if arguments else 300
    good = True
    print("families  runs   intervals: points  horizon   margins: points  horizon  none for the horizon")
    for families, runs in ((5, 1), (10, 1), (20, 1), (20, 4), (40, 1)):
        rates = covered(repetitions=repetitions, families=families, runs=runs, rng=random.Random(11))
        print(
            f"{families:8}  {runs:4}   {rates.score:17.3f}  {rates.horizon:7.3f}"
            f"   {rates.score_margin:15.3f}  {rates.horizon_margin:7.3f}  {rates.without:20.3f}"
        )
        if families >= ENOUGH_FAMILIES:
            good &= min(rates.score, rates.horizon) >= LEAST["interval"]
            good &= min(rates.score_margin, rates.horizon_margin) >= LEAST["margin"]
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
