"""What is taken away never helps an agent to pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_metr.gate import Gate
from pytest_metr.types import RunRow

from .fakes import gate, judged, properties, row, rule

Outcomes = list[list[float | None]]

#: For each task its runs: a score, or None for a missing one.
outcomes = st.lists(
    st.lists(st.sampled_from([0.0, 0.5, 1.0, None]), min_size=1, max_size=4), min_size=1, max_size=6
).filter(lambda tasks: any(score is not None for runs in tasks for score in runs))
shares = st.floats(0.01, 0.99)
coverages = st.sampled_from([0.0, 0.5, 0.8, 1.0])


def rows_of(tasks: Outcomes) -> list[RunRow]:
    return [row(f"f/{t}", run=n, score=score) for t, runs in enumerate(tasks) for n, score in enumerate(runs, 1)]


def both_ways(tasks: Outcomes, low: float, high: float, coverage: float) -> Gate:
    """Return a gate that asks for the tasks as they are."""
    return gate(
        rule(threshold=high, margin=5),
        rule("time_horizon_p50", threshold=high * 60, margin=1.5),
        rule(must_stay="above", threshold=low),
        minimum_tasks=len(tasks),
        minimum_coverage=coverage,
    )


def never_passes_more(given: Gate, before: Sequence[RunRow], after: Sequence[RunRow]) -> None:
    """Expect of each rule, and of the verdict, that it passes with *after* only where it does with *before*."""
    old, new = judged(given, before), judged(given, after)
    assert new.verdict != "passed" or old.verdict == "passed"
    for old_rule, new_rule in zip(old.rules, new.rules, strict=True):
        assert new_rule.verdict != "passed" or old_rule.verdict == "passed"


@properties
@given(outcomes, shares, shares, coverages, st.data())
def test_losing_any_run(tasks: Outcomes, low: float, high: float, coverage: float, data: st.DataObject) -> None:
    rows = rows_of(tasks)
    lost = data.draw(st.sets(st.sampled_from(range(len(rows))), min_size=1))
    after = [replace(r, score=None, success=None, status="infra_error") if n in lost else r for n, r in enumerate(rows)]
    never_passes_more(both_ways(tasks, low, high, coverage), rows, after)


@properties
@given(outcomes, shares, shares, coverages, st.data())
def test_deleting_a_task(tasks: Outcomes, low: float, high: float, coverage: float, data: st.DataObject) -> None:
    rows = rows_of(tasks)
    assume(len(tasks) > 1)
    gone = data.draw(st.sampled_from(range(len(tasks))))
    after = [found for found in rows if found.task_id != f"f/{gone}"]
    counted = both_ways(tasks, low, high, coverage)
    assert judged(counted, after).verdict == "inconclusive"
    listed = replace(counted, minimum_tasks=1, task_patterns=tuple(f"f/{t}" for t in range(len(tasks))))
    assert judged(listed, after).verdict == "inconclusive"


@properties
@given(outcomes, st.floats(0.02, 0.98), st.floats(0.001, 0.5), coverages)
def test_a_stricter_threshold(tasks: Outcomes, threshold: float, by: float, coverage: float) -> None:
    rows = rows_of(tasks)
    for must_stay, stricter in (("below", max(threshold - by, 0.01)), ("above", min(threshold + by, 0.99))):
        loose, strict = (
            gate(rule(must_stay=must_stay, threshold=t), minimum_coverage=coverage)  # type: ignore[arg-type]
            for t in (threshold, stricter)
        )
        assert judged(strict, rows).verdict != "passed" or judged(loose, rows).verdict == "passed"


@properties
@given(outcomes, shares, coverages, st.data())
def test_one_more_success_never_helps_to_stay_below(
    tasks: Outcomes, threshold: float, coverage: float, data: st.DataObject
) -> None:
    rows = rows_of(tasks)
    index = data.draw(st.sampled_from(range(len(rows))))
    assume(rows[index].score is not None)
    after = [replace(r, score=1.0, success=True) if n == index else r for n, r in enumerate(rows)]
    below = gate(
        rule(threshold=threshold), rule("time_horizon_p50", threshold=threshold * 60), minimum_coverage=coverage
    )
    never_passes_more(below, rows, after)


@properties
@given(outcomes, shares, st.floats(0, 90), st.floats(0, 9), coverages)
def test_a_larger_margin(tasks: Outcomes, threshold: float, margin: float, more: float, coverage: float) -> None:
    rows = rows_of(tasks)
    small, large = (
        gate(rule(threshold=threshold, margin=points), minimum_coverage=coverage) for points in (margin, margin + more)
    )
    assert judged(large, rows).verdict != "passed" or judged(small, rows).verdict == "passed"


@properties
@given(outcomes, shares, shares, coverages, st.permutations(range(24)))
def test_the_order_of_the_runs_is_nothing(
    tasks: Outcomes, low: float, high: float, coverage: float, order: list[int]
) -> None:
    rows = rows_of(tasks)
    shuffled = [rows[n] for n in order if n < len(rows)]
    given_gate = both_ways(tasks, low, high, coverage)
    first, second = judged(given_gate, rows), judged(given_gate, shuffled)
    assert (first.verdict, len(first.reasons)) == (second.verdict, len(second.reasons))
