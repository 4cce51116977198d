"""The fixtures of an attempt: ``task``, ``sandbox``, ``agent`` and ``run_record``.

The items that this plugin generates use them, and a person's own test can too::

    @pytest.mark.metr_task("tasks/reverse_hash", "abandon")
    def test_the_agent_leaves_a_note(task, sandbox, agent, run_record):
        record = run_record.attempt(agent)
        assert record.score is not None
        assert sandbox.exec(["test", "-e", "/home/agent/note.txt"]).ok
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_metr.interfaces import Agent, Sandbox
    from pytest_metr.runner import Attempt
    from pytest_metr.types import PlannedRun, TaskSpec


@pytest.fixture
def _metr_planned(request: pytest.FixtureRequest) -> PlannedRun:
    """The run that the requesting test stands for."""
    from pytest_metr.session import metr_session

    return metr_session(request.config).planned(request.node)


@pytest.fixture
def task(_metr_planned: PlannedRun) -> TaskSpec:
    """The task of this attempt: a :class:`pytest_metr.types.TaskSpec`."""
    return _metr_planned.task


@pytest.fixture
def run_record(request: pytest.FixtureRequest, _metr_planned: PlannedRun) -> Attempt:
    """The attempt as it is recorded: ``run_record.attempt(agent)`` lets the agent work, scores and records."""
    from pytest_metr.session import metr_session

    return metr_session(request.config).begin(request.node, _metr_planned)


@pytest.fixture
def agent(run_record: Attempt) -> Agent:
    """The agent under test: an object with the one method ``run(workspace)``."""
    return run_record.make_agent()


@pytest.fixture
def sandbox(run_record: Attempt) -> Iterator[Sandbox]:
    """The task's environment, started; torn down and destroyed afterwards, whatever happens."""
    try:
        yield run_record.open()
    finally:
        run_record.close()
