"""The package's own agent: a model, tools in the sandbox, and a loop."""

from pytest_metr.agent.react.loop import Model, ReactAgent
from pytest_metr.agent.react.observed import OBSERVED
from pytest_metr.agent.react.settings import ReactSettings, read_settings

__all__ = ["OBSERVED", "Model", "ReactAgent", "ReactSettings", "read_settings"]
