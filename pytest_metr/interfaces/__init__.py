"""The seams between the stages: what each needs of another, and nothing more."""

from pytest_metr.interfaces.agents import Agent, AgentFactory, Left, TranscriptWriter, VisibleScore, Workspace
from pytest_metr.interfaces.sandboxes import Forward, Process, Provider, Sandbox, Serve

__all__ = [
    "Agent",
    "AgentFactory",
    "Forward",
    "Left",
    "Process",
    "Provider",
    "Sandbox",
    "Serve",
    "TranscriptWriter",
    "VisibleScore",
    "Workspace",
]
