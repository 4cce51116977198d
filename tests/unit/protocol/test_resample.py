"""The bootstrap's draws: the collapse into counts has the distribution of the loops that it replaces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.protocol.fit import IntArray
from pytest_metr.protocol.resample import CHUNK, chunks, generator, outcome_counts, task_counts

from .runs import properties

#: Two families of one task, one of two, one of three; tasks of one, two and three groups of runs.
FAMILY_OF_TASK = np.array([2, 0, 2, 1, 3, 3, 3])
TASK_OF_GROUP = np.array([0, 0, 1, 2, 2, 2, 3, 4, 5, 5, 6])
RUNS = np.array([3, 1, 4, 2, 1, 2, 1, 5, 1, 1, 2])


def slow_draw(rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """One draw as METR's text has it: families, tasks within each, runs within each, all with replacement."""
    families = sorted(set(FAMILY_OF_TASK.tolist()))
    tasks, groups = [0] * len(FAMILY_OF_TASK), [0] * len(RUNS)
    for family in rng.choice(families, len(families)):
        members = [task for task, of in enumerate(FAMILY_OF_TASK) if of == family]
        for task in rng.choice(members, len(members)):
            tasks[task] += 1
            runs = [group for group, of in enumerate(TASK_OF_GROUP) if of == task for _ in range(RUNS[group])]
            for group in rng.choice(runs, len(runs)):
                groups[group] += 1
    return tasks, groups


def draws(n: int, seed: int = 0) -> tuple[IntArray, IntArray]:
    rng = generator(seed, "agent")
    tasks = task_counts(rng, FAMILY_OF_TASK, n)
    return tasks, outcome_counts(rng, tasks, TASK_OF_GROUP, RUNS)


def moments(counts: IntArray) -> IntArray:
    """Means, and means of all products of two, of the counts."""
    values: IntArray = np.concatenate(
        [counts, np.einsum("di,dj->dij", counts, counts).reshape(len(counts), -1)], axis=1
    )
    return values


def assert_alike(ours: IntArray, theirs: IntArray, distance: float) -> None:
    a, b = moments(ours), moments(theirs)
    noise = np.sqrt(a.var(axis=0) / len(a) + b.var(axis=0) / len(b))
    assert (np.abs(a.mean(axis=0) - b.mean(axis=0)) <= distance * noise + 1e-12).all()


@pytest.fixture(scope="module")
def slow() -> tuple[IntArray, IntArray]:
    rng = np.random.default_rng(5)
    pairs = [slow_draw(rng) for _ in range(2000)]
    return np.array([tasks for tasks, _ in pairs]), np.array([groups for _, groups in pairs])


def test_counts_have_the_means_and_covariances_of_explicit_loops(slow: tuple[IntArray, IntArray]) -> None:
    tasks, groups = draws(40_000)
    assert_alike(tasks, slow[0], 5)
    assert_alike(groups, slow[1], 5)


def test_each_count_has_the_distribution_of_explicit_loops(slow: tuple[IntArray, IntArray]) -> None:
    _, groups = draws(40_000)
    for group in range(len(RUNS)):
        ours, theirs = Counter(groups[:, group].tolist()), Counter(slow[1][:, group].tolist())
        for value in ours | theirs:
            p = ours[value] / 40_000
            assert abs(theirs[value] / 2000 - p) <= 5 * np.sqrt((p + 1e-3) / 2000)


def fixed_tasks(rng: np.random.Generator) -> IntArray:
    return outcome_counts(rng, np.ones((40_000, 7), dtype=np.int64), TASK_OF_GROUP, RUNS)


def whole_tasks(rng: np.random.Generator) -> IntArray:
    counts: IntArray = task_counts(rng, FAMILY_OF_TASK, 40_000)[:, TASK_OF_GROUP] * RUNS
    return counts


def without_families(rng: np.random.Generator) -> IntArray:
    return outcome_counts(rng, rng.multinomial(7, np.full(7, 1 / 7), size=40_000), TASK_OF_GROUP, RUNS)


@pytest.mark.parametrize("wrong", [fixed_tasks, whole_tasks, without_families])
def test_a_bootstrap_that_leaves_a_level_out_is_told_apart(
    slow: tuple[IntArray, IntArray], wrong: Callable[[np.random.Generator], IntArray]
) -> None:
    with pytest.raises(AssertionError):
        assert_alike(wrong(np.random.default_rng(6)), slow[1], 5)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[IntArray, IntArray, IntArray]:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    family_of_task = draw(st.permutations([family for family, size in enumerate(sizes) for _ in range(size)]))
    groups = [draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)) for _ in family_of_task]
    return (
        np.array(family_of_task),
        np.array([task for task, of_task in enumerate(groups) for _ in of_task]),
        np.array([runs for of_task in groups for runs in of_task]),
    )


@properties
@given(shapes(), st.integers(0, 1000))
def test_every_draw_has_whole_families_whole_tasks_and_as_many_runs_as_they_have(
    shape: tuple[IntArray, IntArray, IntArray], seed: int
) -> None:
    family_of_task, task_of_group, runs = shape
    rng = generator(seed)
    tasks = task_counts(rng, family_of_task, 20)
    groups = outcome_counts(rng, tasks, task_of_group, runs)
    sizes = np.bincount(family_of_task)
    times = np.stack([np.bincount(family_of_task, weights=draw) for draw in tasks]) / sizes
    assert (times == np.round(times)).all()
    assert (times.sum(axis=1) == len(sizes)).all()
    runs_of_task = np.bincount(task_of_group, weights=runs)
    for draw in range(20):
        assert np.bincount(task_of_group, weights=groups[draw]).tolist() == (tasks[draw] * runs_of_task).tolist()
    assert groups.min() >= 0


def test_the_same_seed_and_name_give_the_same_draws_and_others_do_not() -> None:
    def first(seed: int, *names: str) -> int:
        return int(generator(seed, *names).integers(2**62))

    assert first(0, "gpt") == first(0, "gpt")
    others = {first(0, "gpt"), first(1, "gpt"), first(0, "GPT"), first(0, "gpt", "b"), first(0, "b", "gpt")}
    assert len(others) == 5


def test_any_name_that_json_can_hold_makes_a_seed() -> None:
    first, second = (generator(0, name).integers(2**32) for name in ("half \ud800", "half \ud801"))
    assert first != second


def test_the_bits_of_a_seed_are_the_same_on_every_machine() -> None:
    assert generator(0, "agent").bit_generator.random_raw() == 7064003563490077016


@properties
@given(st.integers(0, 5000), st.integers(0, 10**7))
def test_pieces_add_up_to_all_draws_and_bound_the_memory(draws: int, width: int) -> None:
    pieces = list(chunks(draws, width)) if width < 10 * CHUNK or draws < 100 else [draws]
    assert sum(pieces) == draws
    assert len(pieces) >= 1
    if width and width < 10 * CHUNK:
        assert max(pieces) * width <= max(CHUNK, width)


def test_no_tasks_have_no_counts() -> None:
    none = np.zeros(0, dtype=np.int64)
    tasks = task_counts(generator(0), none, 3)
    assert tasks.shape == (3, 0)
    assert outcome_counts(generator(0), tasks, none, none).shape == (3, 0)
