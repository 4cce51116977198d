"""The fixtures of an attempt: ``task``, ``sandbox``, ``agent`` and ``run_record``.

A person's own test can use them::

    @pytest.mark.metr_task("tasks/reverse_hash", "abandon")
    def test_the_agent_leaves_a_note(task, sandbox, agent, run_record):
        record = run_record.attempt(agent)
        assert record.score is not None
        assert sandbox.exec(["test", "-e", "/home/agent/note.txt"]).ok

The generated items use the same ones by names of their own: a fixture ``agent`` of somebody's ``conftest.py`` must
not take the place of the agent under test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_metr.attempt import Attempt
    from pytest_metr.interfaces import Agent, Sandbox
    from pytest_metr.standard import Lifecycle
    from pytest_metr.types import TaskSpec


@pytest.fixture
def _metr_attempt(request: pytest.FixtureRequest) -> Attempt:
    """The attempt that the requesting test stands for."""
    from pytest_metr.session import metr_session

    return metr_session(request.config).begin(request.node)


@pytest.fixture
def _metr_agent(_metr_attempt: Attempt) -> Agent | None:
    """The agent under test, fresh; none for a run that is kept from before the session was resumed."""
    return None if _metr_attempt.kept else _metr_attempt.make_agent()


@pytest.fixture
def _metr_sandbox(_metr_attempt: Attempt) -> Iterator[Sandbox | None]:
    """The sandbox with the task started in it; none for a run that is kept from before the session was resumed."""
    if _metr_attempt.kept:
        yield None
        return
    try:
        yield _metr_attempt.open()
    finally:
        _metr_attempt.close()


@pytest.fixture
def _metr_started(request: pytest.FixtureRequest) -> Iterator[Lifecycle]:
    """The task of the requesting item, started for the tests of its family."""
    from pytest_metr.family_tests import started
    from pytest_metr.session import metr_session

    with started(metr_session(request.config).bench, request.node.task) as lifecycle:
        yield lifecycle


@pytest.fixture
def task(_metr_attempt: Attempt) -> TaskSpec:
    """The task of this attempt: a :class:`pytest_metr.types.TaskSpec`."""
    return _metr_attempt.planned.task


@pytest.fixture
def run_record(_metr_attempt: Attempt) -> Attempt:
    """The attempt as it is recorded: ``run_record.attempt(agent)`` lets the agent work, scores and records."""
    return _metr_attempt


@pytest.fixture
def agent(_metr_agent: Agent) -> Agent:
    """The agent under test: an object with the one method ``run(workspace)``."""
    return _metr_agent


@pytest.fixture
def sandbox(_metr_sandbox: Sandbox) -> Sandbox:
    """The task's environment, started; torn down and destroyed afterwards, whatever happens."""
    return _metr_sandbox
