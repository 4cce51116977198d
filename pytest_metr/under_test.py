"""The agents under test: the kinds that there are, and those that the command line names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.settings import Settings
from pytest_metr.types import AgentSpec

if TYPE_CHECKING:
    from pytest_metr.agent import AgentKind


def agent_kinds(config: pytest.Config) -> dict[str, AgentKind]:
    """Return the kinds of agents by name: the plugin's own, and those of the hook ``pytest_metr_agent_kinds``."""
    from pytest_metr.agent import KINDS

    added = [kind for kinds in config.hook.pytest_metr_agent_kinds() for kind in kinds]
    return {**KINDS, **{kind.name: kind for kind in added}}


def load_agents(settings: Settings, kinds: Mapping[str, AgentKind]) -> dict[str, AgentSpec]:
    """Return the agents under test by name, in the order of the command line.

    :raises UsageMistake: where an agent does not exist, its file is wrong, or two are of one name.
    """
    from pytest_metr.agent import CONTROLS_AGENT, load_agent

    if settings.mode == "controls":
        return {CONTROLS_AGENT.name: CONTROLS_AGENT}
    agents: dict[str, AgentSpec] = {}
    for given in settings.agents:
        spec = load_agent(given, search=settings.agent_dirs, kinds=kinds, overrides=settings.overrides)
        if spec.name in agents:
            raise UsageMistake(f"expected agents of different names, found {spec.name!r} twice", key="--agent")
        agents[spec.name] = spec
    if settings.overrides and agents and not any(spec.overrides for spec in agents.values()):
        option = "--metr-" + next(iter(settings.overrides)).replace("_", "-")
        message = f"expected an agent that talks to a model by way of the plugin, found {', '.join(agents)}"
        raise UsageMistake(message, key=option)
    return agents


def check_secrets(agents_need: Mapping[str, AgentSpec]) -> None:
    """See that the environment has what the agents need.

    :param agents_need: agents by the name of a variable.
    :raises UsageMistake: where a variable is missing or empty.
    """
    for name, spec in agents_need.items():
        if not os.environ.get(name):
            message = f"expected the environment variable {name}, with the key of the model {spec.model}"
            raise UsageMistake(message, file=spec.file, key="key_env")
