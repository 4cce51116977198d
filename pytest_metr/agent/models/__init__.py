"""Models: what they are asked and answer, the way to their servers, and asking within a run's limits."""

from pytest_metr.agent.models.caller import ModelCaller
from pytest_metr.agent.models.chat import Message, Reply, Request, StopReason, ToolCall, ToolSpec
from pytest_metr.agent.models.conversation import requests
from pytest_metr.agent.models.errors import ModelRejected, ModelTrouble
from pytest_metr.agent.models.settings import ModelSettings, check_model, key_variable, split_model
from pytest_metr.agent.models.wire import Wire
from pytest_metr.agent.models.wires import WIRES

__all__ = [
    "WIRES",
    "Message",
    "ModelCaller",
    "ModelRejected",
    "ModelSettings",
    "ModelTrouble",
    "Reply",
    "Request",
    "StopReason",
    "ToolCall",
    "ToolSpec",
    "Wire",
    "check_model",
    "key_variable",
    "requests",
    "split_model",
]
