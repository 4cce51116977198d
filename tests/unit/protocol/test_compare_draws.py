"""The paired bootstrap: by its definition, with explicit loops, and how often its intervals hold the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from pytest_metr.protocol import compare_agents, run_weights
from pytest_metr.protocol.fit import FloatArray
from pytest_metr.protocol.pairing import paired, paired_draws
from pytest_metr.types import EvaluationProtocol, RunRow

from .compare_rows import change_of
from .runs import PROTOCOL, make_row, table_of

#: Two samples of one distribution are further apart than this once in ten thousand times (Smirnov, 1939).
SMIRNOV = 2.23
LOOPS, DRAWS = 1500, 3000
REPEATS = 80
#: (weight, success) of each run, by family and task.
Suite = dict[str, dict[str, list[tuple[float, float]]]]


def correlated(rng: np.random.Generator, *, families: int, tasks: int, runs: int) -> tuple[list[RunRow], list[RunRow]]:
    """Rows of two agents for whom the same families are hard; the second one is somewhat better."""
    sides: tuple[list[RunRow], list[RunRow]] = ([], [])
    for family in range(families):
        ease = rng.choice([0.1, 0.75])
        for task in range(tasks):
            for agent, rows, gain in (("old", sides[0], 0.0), ("new", sides[1], 0.1)):
                rows += [
                    make_row(f"f{family}/t{task}", agent=agent, run=run, score=float(rng.random() < ease + gain))
                    for run in range(runs)
                ]
    return sides


def suite_of(rows: Sequence[RunRow]) -> Suite:
    suite: Suite = defaultdict(lambda: defaultdict(list))
    for row, weight in zip(rows, run_weights(rows, PROTOCOL), strict=True):
        suite[row.family][row.task_id].append((weight, float(bool(row.success))))
    return suite


def mean(runs: Sequence[tuple[float, float]]) -> float:
    return sum(weight * success for weight, success in runs) / sum(weight for weight, _ in runs)


def by_loops(rng: np.random.Generator, before: Suite, after: Suite) -> float:
    """One draw of the difference: shared families and tasks, each agent's own runs."""
    drawn: tuple[list[tuple[float, float]], ...] = ([], [])
    for family in rng.choice(sorted(before), size=len(before)):
        for task in rng.choice(sorted(before[family]), size=len(before[family])):
            for runs, suite in zip(drawn, (before, after), strict=True):
                of_task = suite[family][task]
                runs += [of_task[place] for place in rng.integers(len(of_task), size=len(of_task))]
    return mean(drawn[1]) - mean(drawn[0])


def without_pairs(rng: np.random.Generator, before: Suite, after: Suite) -> float:
    """The wrong way: each agent has its own draw of families and tasks."""
    return draw_alone(rng, after) - draw_alone(rng, before)


def draw_alone(rng: np.random.Generator, suite: Suite) -> float:
    drawn = []
    for family in rng.choice(sorted(suite), size=len(suite)):
        for task in rng.choice(sorted(suite[family]), size=len(suite[family])):
            of_task = suite[family][task]
            drawn += [of_task[place] for place in rng.integers(len(of_task), size=len(of_task))]
    return mean(drawn)


def with_the_runs_as_they_are(rng: np.random.Generator, before: Suite, after: Suite) -> float:
    """The wrong way: only families and tasks are drawn."""
    drawn: tuple[list[tuple[float, float]], ...] = ([], [])
    for family in rng.choice(sorted(before), size=len(before)):
        for task in rng.choice(sorted(before[family]), size=len(before[family])):
            for runs, suite in zip(drawn, (before, after), strict=True):
                runs += suite[family][task]
    return mean(drawn[1]) - mean(drawn[0])


def with_the_tasks_as_they_are(rng: np.random.Generator, before: Suite, after: Suite) -> float:
    """The wrong way: only the runs are drawn."""
    drawn: tuple[list[tuple[float, float]], ...] = ([], [])
    for runs, suite in zip(drawn, (before, after), strict=True):
        for tasks in suite.values():
            for of_task in tasks.values():
                runs += [of_task[place] for place in rng.integers(len(of_task), size=len(of_task))]
    return mean(drawn[1]) - mean(drawn[0])


def furthest_apart(one: FloatArray, other: FloatArray) -> float:
    """Smirnov's distance, in units of its scale: the largest between two distribution functions."""
    places = np.concatenate([one, other])
    apart = np.abs(
        np.searchsorted(np.sort(one), places, side="right") / len(one)
        - np.searchsorted(np.sort(other), places, side="right") / len(other)
    )
    return float(apart.max() * np.sqrt(len(one) * len(other) / (len(one) + len(other))))


def distance_to(way: Callable[[np.random.Generator, Suite, Suite], float]) -> float:
    rng = np.random.default_rng(7)
    before, after = correlated(rng, families=7, tasks=2, runs=4)
    after = after[1:]  # not equally many runs on both sides
    first, second = paired(table_of(before), table_of(after))
    one, other = paired_draws(first, second, replace(PROTOCOL, draws=DRAWS), "old", "new")
    ours = np.round(other.overall.success_rate - one.overall.success_rate, 9)
    suites = suite_of(before), suite_of(after)
    return furthest_apart(ours, np.round([way(rng, *suites) for _ in range(LOOPS)], 9))


def test_draws_are_those_of_explicit_loops() -> None:
    assert distance_to(by_loops) < SMIRNOV


@pytest.mark.parametrize("way", [without_pairs, with_the_runs_as_they_are, with_the_tasks_as_they_are])
def test_other_ways_to_draw_are_told_apart(way: Callable[[np.random.Generator, Suite, Suite], float]) -> None:
    assert distance_to(way) > SMIRNOV


def width(rows: tuple[list[RunRow], list[RunRow]], protocol: EvaluationProtocol) -> tuple[float, float]:
    """The width of the interval of the difference, and of what it were for two agents on tasks of their own."""
    change = change_of(compare_agents(*rows, protocol), "success_rate")
    intervals = change.difference.interval, change.before.interval, change.after.interval
    widths = [0.0 if interval is None else interval.high - interval.low for interval in intervals]
    return widths[0], float(np.hypot(widths[1], widths[2]))


def test_pairs_make_the_interval_narrower_where_the_same_tasks_are_hard_for_both() -> None:
    rows = correlated(np.random.default_rng(1), families=30, tasks=1, runs=8)
    with_pairs, alone = width(rows, replace(PROTOCOL, draws=1000))
    assert 0 < with_pairs < 0.6 * alone


@pytest.mark.parametrize(
    ("runs", "lowest", "highest"),
    [
        (1, 0.65, 0.90),
        # Drawing runs within drawn tasks counts their noise a second time: METR's bootstrap errs to the safe side.
        (4, 0.78, 0.97),
    ],
)
def test_intervals_hold_the_true_difference_about_as_often_as_they_say(
    runs: int, lowest: float, highest: float
) -> None:
    """Families come from an endless supply, half of them hard; the true difference is 0.1."""
    protocol = EvaluationProtocol(name="coverage", version="1", draws=120, confidence=0.8)
    rng = np.random.default_rng(3)
    held, below, above = 0, 0, 0
    for _ in range(REPEATS):
        rows = correlated(rng, families=41, tasks=1, runs=runs)
        interval = change_of(compare_agents(*rows, protocol), "success_rate").difference.interval
        assert interval is not None
        held += interval.low <= 0.1 <= interval.high
        below += interval.high < 0.1
        above += interval.low > 0.1
    assert lowest <= held / REPEATS <= highest
    assert abs(below - above) <= 0.15 * REPEATS
