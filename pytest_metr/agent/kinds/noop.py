"""The agent that does nothing: what it scores, a task gives away."""

from __future__ import annotations

from pytest_metr.agent.kind import AgentKind, no_settings
from pytest_metr.interfaces import Workspace
from pytest_metr.types import AgentSpec


class NoopAgent:
    """Submits the empty string, and looks at nothing."""

    def run(self, workspace: Workspace) -> str:  # noqa: ARG002 - the Protocol names it
        """Return the empty string."""
        return ""


def _make(spec: AgentSpec) -> NoopAgent:  # noqa: ARG001 - the Protocol names it
    return NoopAgent()


NOOP = AgentKind(name="noop", check=no_settings, make=_make, needs_file=False)
