"""How often the intervals of corrected scores hold the truth, where only a random sample of failures was read.

    python -m benchmarks.elicitation

Agents are drawn from a population whose truth is known: families of tasks that differ in difficulty, failures that are
spurious more often on short tasks than on long ones. They are spurious one by one, or all failures of a task together,
as with a bug of the task. Of each agent's failures a random sample is read without error. The share of agents whose
95 % interval holds the true corrected score should be about 0.95; below 0.90 is over the bound.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from collections.abc import Sequence

from pytest_metr.protocol.elicitation import elicit
from pytest_metr.report.results.numbers import shown_interval
from pytest_metr.types import Bracket, EvaluationProtocol, Finding, RunRow, Sample

FAMILIES, TASKS = 40, 2
#: Runs of each task, and whether the failures of a task are spurious together.
POPULATIONS = ((2, False), (2, True), (4, True))
#: Human minutes -> mean chance of success, and chance that a failure is spurious.
KINDS = {5.0: (0.7, 0.5), 100.0: (0.3, 0.2)}
#: By how much families lie above or below the mean chance.
SPREAD = 0.25
READ = 30
LEAST = 0.90


def covered(*, runs: int, together: bool, repetitions: int, draws: int, rng: random.Random) -> dict[str, float]:
    """Return by correction the share of agents whose interval holds the truth."""
    protocol = EvaluationProtocol(
        name="coverage",
        version="1",
        brackets=(Bracket(name="short", upper=60.0), Bracket(name="long", upper=960.0)),
        draws=draws,
    )
    truth, hits = true_scores(runs, together), Counter[str]()
    for number in range(repetitions):
        rows, spurious = agent(number, runs, together, rng)
        failed = [row.run_id for row in rows if not row.success]
        drawn = rng.sample(failed, min(READ, len(failed)))
        findings = {run_id: found(run_id, run_id in spurious) for run_id in drawn}
        sample = Sample(
            agent=rows[0].agent,
            population="failed",
            of=len(failed),
            runs=tuple(drawn),
            seed=0,
            reviewer="reader",
            at="",
        )
        results = elicit(rows, protocol, findings=findings, samples=[sample])
        for name, value in truth.items():
            result = next(result for result in results.corrected if result.name == name)
            interval = shown_interval(result.overall_score)
            hits[name] += interval is not None and interval.low <= value <= interval.high
    return {name: hits[name] / repetitions for name in truth}


def true_scores(runs: int, together: bool) -> dict[str, float]:
    """Return the scores over the whole population, where every kind weighs the same.

    A task that keeps any run keeps its weight; its score is that of the runs that stay.
    """
    chances = [(chance + side * SPREAD, spurious) for chance, spurious in KINDS.values() for side in (-1, 1)]
    upper = sum(p + (1 - p) * s for p, s in chances) / len(chances)
    score, kept = 0.0, 0.0
    for p, s in chances:
        for successes in range(runs + 1):
            chance = math.comb(runs, successes) * p**successes * (1 - p) ** (runs - successes)
            for staying, share in _staying(runs - successes, s, together):
                if successes + staying:
                    kept += chance * share
                    score += chance * share * successes / (successes + staying)
    return {"upper_bound": upper, "without_spurious": score / kept}


def _staying(failures: int, spurious: float, together: bool) -> list[tuple[int, float]]:
    """Return how many failures of a task may stay, each number with its chance."""
    if together:
        return [(0, spurious), (failures, 1 - spurious)]
    return [(n, math.comb(failures, n) * (1 - spurious) ** n * spurious ** (failures - n)) for n in range(failures + 1)]


def agent(number: int, runs: int, together: bool, rng: random.Random) -> tuple[list[RunRow], set[str]]:
    """Return the runs of an agent, and the ids of its spurious failures."""
    rows: list[RunRow] = []
    spurious: set[str] = set()
    kinds = list(KINDS.items())
    for family in range(FAMILIES):
        minutes, (chance, share) = rng.choice(kinds)
        chance += rng.choice((-1, 1)) * SPREAD
        for task in range(TASKS):
            bug = rng.random() < share
            for run in range(runs):
                good = rng.random() < chance
                run_id = f"{family}.{task}.{run}"
                if not good and (bug if together else rng.random() < share):
                    spurious.add(run_id)
                rows.append(
                    RunRow(
                        run_id=run_id,
                        agent=f"agent{number}",
                        task_id=f"f{family}/t{task}",
                        family=f"f{family}",
                        status="scored",
                        score=float(good),
                        success=good,
                        human_minutes=minutes,
                    )
                )
    return rows, spurious


def found(run_id: str, spurious: bool) -> Finding:
    """Return what a reader says who makes no mistake."""
    label = "spurious" if spurious else "real"
    return Finding(run_id=run_id, label=label, labels={"reader": label})  # type: ignore[dict-item,arg-type]


def main(arguments: Sequence[str]) -> int:
    """Print the shares; 1 where one of them is too low."""
    repetitions = int(arguments[0]) if arguments else 200
    lowest = 1.0
    for runs, together in POPULATIONS:
        failures = FAMILIES * TASKS * runs * (1 - sum(chance for chance, _ in KINDS.values()) / len(KINDS))
        print(f"{READ} of about {failures:.0f} failures are read")
        rates = covered(runs=runs, together=together, repetitions=repetitions, draws=200, rng=random.Random(11))
        for name, rate in rates.items():
            how = "together" if together else "one by one"
            what = f"{name}, {runs} runs of each task, spurious {how}"
            print(f"{what}: {rate:.3f} of {repetitions} intervals hold the truth (at least {LEAST:g})")
        lowest = min(lowest, *rates.values())
    return 0 if lowest >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
