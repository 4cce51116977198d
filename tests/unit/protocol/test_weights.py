"""Weights of runs."""

from __future__ import annotations

import dataclasses
import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import WEIGHTINGS, run_weights, task_weights
from pytest_metr.types import RECORDED_WEIGHTS, RunRecord, RunRow

from .runs import PROTOCOL, left_out_by_staging, make_row, make_run, properties

weightings = st.sampled_from(sorted(WEIGHTINGS))


@st.composite
def one_agents_runs(draw: st.DrawFn, min_size: int = 0) -> list[RunRecord]:
    tasks = draw(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from("uvwxyz"), st.integers(1, 3)),
            min_size=min_size,
            max_size=12,
            unique_by=lambda task: task[:2],
        )
    )
    minutes = [draw(st.floats(0.01, 10_000)) for _ in tasks]
    return [
        make_run(f"{family}/{task}", run=run, minutes=time)
        for (family, task, runs), time in zip(tasks, minutes, strict=True)
        for run in range(1, runs + 1)
    ]


def test_equal_task_gives_every_task_the_same_whatever_its_number_of_runs() -> None:
    runs = [make_run("a/x", run=1), make_run("a/x", run=2), make_run("b/y")]
    assert task_weights(runs, weighting="equal_task") == pytest.approx([0.25, 0.25, 0.5])


def test_invsqrt_family_gives_a_family_the_square_root_of_its_tasks() -> None:
    runs = [make_run(f"big/{n}") for n in range(4)] + [make_run("small/one")]
    assert task_weights(runs) == pytest.approx([1 / 6] * 4 + [1 / 3])


def test_log_time_gives_every_doubling_the_same() -> None:
    runs = [make_run("a/x", minutes=4), make_run("b/y", minutes=7.9), make_run("c/z", minutes=8)]
    assert task_weights(runs, weighting="log_time") == pytest.approx([0.25, 0.25, 0.5])


def test_log_time_weighs_by_family_within_a_doubling_alone() -> None:
    short = [make_run(f"big/{n}", minutes=5) for n in range(4)] + [make_run("small/one", minutes=5)]
    runs = [*short, make_run("big/long", minutes=50)]
    assert task_weights(runs, weighting="log_time") == pytest.approx([1 / 12] * 4 + [1 / 6, 1 / 2])


@pytest.mark.parametrize("exponent", [-40, -2, -1, 0, 1, 2, 3, 29, 40])
def test_a_power_of_two_opens_its_bin(exponent: int) -> None:
    start = 2.0**exponent
    runs = [
        make_run("a/x", minutes=start),
        make_run("b/y", minutes=math.nextafter(2 * start, 0)),
        make_run("c/z", minutes=2 * start),
    ]
    assert task_weights(runs, weighting="log_time") == pytest.approx([0.25, 0.25, 0.5])


@pytest.mark.parametrize("minutes", [None, 0.0, -1.0, math.inf, math.nan])
def test_log_time_refuses_a_task_without_human_minutes_by_name(minutes: float | None) -> None:
    with pytest.raises(UsageMistake, match="human minutes of every task, and b/y has"):
        task_weights([make_run("a/x"), make_run("b/y", minutes=minutes)], weighting="log_time")


def test_a_weighting_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageMistake, match="expected one of invsqrt_family, equal_task, log_time, not 'random'"):
        task_weights([], weighting="random")


def test_the_runs_of_two_agents_are_refused() -> None:
    with pytest.raises(ValueError, match="one agent, not of one, two"):
        task_weights([make_run(agent="two"), make_run(agent="one")])


@pytest.mark.parametrize("weighting", sorted(WEIGHTINGS))
def test_no_runs_have_no_weights(weighting: str) -> None:
    assert task_weights([], weighting=weighting) == []


@properties
@given(one_agents_runs(min_size=1), weightings)
def test_weights_are_positive_and_add_up_to_one(runs: list[RunRecord], weighting: str) -> None:
    weights = task_weights(runs, weighting=weighting)
    assert len(weights) == len(runs)
    assert min(weights) > 0
    assert math.fsum(weights) == pytest.approx(1, abs=1e-12)


