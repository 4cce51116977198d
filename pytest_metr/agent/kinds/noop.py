"""The agent that does nothing: what it scores, a task gives away."""

from __future__ import annotations

from typing import Any

from pytest_metr.agent.kind import AgentKind
from pytest_metr.fields import Fields
from pytest_metr.interfaces import Workspace
from pytest_metr.types import AgentSpec


class NoopAgent:
    """Submits the empty string, and looks at nothing."""

    def run(self, workspace: Workspace) -> str:  # noqa: ARG002 - the Protocol names it
        """Return the empty string."""
        return ""


def _check(_fields: Fields) -> dict[str, Any]:
    return {}


def _make(spec: AgentSpec) -> NoopAgent:  # noqa: ARG001 - the Protocol names it
    return NoopAgent()


NOOP = AgentKind(name="noop", check=_check, make=_make, needs_file=False)
