"""The agent that is a person."""

from __future__ import annotations

from typing import Any

from pytest_metr.agent.kind import AgentKind
from pytest_metr.fields import Fields
from pytest_metr.interfaces import Agent
from pytest_metr.types import AgentSpec


def _check(fields: Fields) -> dict[str, Any]:
    return {"person": fields.optional_text("person")}


def _make(spec: AgentSpec) -> Agent:  # noqa: ARG001 - as every kind has it
    from pytest_metr.agent.human.agent import HumanAgent

    return HumanAgent()


HUMAN = AgentKind(name="human", check=_check, make=_make, needs_file=False, needs_terminal=True)
