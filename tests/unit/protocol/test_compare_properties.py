"""What no comparison may depend on, and what turning it around must do."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_metr.protocol import compare_agents
from pytest_metr.types import Change, Interval, RunRow

from .compare_rows import negated, two_agents
from .runs import PROTOCOL, make_row, properties

FEW_DRAWS = replace(PROTOCOL, draws=30)
#: Each example makes two bootstraps of each side and a paired one.
few = settings(properties, max_examples=15)
Sides = tuple[list[RunRow], list[RunRow]]


def inverted(interval: Interval | None) -> tuple[float, float] | None:
    if interval is None:
        return None
    with_zero = [0.0 if math.isinf(end) else math.inf if end == 0 else 1 / end for end in (interval.low, interval.high)]
    return with_zero[1], with_zero[0]


def assert_turned(change: Change, turned: Change) -> None:
    assert (turned.before, turned.after) == (change.after, change.before)
    one, other = change.difference, turned.difference
    assert other.value == (None if one.value is None else -one.value)
    assert other.interval == negated(one.interval)
    assert other.bounds == negated(one.bounds)
    assert (other.left_out, turned.ratio.left_out) == (one.left_out, change.ratio.left_out)
    for ours, theirs in ((change.ratio.interval, turned.ratio.interval), (change.ratio.bounds, turned.ratio.bounds)):
        expected = inverted(ours)
        assert expected == (None if theirs is None else pytest.approx((theirs.low, theirs.high), rel=1e-12))
    if change.improved is None:
        assert turned.improved is None
    else:
        assert turned.improved == pytest.approx(1 - change.improved, abs=1e-15)


@few
@given(two_agents())
def test_swapping_the_agents_negates_differences_and_inverts_ratios(sides: Sides) -> None:
    comparison, turned = compare_agents(*sides, FEW_DRAWS), compare_agents(*sides[::-1], FEW_DRAWS)
    assert (turned.before, turned.after) == (comparison.after, comparison.before)
    for change, other in zip(comparison.changes, turned.changes, strict=True):
        assert_turned(change, other)


@few
@given(two_agents(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(sides: Sides, shuffler: random.Random) -> None:
    shuffled = tuple(shuffler.sample(rows, len(rows)) for rows in sides)
    assert compare_agents(shuffled[0], shuffled[1], FEW_DRAWS) == compare_agents(*sides, FEW_DRAWS)


@few
@given(two_agents(), st.permutations("abc"), st.permutations("uvw"))
def test_the_names_of_tasks_and_families_change_no_number(sides: Sides, families: list[str], tasks: list[str]) -> None:
    def renamed(row: RunRow) -> RunRow:
        family, task = row.task_id.split("/")
        new = dict(zip("abc", families, strict=True)).get(family, "zz")
        return replace(row, family=new, task_id=f"{new}/{dict(zip('uvw', tasks, strict=True)).get(task, 'y')}")

    comparison = compare_agents(*sides, FEW_DRAWS)
    before, after = ([renamed(row) for row in rows] for rows in sides)
    after_renaming = compare_agents(before, after, FEW_DRAWS)
    assert after_renaming.changes == comparison.changes


@few
@given(two_agents())
def test_a_task_of_one_agent_alone_changes_no_number(sides: Sides) -> None:
    before, after = sides
    extra = make_row("elsewhere/task", agent=before[0].agent, score=1.0)
    comparison = compare_agents([*before, extra], after, FEW_DRAWS)
    assert comparison.changes == compare_agents(before, after, FEW_DRAWS).changes
    assert "elsewhere/task" in comparison.left_out.only_before


@few
@given(two_agents())
def test_every_run_there_twice_changes_no_number_but_the_intervals(sides: Sides) -> None:
    once = compare_agents(*sides, FEW_DRAWS)
    before, after = ([*rows, *rows] for rows in sides)
    twice = compare_agents(before, after, FEW_DRAWS)
    for one, other in zip(once.changes, twice.changes, strict=True):
        for ours, theirs in ((one.difference, other.difference), (one.ratio, other.ratio)):
            assert theirs.value == (None if ours.value is None else pytest.approx(ours.value, rel=1e-9, abs=1e-12))


@few
@given(two_agents(), st.sampled_from(["", "zero", "ä", "new"]))
def test_other_names_of_agents_change_no_number_but_the_draws(sides: Sides, name: str) -> None:
    comparison = compare_agents(*sides, FEW_DRAWS)
    renamed = compare_agents([replace(row, agent=name) for row in sides[0]], sides[1], FEW_DRAWS)
    for one, other in zip(comparison.changes, renamed.changes, strict=True):
        assert (one.difference.value, one.ratio.value) == (other.difference.value, other.ratio.value)


@few
@given(two_agents())
def test_bounds_hold_the_interval_and_an_agent_differs_from_itself_by_nothing(sides: Sides) -> None:
    for change in compare_agents(*sides, FEW_DRAWS).changes:
        for estimate in (change.difference, change.ratio):
            if estimate.interval is not None:
                assert estimate.bounds is not None
                assert estimate.bounds.low <= estimate.interval.low <= estimate.interval.high <= estimate.bounds.high
    itself = [replace(row, agent="another name") for row in sides[0]]
    for change in compare_agents(sides[0], itself, FEW_DRAWS).changes:
        if change.difference.value is not None:
            assert change.difference.value == 0.0
            assert change.difference.bounds is not None
            assert change.difference.bounds.low <= 0.0 <= change.difference.bounds.high
