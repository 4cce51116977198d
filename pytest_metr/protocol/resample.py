"""The hierarchical bootstrap: how often each task, and each outcome of it, is in each draw.

Source: METR's time-horizon analysis of 2025: families with replacement, within each drawn family its tasks with
replacement, within each drawn task its runs with replacement. Weights belong to the runs and are carried along.

Only counts matter to every number made from a draw, and they are drawn here directly. That is exact:

* Picking F families with replacement is a draw of F indices; how often each was picked is all that remains of it.
* A family of T tasks that was picked k times gives k independent multinomial draws of T tasks, each task with the
  chance 1 / T. Multinomials with the same chances add up: the sum is one multinomial draw of k * T.
* A task of R runs that was picked m times gives m independent draws of R runs, together a multinomial of m * R.
  Runs that are alike in all that counts (a group) have the sum of their chances, r / R for r runs.
* A multinomial is a chain of binomials: the first group takes its share of all, the next its share of the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from pytest_metr.protocol.fit import IntArray

#: About how many elements an array over draws and groups may have; it bounds the memory.
CHUNK = 2**17


def generator(seed: int, *names: str) -> np.random.Generator:
    """Return the random numbers of a seed and of agents' names, the same ones on every machine with this numpy.

    An agent's numbers follow from the protocol's seed and its own name, so they do not move when others come or go.
    """
    words = [
        np.frombuffer(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest(), dtype="<u4") for name in names
    ]
    entropy = [seed, *(int(word) for digest in words for word in digest)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def chunks(draws: int, width: int) -> Iterator[int]:
    """Yield the sizes of the pieces in which draws are made, at least one, so that memory does not grow with them.

    The sizes follow from the data alone: the same seed gives the same numbers wherever they are made.

    :param width: the elements of one draw, for example the number of groups.
    """
    size = max(1, CHUNK // max(1, width))
    for start in range(0, max(1, draws), size):
        yield min(size, draws - start)


def task_counts(rng: np.random.Generator, family_of_task: IntArray, draws: int) -> IntArray:
    """Return (draws, T) how often each task is in each draw.

    :param family_of_task: (T,) the index of each task's family, 0..F-1, none left out.
    """
    tasks_of = np.bincount(family_of_task)
    families = len(tasks_of)
    counts = np.zeros((draws, len(family_of_task)), dtype=np.int64)
    if not families:
        return counts
    picked = rng.integers(families, size=(draws, families))
    picked += np.arange(draws)[:, None] * families
    times = np.bincount(picked.ravel(), minlength=draws * families).reshape(draws, families)
    by_family = np.argsort(family_of_task, kind="stable")
    first = np.cumsum(tasks_of) - tasks_of
    for size in np.flatnonzero(np.bincount(tasks_of)):  # families of equally many tasks together
        alike = np.flatnonzero(tasks_of == size)
        columns = by_family[first[alike][:, None] + np.arange(size)]
        if size == 1:
            counts[:, columns[:, 0]] = times[:, alike]
        else:
            counts[:, columns] = rng.multinomial(times[:, alike] * size, np.full(size, 1 / size))
    return counts


def outcome_counts(
    rng: np.random.Generator, counts: IntArray, task_of_group: IntArray, runs_of_group: IntArray
) -> IntArray:
    """Return (draws, G) how many runs of each group are in each draw.

    :param counts: (draws, T) how often each task is in each draw, from :func:`task_counts`.
    :param task_of_group: (G,) the index of each group's task, rising, none left out.
    :param runs_of_group: (G,) how many runs a group has, each at least 1.
    """
    groups_of = np.bincount(task_of_group, minlength=counts.shape[1])
    first = np.cumsum(groups_of) - groups_of
    open_runs = np.add.reduceat(runs_of_group, first) if len(first) else runs_of_group
    result = np.empty((len(counts), len(task_of_group)), dtype=np.int64)
    left = counts * open_runs
    for rank in range(int(groups_of.max(initial=0))):
        last = np.flatnonzero(groups_of == rank + 1)
        result[:, first[last] + rank] = left[:, last]
        more = np.flatnonzero(groups_of > rank + 1)
        if len(more):
            columns = first[more] + rank
            taken = rng.binomial(left[:, more], runs_of_group[columns] / open_runs[more])
            result[:, columns] = taken
            left[:, more] -= taken
            open_runs[more] -= runs_of_group[columns]
    return result
