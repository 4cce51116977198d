"""The scheduler hands out the longest tasks first, loses nothing, and takes work back from busy workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.xdist import LongestFirst, Rank


class Worker:
    """Stands for xdist's controller of a worker: takes up an item only when it knows the next, as the real one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.queue: list[int] = []
        self.stolen: list[int] = []
        self.shutting_down = False
        self.gateway = self
        self.id = name

    def send_runtest_some(self, indices: list[int]) -> None:
        assert not self.shutting_down
        self.queue += indices

    def send_steal(self, indices: list[int]) -> None:
        self.stolen = indices

    def shutdown(self) -> None:
        self.shutting_down = True

    def next_item(self) -> int | None:
        """Return the item that it would work on now."""
        if self.queue and (len(self.queue) > 1 or self.shutting_down):
            return self.queue[0]
        return None


class Config:
    """As much of a configuration as a scheduler asks for."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def getvalue(self, name: str) -> Any:
        return ["popen"] * self.workers if name == "tx" else None

    getoption = getvalue


class Log:
    """A log that nobody reads."""

    def __getattr__(self, name: str) -> Log:
        return self

    def __call__(self, *args: object) -> None: ...


def ranks(runs: Mapping[str, tuple[int, float]]) -> dict[str, Rank]:
    """Return ranks of runs of one stage, given as run number and human minutes."""
    return {name: ((0, 0), number, -minutes) for name, (number, minutes) in runs.items()}


def scheduler(runs: Mapping[str, tuple[int, float]], *, workers: int) -> tuple[LongestFirst, list[Worker]]:
    """Return a scheduler that has just handed out the first items of a collection, and its workers."""
    config: Any = Config(workers)
    log: Any = Log()
    made = LongestFirst(config, log, lambda: ranks(runs))
    nodes = [Worker(f"gw{number}") for number in range(workers)]
    for node in nodes:
        made.add_node(node)
        made.add_node_collection(node, list(runs))
    made.schedule()
    return made, nodes


def test_each_worker_begins_with_the_longest_that_are_left() -> None:
    runs = {f"t{minutes}": (1, float(minutes)) for minutes in (1, 2, 3, 4, 5, 6, 7, 8)}
    _, (first, second) = scheduler(runs, workers=2)
    names = list(runs)
    begun = {names[first.queue[0]], names[second.queue[0]]}
    assert begun == {"t8", "t7"}
    for worker in (first, second):
        minutes = [runs[names[i]][1] for i in worker.queue]
        assert minutes == sorted(minutes, reverse=True)


def test_run_1_of_every_task_comes_before_any_run_2() -> None:
    runs = {"long1": (1, 60.0), "long2": (2, 60.0), "short1": (1, 1.0), "short2": (2, 1.0)}
    made, (worker,) = scheduler(runs, workers=1)
    order = []
    while worker.queue:
        order.append(list(runs)[worker.queue.pop(0)])
        made.mark_test_complete(worker, list(runs).index(order[-1]))
    assert order == ["long1", "short1", "long2", "short2"]


def test_an_earlier_stage_comes_first_whatever_its_length() -> None:
    config: Any = Config(1)
    log: Any = Log()
    stages: dict[str, Rank] = {"late": ((0, 2), 1, -900.0), "early": ((0, 1), 2, -1.0), "again": ((2, 0), 2, -950.0)}
    made = LongestFirst(config, log, lambda: stages)
    worker = Worker("gw0")
    made.add_node(worker)
    made.add_node_collection(worker, list(stages))
    made.schedule()
    assert worker.queue == [1, 0]


def test_what_a_dead_worker_had_never_stands_behind_a_later_stage() -> None:
    config: Any = Config(2)
    log: Any = Log()
    stages: dict[str, Rank] = {name: ((0, stage), 1, 0.0) for name, stage in [("a", 1), ("b", 1), ("c", 2), ("d", 3)]}
    made = LongestFirst(config, log, lambda: stages)
    first, second = Worker("gw0"), Worker("gw1")
    for node in (first, second):
        made.add_node(node)
        made.add_node_collection(node, list(stages))
    made.schedule()
    assert (first.queue, second.queue) == ([0, 2], [1, 3])
    second.queue.pop(0)
    made.mark_test_complete(second, 1)  # it goes on to d, and waits there for c
    assert made.remove_node(first) == "a"
    assert second.queue == [3]
    assert replacement(made, "gw2", list(stages)).queue == [2]


def test_no_worker_holds_more_than_it_needs() -> None:
    runs = {f"t{number}": (1, 1.0) for number in range(100)}
    _, nodes = scheduler(runs, workers=3)
    assert [len(node.queue) for node in nodes] == [2, 2, 2]


def test_tests_that_are_no_runs_are_handed_out_too() -> None:
    config: Any = Config(1)
    log: Any = Log()
    made = LongestFirst(config, log, lambda: ranks({"a": (1, 5.0)}))
    worker = Worker("gw0")
    made.add_node(worker)
    made.add_node_collection(worker, ["ordinary", "a"])
    made.schedule()
    assert worker.queue == [0, 1]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.floats(0, 5000)), min_size=1, max_size=40),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_every_item_is_worked_on_exactly_once(
    shape: list[tuple[int, float]], workers: int, dice: Any, crash: bool
) -> None:
    runs = {f"t{number}": run for number, run in enumerate(shape)}
    made, nodes = scheduler(runs, workers=workers)
    done: list[str] = []
    for _ in range(20 * len(runs) + 20):
        busy = [node for node in nodes if node.next_item() is not None]
        asked = [node for node in nodes if node.stolen]
        if asked and (not busy or dice.random() < 0.5):
            answer_to_steal(made, asked[0])
        elif busy:
            node = dice.choice(busy)
            if crash and len(nodes) > 1 and dice.random() < 0.05:
                done.append(made.remove_node(node))  # the item that it died in is reported as such
                nodes.remove(node)
                nodes.append(replacement(made, f"gw{len(done) + workers}", list(runs)))
            else:
                item = node.queue.pop(0)
                done.append(list(runs)[item])
                made.mark_test_complete(node, item, 0.0)
    assert sorted(done) == sorted(runs)
    assert made.tests_finished


def replacement(made: LongestFirst, name: str, collection: list[str]) -> Worker:
    """Let a new worker take the place of one that died, as xdist does."""
    node = Worker(name)
    made.add_node(node)
    made.add_node_collection(node, collection)
    made.schedule()
    return node


def answer_to_steal(made: LongestFirst, node: Worker) -> None:
    """Give back what is asked for where all of it is still waiting, as a worker does."""
    wanted, node.stolen = node.stolen, []
    waiting = node.queue[1:]
    given_back = wanted if set(wanted) <= set(waiting) else []
    node.queue = [item for item in node.queue if item not in given_back]
    made.remove_pending_tests_from_node(node, given_back)
