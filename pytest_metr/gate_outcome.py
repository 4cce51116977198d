"""What a gate does to a pytest session: its exit status, the JUnit file, a CI job's page."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from _pytest.junitxml import xml_key  # there is no public way to a suite's properties from outside of a fixture

from pytest_metr.errors import UsageMistake
from pytest_metr.gate import (
    Gate,
    append_step_summary,
    check_gate,
    load_gate,
    verdict_lines,
    verdict_markdown,
)
from pytest_metr.scoring import undecided_rows
from pytest_metr.settings import Settings
from pytest_metr.types import CONTROL_AGENTS, AgentSpec, EvaluationProtocol, PlannedRun, RunRow, Verdict

#: The exit status where nobody can tell whether the gate is kept.
INCONCLUSIVE = 20
#: Where GitHub shows what a job has to say.
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"


def read_gate(settings: Settings, protocol: EvaluationProtocol, agents: Mapping[str, AgentSpec]) -> Gate | None:
    """Return the gate of the session, checked against what it will judge; None for a session without one.

    :raises UsageMistake: where the file is wrong, or asks for a metric, check or agent that there will not be.
    """
    if settings.gate is None:
        return None
    gate = load_gate(settings.gate)
    check_gate(gate, protocol)
    for index, name in enumerate(gate.agents):
        if name not in agents:
            message = f"expected an agent of this session ({', '.join(agents)}), found {name!r}"
            raise UsageMistake(message, file=settings.gate, key=f"agents[{index}]")
    if not gate.agents and all(spec.kind in CONTROL_AGENTS for spec in agents.values()):
        message = (
            "expected an agent to judge; oracle and noop are controls, which it judges only where agents: names them"
        )
        raise UsageMistake(message, file=settings.gate, key="agents")
    return gate


def gate_undecided(
    gate: Gate | None, agents: Mapping[str, AgentSpec], protocol: EvaluationProtocol
) -> Callable[[Sequence[RunRow]], str | None]:
    """Return what says of the rows of an agent so far why the gate needs more of them, or None where it needs none."""
    kinds = {name: spec.kind for name, spec in agents.items()}

    def undecided(rows: Sequence[RunRow]) -> str | None:
        assert gate is not None  # without a gate there are no rounds
        return undecided_rows(gate, [replace(row, agent_kind=kinds.get(row.agent)) for row in rows], protocol)

    return undecided


class GateOutcome:
    """Knows which tests failed beside the runs, and what the session's exit status is to be.

    :ivar trouble: why the CI job's page could not be written; None where it could.
    """

    def __init__(self) -> None:
        self._failed: set[str] = set()
        self.trouble: str | None = None

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of failures: those of runs are judged by the gate, all others count as they always do."""
        if report.failed:
            self._failed.add(report.nodeid)

    def settle(self, session: pytest.Session, verdict: Verdict, planned: Sequence[PlannedRun]) -> None:
        """Set the exit status, and tell the verdict to the JUnit file and the CI job's page.

        A session that did not come to its end keeps the status that says so.
        """
        self._tell(session.config, verdict)
        if session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        judged = {run.nodeid for run in planned if not run.own_test}
        if verdict.verdict != "passed" or not self._failed - judged:
            session.exitstatus = verdict.exit_status

    def judged_nothing(self, session: pytest.Session) -> None:
        """Set the exit status of a session with a gate in which there was nothing to judge."""
        if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = INCONCLUSIVE

    def _tell(self, config: pytest.Config, verdict: Verdict) -> None:
        xml: Any = config.stash.get(xml_key, None)
        if xml is not None:
            xml.add_global_property("metr_gate", verdict.verdict)
            xml.add_global_property("metr_gate_sentence", verdict.sentence)
        page = os.environ.get(STEP_SUMMARY)
        if page:
            try:
                append_step_summary(Path(page), verdict_markdown(verdict))
            except OSError as error:  # the verdict stands, whether or not the page can show it
                self.trouble = f"{STEP_SUMMARY}: cannot be written: {error}"


def show_verdict(terminal: pytest.TerminalReporter, verdict: Verdict) -> None:
    """Show the verdict below everything else about the runs, its first line in its colour."""
    colour = {"passed": "green", "failed": "red", "inconclusive": "yellow"}[verdict.verdict]
    terminal.write_line("")
    for number, line in enumerate(verdict_lines(verdict, terminal._tw.fullwidth)):
        terminal.write_line(line, **{colour: number == 0, "bold": number == 0})
