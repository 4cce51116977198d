"""The seams between the stages: what each needs of another, and nothing more."""

from typing import TYPE_CHECKING

from pytest_metr.on_demand import on_demand

if TYPE_CHECKING:
    from pytest_metr.interfaces.agents import Agent as Agent
    from pytest_metr.interfaces.agents import AgentFactory as AgentFactory
    from pytest_metr.interfaces.agents import Left as Left
    from pytest_metr.interfaces.agents import TranscriptWriter as TranscriptWriter
    from pytest_metr.interfaces.agents import VisibleScore as VisibleScore
    from pytest_metr.interfaces.agents import Workspace as Workspace
    from pytest_metr.interfaces.sandboxes import Forward as Forward
    from pytest_metr.interfaces.sandboxes import Process as Process
    from pytest_metr.interfaces.sandboxes import Provider as Provider
    from pytest_metr.interfaces.sandboxes import Sandbox as Sandbox
    from pytest_metr.interfaces.sandboxes import Serve as Serve
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        agents="Agent AgentFactory Left TranscriptWriter VisibleScore Workspace",
        sandboxes="Forward Process Provider Sandbox Serve",
    )
