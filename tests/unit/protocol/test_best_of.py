"""One run chosen of each few: by the end of its score log, and by nothing else."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.protocol.best_of import Attempt, Chosen, choose_best
from pytest_metr.types import RunRow, RunStatus

from .runs import left_out_by_staging, make_row, properties

NAN = math.nan


def attempt(run: int, *log: float, task: str = "f/t", score: float | None = 0.0, session: int = 0) -> Attempt:
    return Attempt(row=make_row(task, run=run, score=score), log=log, session=session)


def chosen(*attempts: Attempt, n: int = 2) -> Chosen:
    return choose_best(attempts, n, agent="agent+best", step="tuned")


def ids(found: Chosen) -> list[str]:
    return [row.run_id for row in found.rows]


def test_the_log_that_ends_highest_is_chosen_and_not_the_one_that_was_highest() -> None:
    found = chosen(attempt(1, 0.9, 0.2), attempt(2, 0.1, 0.3))
    assert ids(found) == ["f/t-2"]
    assert (found.summary.groups, found.summary.by_log) == (1, 1)


def test_the_final_score_is_never_looked_at() -> None:
    assert ids(chosen(attempt(1, 0.2, score=1.0), attempt(2, 0.3, score=0.0))) == ["f/t-2"]


def test_what_is_not_valid_at_the_end_counts_with_its_last_valid_score() -> None:
    assert ids(chosen(attempt(1, 0.5, NAN), attempt(2, 0.4, math.inf))) == ["f/t-1"]
    assert ids(chosen(attempt(1, NAN), attempt(2, 0.0))) == ["f/t-2"]
    assert ids(chosen(attempt(1), attempt(2, -3.0))) == ["f/t-2"]


def test_of_equal_ends_the_first_counts_and_without_any_log_the_first_run() -> None:
    tied = chosen(attempt(2, 0.5), attempt(1, 0.5))
    assert (ids(tied), tied.summary.tied, tied.summary.by_log) == (["f/t-1"], 1, 0)
    without = chosen(attempt(1, NAN), attempt(2))
    assert (ids(without), without.summary.without_log) == (["f/t-1"], 1)


def test_groups_go_by_run_number_and_what_is_left_over_is_counted() -> None:
    runs = [attempt(number, float(number % 3)) for number in range(1, 8)]  # ends 1, 2, 0, 1, 2, 0, 1
    found = chosen(*runs, n=3)
    assert ids(found) == ["f/t-2", "f/t-5"]
    assert [row.run for row in found.rows] == [1, 2]
    assert [[row.run for row in group] for group in found.groups] == [[1, 2, 3], [4, 5, 6]]
    assert (found.summary.groups, found.summary.left_over) == (2, 1)
    assert {row.agent for row in found.rows} == {"agent+best"}


def test_the_runs_of_an_earlier_session_come_first() -> None:
    found = chosen(attempt(1, 0.1, session=1), attempt(1, 0.2, session=0), attempt(2, 0.3, session=1), n=2)
    assert [[row.run for row in group] for group in found.groups] == [[1, 1]]
    assert found.summary.left_over == 1


def test_tasks_and_versions_are_groups_of_their_own() -> None:
    other = replace(attempt(2, 0.9), row=replace(make_row("f/t", run=2), task_version="2"))
    found = chosen(attempt(1, 0.5), other, attempt(1, 0.1, task="f/u"), attempt(2, 0.2, task="f/u"))
    assert ids(found) == ["f/u-2"]
    assert found.summary.left_over == 2


@pytest.mark.parametrize("status", ["infra_error", "not_run"])
def test_runs_that_never_took_place_are_in_no_group_and_stay_missing(status: RunStatus) -> None:
    lost = Attempt(row=make_row("f/t", run=2, score=None, status=status), log=(9.0,))
    found = chosen(attempt(1, 0.1), lost, attempt(3, 0.2))
    assert ids(found) == ["f/t-3", "f/t-2"]
    assert [row.missing for row in found.rows] == [False, True]
    assert found.summary.groups == 1


def test_a_run_that_waits_for_a_person_can_be_chosen_and_is_then_missing() -> None:
    waiting = Attempt(row=make_row("f/t", run=2, score=None, status="needs_score"), log=(0.8,))
    found = chosen(attempt(1, 0.1), waiting)
    assert [row.missing for row in found.rows] == [True]


def test_runs_that_staging_left_out_stay_zeros() -> None:
    found = chosen(*(Attempt(row=left_out_by_staging("f/t", run=run)) for run in (1, 2)))
    assert [row.zero_by_rule for row in found.rows] == [True]


def test_the_recorded_weight_of_a_task_is_shared_out_among_its_groups() -> None:
    runs = [Attempt(row=make_row("f/t", run=run, weight=0.1)) for run in range(1, 6)]
    # Five runs of 0.1 are 0.5; two groups of two share it, the one left over included.
    assert [row.weight for row in chosen(*runs).rows] == pytest.approx([0.25, 0.25])
    assert [row.weight for row in chosen(attempt(1), attempt(2)).rows] == [None]


@st.composite
def many(draw: st.DrawFn) -> list[Attempt]:
    ends = st.sampled_from([NAN, 0.0, 0.5, 1.0])
    return [
        attempt(run, *draw(st.lists(ends, max_size=3)), task=task, score=draw(st.sampled_from([0.0, 1.0])))
        for task in ("f/t", "f/u", "g/t")
        for run in range(1, draw(st.integers(0, 7)) + 1)
    ]


@properties
@given(many(), st.integers(2, 4), st.randoms(use_true_random=False))
def test_order_of_rows_and_final_scores_change_no_choice(
    attempts: list[Attempt], n: int, chance: random.Random
) -> None:
    found = chosen(*attempts, n=n)
    mixed = chance.sample(attempts, len(attempts))
    others = [replace(each, row=replace(each.row, score=1.0 - (each.row.score or 0.0))) for each in mixed]
    assert sorted(ids(chosen(*mixed, n=n))) == sorted(ids(found))
    assert sorted(ids(chosen(*others, n=n))) == sorted(ids(found))


@properties
@given(many(), st.integers(2, 4))
def test_every_run_is_in_one_group_or_left_over(attempts: list[Attempt], n: int) -> None:
    found = chosen(*attempts, n=n)
    grouped = [row for group in found.groups for row in group]
    assert len({row.run_id for row in grouped}) == len(grouped) == n * found.summary.groups
    assert len(grouped) + found.summary.left_over == len(attempts)
    assert found.summary.by_log + found.summary.tied + found.summary.without_log == found.summary.groups
    for row, group in zip(found.rows, found.groups, strict=True):
        assert row.run_id in [each.run_id for each in group]


def test_a_row_that_is_chosen_is_otherwise_as_it_was() -> None:
    run = attempt(1, 0.5, score=0.7)
    (row,) = chosen(run, attempt(2, 0.1)).rows
    assert row == replace(run.row, agent="agent+best", run=1, weight=None)
    assert isinstance(row, RunRow)
