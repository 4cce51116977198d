"""Agents: their files, their kinds, the workspace they are given, and one attempt of one."""

from pytest_metr.agent.clock import AgentClock
from pytest_metr.agent.freezes import FROZEN_FILE, freeze_line, frozen_file, read_freezes
from pytest_metr.agent.kind import AgentKind
from pytest_metr.agent.kinds import CONTROL, CONTROLS_AGENT, control_agent
from pytest_metr.agent.loading import load_agent, make_agent
from pytest_metr.agent.outcome import AgentOutcome, run_agent
from pytest_metr.agent.registry import KINDS
from pytest_metr.agent.workspace import LimitedWorkspace
from pytest_metr.fields import Fields

__all__ = [
    "CONTROL",
    "CONTROLS_AGENT",
    "FROZEN_FILE",
    "KINDS",
    "AgentClock",
    "AgentKind",
    "AgentOutcome",
    "Fields",
    "LimitedWorkspace",
    "control_agent",
    "freeze_line",
    "frozen_file",
    "load_agent",
    "make_agent",
    "read_freezes",
    "run_agent",
]
