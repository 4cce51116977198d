"""With pytest-xdist: the longest tasks first, and a worker that dies takes no run with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScheduling, LoadScopeScheduling, WorkStealingScheduling

from pytest_metr.retries import TRIED_AGAIN

if TYPE_CHECKING:
    from subprocess import Popen

    from xdist.remote import Producer
    from xdist.scheduler import Scheduling
    from xdist.workermanage import WorkerController

#: A run's place in the order of a session; smaller ones come first.
Rank = tuple[tuple[int, int], int, float]
#: By node id the rank of each run, once the runs are collected.
Plan = Callable[[], Mapping[str, Rank]]

_FIRST: Rank = ((0, 0), 0, 0.0)

# A worker takes up an item only when it knows the next one. No more than that is handed out at a time: what
# is with a worker is made even after -x has stopped the session.
_AHEAD = 2


class LongestFirst(WorkStealingScheduling):
    """Hands out the stages one after the other, run 1 before any run 2, and the longest tasks first.

    A long task that starts last would keep one worker busy while the others wait. The expected length is
    the task's human minutes. Tests that are no runs come first. A worker that is handed a run of a stage that
    is not decided yet waits for it by itself.
    """

    def __init__(self, config: pytest.Config, log: Producer, plan: Plan) -> None:
        super().__init__(config, log)
        self._plan = plan
        self._rank: dict[int, tuple[Rank, int]] = {}

    def schedule(self) -> None:
        """Rank the collection when it is complete, then hand it out."""
        if not self._rank and self.node2collection:
            runs = self._plan()
            collection = next(iter(self.node2collection.values()))
            for index, nodeid in enumerate(collection):
                self._rank[index] = (runs.get(nodeid, _FIRST), index)
        super().schedule()

    def check_schedule(self) -> None:
        """Give each worker what it needs to go on, one item to each in turn, the first in rank before others."""
        self.pending.sort(key=self._rank.__getitem__)
        for held in range(_AHEAD):
            for node, items in self.node2pending.items():
                if len(items) <= held and not node.shutting_down:
                    self._send_first(node, items)
        if not self.pending:
            super().check_schedule()  # ends the workers that wait for a next item that there is not

    def _send_first(self, node: WorkerController, items: Sequence[int]) -> None:
        """Send a worker the first item that may follow on what it has.

        What a dead worker had comes back. A run of an earlier stage must not stand behind one of a later stage:
        the worker would wait for it there, and it for the worker.
        """
        stage = self._rank[items[-1]][0][0] if items else _FIRST[0]
        item = next((item for item in self.pending if self._rank[item][0][0] >= stage), None)
        if item is not None:
            self.pending.remove(item)
            self.pending.insert(0, item)
            self._send_tests(node, 1)


class XdistController:
    """The hooks of pytest-xdist on the controller.

    :param crashed: called with the node id of the item that a worker died in, and whether it can be handed out once
        more; returns whether it is to be.
    :param workerinput: what is handed to each worker.
    """

    def __init__(self, *, plan: Plan, crashed: Callable[[str, bool], bool], workerinput: Mapping[str, object]) -> None:
        self._plan = plan
        self._crashed = crashed
        self._workerinput = workerinput
        self._processes: dict[WorkerController, Popen[bytes]] = {}

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

    @staticmethod
    def stopped(config: pytest.Config) -> str | None:
        """Return why no further item is handed out although some are left, or None while the session goes on."""
        session = config.pluginmanager.getplugin("dsession")
        reason = getattr(session, "shouldstop", False)
        if reason:
            return str(reason)
        if session is not None and session.shuttingdown and not session.sched.tests_finished:
            return "pytest-xdist has given up"
        return None

    @pytest.hookimpl
    def pytest_testnodeready(self, node: WorkerController) -> None:
        """Take note of a worker's process, where it is a child of this one."""
        # No public way leads to it: execnet and pytest-xdist tell of a worker everything but its process id.
        process = getattr(node.gateway._io, "popen", None)
        if process is not None:
            self._processes[node] = process

    @pytest.hookimpl
    def pytest_testnodedown(self, node: WorkerController) -> None:
        """Forget a worker's process."""
        self._processes.pop(node, None)

    def signal_workers(self, number: int) -> None:
        """Send a signal to the workers that are children; the others learn by their channel that they are to end."""
        for process in list(self._processes.values()):
            process.send_signal(number)  # which does nothing where it has ended

    @pytest.hookimpl
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport, sched: Any) -> None:
        """Record the run that a worker died in, and hand it out once more where that is worth it.

        The report of it is then none of a failure: the item ends in whatever way it ends the next time.
        """
        by_itself = isinstance(sched, LoadScopeScheduling)  # with all that it had handed out beside the item
        again = self._crashed(crashitem, by_itself or isinstance(sched, (LoadScheduling, WorkStealingScheduling)))
        report.metr = {"status": TRIED_AGAIN if again else "infra_error"}  # type: ignore[attr-defined]
        if again:
            path, line, _ = report.location
            report.outcome, report.longrepr = "skipped", (path, line or 0, f"{TRIED_AGAIN}: {report.longrepr}")
            if not by_itself:
                sched.mark_test_pending(crashitem)