@properties
@given(one_agents_runs(), weightings, st.randoms(use_true_random=False))
def test_the_order_of_the_runs_does_not_matter(runs: list[RunRecord], weighting: str, shuffler: random.Random) -> None:
    order = list(range(len(runs)))
    shuffler.shuffle(order)
    weights = task_weights(runs, weighting=weighting)
    shuffled = task_weights([runs[index] for index in order], weighting=weighting)
    assert shuffled == pytest.approx([weights[index] for index in order], abs=1e-15)


@properties
@given(one_agents_runs(), weightings)
def test_the_names_of_families_do_not_matter(runs: list[RunRecord], weighting: str) -> None:
    names = {"a": "zebra", "b": "a", "c": "b"}
    renamed = [
        dataclasses.replace(
            run, family=names[run.family], task_id=f"{names[run.family]}/{run.task_id.partition('/')[2]}"
        )
        for run in runs
    ]
    assert task_weights(renamed, weighting=weighting) == task_weights(runs, weighting=weighting)


@properties
@given(one_agents_runs(min_size=1), weightings, st.integers(2, 4))
def test_more_runs_of_every_task_leave_each_tasks_share_as_it_was(
    runs: list[RunRecord], weighting: str, times: int
) -> None:
    def shares(of: list[RunRecord]) -> Counter[str]:
        total: Counter[str] = Counter()
        for run, weight in zip(of, task_weights(of, weighting=weighting), strict=True):
            total[run.task_id] += weight  # type: ignore[assignment]
        return total

    assert shares(runs * times) == pytest.approx(shares(runs), abs=1e-12)


def test_rows_have_weights_in_their_places_and_those_that_do_not_count_have_none() -> None:
    rows = [
        make_row("a/x", score=None, status="infra_error"),
        make_row("a/y", run=1),
        make_row("a/y", run=2),
        left_out_by_staging("a/z"),
        make_row("b/dev", split="dev"),
        make_row("b/w", split="test"),
    ]
    protocol = dataclasses.replace(PROTOCOL, split="test", weighting="equal_task")
    assert run_weights(rows, protocol) == pytest.approx([0, 1 / 6, 1 / 6, 1 / 3, 0, 1 / 3])
    root = math.sqrt(2)  # family a has two tasks that count
    shares = [0, 1 / 2 / root, 1 / 2 / root, 1 / root, 0, 1]
    of_default = run_weights(rows, dataclasses.replace(protocol, weighting="invsqrt_family"))
    assert of_default == pytest.approx([share / math.fsum(shares) for share in shares])


def test_rows_and_records_have_the_same_weights() -> None:
    records = [make_run("a/x"), make_run("a/y", run=1), make_run("a/y", run=2), make_run("b/z", minutes=300)]
    rows = [RunRow.of(record) for record in records]
    for weighting in WEIGHTINGS:
        protocol = dataclasses.replace(PROTOCOL, weighting=weighting)
        assert run_weights(rows, protocol) == task_weights(records, weighting=weighting)


def test_recorded_weights_are_scaled_to_one() -> None:
    protocol = dataclasses.replace(PROTOCOL, weighting=RECORDED_WEIGHTS)
    rows = [make_row("a/x", weight=0.2), make_row("b/y", weight=0.6), make_row("c/z", score=None, status="infra_error")]
    assert run_weights(rows, protocol) == pytest.approx([0.25, 0.75, 0])


@pytest.mark.parametrize("weight", [None, -1.0, math.nan, math.inf])
def test_a_recorded_weight_that_is_none_is_told_with_its_place(weight: float | None) -> None:
    protocol = dataclasses.replace(PROTOCOL, weighting=RECORDED_WEIGHTS)
    with pytest.raises(UsageMistake) as caught:
        run_weights([make_row("a/x", weight=weight, place="runs.jsonl:2")], protocol)
    assert (
        str(caught.value)
        == f"runs.jsonl:2: weight: expected a recorded weight of 0 or more for run a/x-1, not {weight}"
    )


def test_rows_without_any_recorded_weight_above_zero_have_no_weights() -> None:
    protocol = dataclasses.replace(PROTOCOL, weighting=RECORDED_WEIGHTS)
    with pytest.raises(UsageMistake, match="weight: expected at least one above 0"):
        run_weights([make_row("a/x", weight=0.0)], protocol)


def test_no_rows_have_no_weights() -> None:
    assert run_weights([], PROTOCOL) == []
