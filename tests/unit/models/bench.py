"""A caller of a model for one run, on a workspace in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_metr.agent import AgentClock, LimitedWorkspace
from pytest_metr.agent.models import ModelCaller, ModelSettings
from pytest_metr.agent.models.retrying import Patience
from pytest_metr.agent.models.settings import Retries
from pytest_metr.types import Limits
from tests.unit.agent.fakes import Answer, FakeSandbox, ListTranscript, Time


class Run:
    """One run that calls a model in real time.

    :param most: how often a request is made again; the pauses between are what the server asks for and no more.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        provider: str = "openai",
        limits: Limits | None = None,
        most: int = 3,
        seconds: float = 60.0,
        **settings: Any,
    ) -> None:
        self.transcript = ListTranscript()
        self.workspace = LimitedWorkspace(
            sandbox=FakeSandbox(Time(), lambda call: Answer()),
            transcript=self.transcript,
            clock=AgentClock(),
            limits=limits or Limits(),
            task_id="riddles/first",
            instructions="Say yes.",
            shared_dir=folder,
        )
        self.settings = ModelSettings.of(f"{provider}/m", {"base_url": url, **settings})
        patience = Patience(rules=Retries(most=most, seconds=seconds), draw=lambda: 0.0)
        self.caller = ModelCaller(self.workspace, self.settings, patience=patience)

    def events(self) -> list[dict[str, Any]]:
        """Return the transcript's events as its lines have them."""
        return [{"kind": kind, **data} for kind, data in self.transcript.events]
