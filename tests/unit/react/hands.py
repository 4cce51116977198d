"""The tools of one run in a sandbox, called as a model calls them."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from typing import Any

from pytest_metr.agent import AgentClock, LimitedWorkspace
from pytest_metr.agent.models.chat import ToolCall
from pytest_metr.agent.react import ReactSettings, read_settings
from pytest_metr.agent.react.tools import Toolbox
from pytest_metr.fields import Fields
from pytest_metr.interfaces import Process, Sandbox
from pytest_metr.types import Limits
from tests.unit.agent.fakes import ListTranscript


def settings_of(**given: Any) -> ReactSettings:
    """Return the settings of an agent file with these fields."""
    max_tokens = given.pop("max_tokens", None)
    return ReactSettings.of({**read_settings(Fields(given)), "max_tokens": max_tokens})


class NotingWorkspace(LimitedWorkspace):
    """Knows what it has started."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.started: list[Process] = []

    def spawn(self, argv: Sequence[str], **given: Any) -> Process:
        self.started.append(super().spawn(argv, **given))
        return self.started[-1]


class Hands:
    """Tools, and the workspace and transcript behind them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.settings = settings_of(tool_timeout_seconds=20)
        self.limit()

    def limit(self, **limits: Any) -> None:
        """Begin a run of its own, with limits."""
        self.transcript = ListTranscript()
        self.workspace = NotingWorkspace(
            sandbox=self._sandbox,
            transcript=self.transcript,
            clock=AgentClock(now=time.monotonic),
            limits=Limits(**limits),
            task_id="riddles/first",
            instructions="Say yes.",
        )
        self.change()

    def change(self, **settings: Any) -> None:
        """Begin again with other settings."""
        self.settings = dataclasses.replace(self.settings, **settings)
        self.tools = Toolbox(self.workspace, self.settings)

    def close(self) -> None:
        """End what this has started, which is sooner done than to end all that the agent has."""
        for process in self.workspace.started:
            process.close()

    def call(self, name: str, **arguments: Any) -> str:
        """Return what a call gives."""
        return self.tools.call(ToolCall(id="1", name=name, arguments=json.dumps(arguments)))

    def bash(self, command: str, **arguments: Any) -> str:
        """Return what a command gives."""
        return self.call("bash", command=command, **arguments)

    def python(self, code: str, **arguments: Any) -> str:
        """Return what a piece of code gives."""
        return self.call("python", code=code, **arguments)

    def last(self, kind: str) -> dict[str, Any]:
        """Return the last event of a kind."""
        return self.transcript.of(kind)[-1]
