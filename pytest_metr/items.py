"""Between pytest's items and attempts: which run an item stands for, and what its test does."""

from __future__ import annotations

import pytest

from pytest_metr.bench import Bench
from pytest_metr.collect import read_family, run_id
from pytest_metr.collect.nodes import RunItem
from pytest_metr.errors import UsageMistake
from pytest_metr.interfaces import Agent, Sandbox
from pytest_metr.runner import Attempt
from pytest_metr.terminal import failure_line
from pytest_metr.types import PlannedRun, TaskSpec

#: The attempt that an item has made, for its report.
ATTEMPT = pytest.StashKey[Attempt]()


def planned_run(item: pytest.Item, bench: Bench) -> PlannedRun:
    """Return the run that an item stands for: a generated item's, or the one of the mark ``metr_task``.

    :raises UsageMistake: where a person's test names no task that there is.
    """
    if isinstance(item, RunItem):
        return item.planned
    mark = item.get_closest_marker("metr_task")
    if mark is None or len(mark.args) != 2:
        raise UsageMistake("expected the mark metr_task(folder, task name)", file=item.nodeid)
    if not bench.agents:
        raise UsageMistake("expected the agent under test", file=item.nodeid, key="--agent")
    folder, name = (str(arg) for arg in mark.args)
    task = read_family(item.config.rootpath / folder).task(name)
    agent = next(iter(bench.agents))
    return PlannedRun(
        run_id=run_id(task.family, task.name, agent, 1, place=item.nodeid),
        nodeid=item.nodeid,
        task=task,
        run=1,
        agent=agent,
    )


def attempt(task: TaskSpec, sandbox: Sandbox, agent: Agent, run_record: Attempt) -> None:  # noqa: ARG001 - fixtures
    """Make one attempt: the test function behind every generated item, its arguments are fixtures.

    A score above the task's threshold passes, one below fails, and none waits for a person.
    """
    record = run_record.attempt(agent)
    if record.status == "needs_score":
        pytest.skip("needs a score")
    if not record.success:
        reason = run_record.redacted(failure_line(record))
        pytest.fail(f"{reason}\ntranscript: {run_record.transcript_path}", pytrace=False)
