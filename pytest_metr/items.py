"""Between pytest's items and attempts: which run an item stands for, and what its test does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_metr.collect import read_family, run_id
from pytest_metr.collect.nodes import RunItem
from pytest_metr.errors import UsageMistake
from pytest_metr.terminal import failure_line
from pytest_metr.types import Failure, PlannedRun

if TYPE_CHECKING:
    from pytest_metr.bench import Bench
    from pytest_metr.interfaces import Agent, Sandbox
    from pytest_metr.runner import Attempt

#: The key of a worker's input under which the controller hands over the session's folder.
SESSION_DIR_INPUT = "metr_session_dir"
#: The attempt that an item has made, for its report.
ATTEMPT = pytest.StashKey["Attempt"]()
#: Why the protocol leaves the run of an item out; None where it is to be made.
LEFT_OUT = pytest.StashKey[Failure | None]()


def planned_run(item: pytest.Item, bench: Bench) -> PlannedRun:
    """Return the run that an item stands for: a generated item's, or the one of the mark ``metr_task``.

    :raises UsageMistake: where a person's test names no task that there is.
    """
    if not bench.agents:
        raise UsageMistake("expected the agent under test", file=item.nodeid, key="--agent")
    if isinstance(item, RunItem):
        return item.planned
    mark = item.get_closest_marker("metr_task")
    try:
        folder, name = _metr_task(*(mark.args if mark else ()), **(mark.kwargs if mark else {}))
    except TypeError:
        raise UsageMistake("expected the mark metr_task(folder, name)", file=item.nodeid) from None
    task = read_family(item.config.rootpath / folder).task(name)
    agent = next(iter(bench.agents))
    return PlannedRun(
        run_id=run_id(task.family, task.name, agent, 1, place=item.nodeid),
        nodeid=item.nodeid,
        task=task,
        run=1,
        agent=agent,
        own_test=True,
    )


def _metr_task(folder: object, name: object) -> tuple[str, str]:
    """Give the arguments of the mark their names, however they were passed."""
    return str(folder), str(name)


def attempt(_metr_sandbox: Sandbox, _metr_agent: Agent, _metr_attempt: Attempt) -> None:
    """Make one attempt: the test function behind every generated item, its arguments are fixtures.

    A score above the task's threshold passes, one below fails, and none waits for a person.
    """
    record = _metr_attempt.attempt(_metr_agent)
    if record.status == "needs_score":
        pytest.skip("needs a score")
    if not record.success:
        reason = "\n".join([failure_line(record), *(f"note: {note}" for note in record.notes)])
        shown = _metr_attempt.redacted(reason)
        pytest.fail(f"{shown}\ntranscript: {_metr_attempt.transcript_path}", pytrace=False)
