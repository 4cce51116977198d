"""The hooks that this plugin adds to pytest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_metr.agent import AgentKind
    from pytest_metr.types import RunRecord


@pytest.hookspec
def pytest_metr_agent_kinds() -> Sequence[AgentKind] | None:
    """Add kinds of agents, for ``kind:`` in agent files.

    Called once in each process, controller and workers alike, when the agents of ``--agent`` are read. All results
    count; a kind of a name that there is already takes its place.

    For example, in a ``conftest.py``::

        from pytest_metr.agent import AgentKind


        class Echo:
            def __init__(self, word):
                self.word = word

            def run(self, workspace):
                return self.word


        def pytest_metr_agent_kinds():
            return [
                AgentKind(
                    name="echo",
                    check=lambda fields: {"word": fields.text("word")},
                    make=lambda spec: Echo(spec.settings["word"]),
                )
            ]
    """


@pytest.hookspec(firstresult=True)
def pytest_metr_task_weights(config: pytest.Config, runs: Sequence[RunRecord]) -> Sequence[float] | None:
    """Weigh the runs of one agent, for its overall score, its time horizon and a gate's judgement.

    Called at the end of a session in the process that writes the report (the controller, with
    pytest-xdist), several times for each agent, with those of its runs that count, in the order of the plan:
    those with a score, and those that the protocol's staging left out (status ``not_run``), which count as zeros.
    Once more with those that are missing as well, for the score if each of them counted 0. Return one finite number
    of at least 0 for each run, in the same order and not all 0; they are normalised to sum 1. Return None to leave the
    choice to the next plugin, and in the end to the protocol's weighting. First result only.

    For example, to let every run count the same, in a ``conftest.py``::

        def pytest_metr_task_weights(config, runs):
            return [1.0] * len(runs)
    """
