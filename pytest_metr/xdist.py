"""With pytest-xdist: the longest tasks first, and a worker that dies takes no run with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import WorkStealingScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling
    from xdist.workermanage import WorkerController

#: Given a node id, the run's number and the task's human minutes; None for a test that is no run.
Plan = Callable[[], Mapping[str, tuple[int, float]]]

# A worker takes up an item only when it knows the next one, so each is kept two ahead at least.
_AHEAD = 2


class LongestFirst(WorkStealingScheduling):
    """Hands out run 1 of every task before any run 2, and within a run number the longest tasks first.

    A long task that starts last would keep one worker busy while the others wait. The expected length is
    the task's human minutes. Work is stolen back from workers that still have some, as in xdist's
    ``worksteal``.
    """

    def __init__(self, config: pytest.Config, log: Producer, plan: Plan) -> None:
        super().__init__(config, log)
        self._plan = plan
        self._rank: Mapping[int, tuple[int, float]] = {}

    def schedule(self) -> None:
        """Rank the collection when it is complete, then hand it out."""
        if not self._rank and self.node2collection:
            runs = self._plan()
            collection = next(iter(self.node2collection.values()))
            self._rank = {i: _rank(runs.get(nodeid)) for i, nodeid in enumerate(collection)}
        super().schedule()

    def check_schedule(self) -> None:
        """Put what is pending into an order whose even slices are each ranked, then distribute as usual."""
        idle = sum(not n.shutting_down and len(p) < _AHEAD for n, p in self.node2pending.items())
        if self.pending and idle:
            ranked = sorted(self.pending, key=lambda i: (self._rank.get(i, (0, 0.0)), i))
            # The base class gives each idle worker one slice, the smaller slices first.
            self.pending[:] = [i for start in reversed(range(idle)) for i in ranked[start::idle]]
        super().check_schedule()


def _rank(run: tuple[int, float] | None) -> tuple[int, float]:
    if run is None:
        return (0, 0.0)
    number, minutes = run
    return (number, -minutes)


class XdistController:
    """The hooks of pytest-xdist on the controller.

    :param plan: node id -> (run number, human minutes) of the collected runs, once they are collected.
    :param crashed: called with the node id of the item that a worker died in.
    :param workerinput: what is handed to each worker.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        crashed: Callable[[str], None],
        workerinput: Mapping[str, object],
    ) -> None:
        self._plan = plan
        self._crashed = crashed
        self._workerinput = workerinput

    @pytest.hookimpl
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Hand the session's facts to a worker before it starts."""
        node.workerinput.update(self._workerinput)

    @pytest.hookimpl
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Producer) -> Scheduling | None:
        """Schedule by length where the person asked for no other way."""
        if config.getoption("dist") == "load":
            return LongestFirst(config, log, self._plan)
        return None

    @pytest.hookimpl
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Record the run that a worker died in."""
        self._crashed(crashitem)
        report.metr = {"status": "infra_error"}  # type: ignore[attr-defined]
