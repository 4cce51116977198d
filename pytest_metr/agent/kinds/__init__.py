"""One file for each kind of agent."""

from pytest_metr.agent.kinds.command import COMMAND
from pytest_metr.agent.kinds.control import CONTROL, CONTROLS_AGENT, control_agent
from pytest_metr.agent.kinds.custom import CUSTOM
from pytest_metr.agent.kinds.human import HUMAN
from pytest_metr.agent.kinds.noop import NOOP
from pytest_metr.agent.kinds.oracle import ORACLE
from pytest_metr.agent.kinds.react import REACT
from pytest_metr.agent.kinds.replay import REPLAY

__all__ = [
    "COMMAND",
    "CONTROL",
    "CONTROLS_AGENT",
    "CUSTOM",
    "HUMAN",
    "NOOP",
    "ORACLE",
    "REACT",
    "REPLAY",
    "control_agent",
]
