"""What a kind of agent is: how its settings are checked, and how an agent is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_metr.fields import Fields
from pytest_metr.interfaces import AgentFactory
from pytest_metr.types import AgentSpec


def no_settings(fields: Fields) -> dict[str, Any]:  # noqa: ARG001 - as every kind has it
    """Return the settings of a kind that has none."""
    return {}


def never(settings: Mapping[str, Any]) -> bool:  # noqa: ARG001 - as every kind has it
    """Whether an agent talks to a model by way of this package: no."""
    return False


def none(spec: AgentSpec) -> Sequence[str]:  # noqa: ARG001 - as every kind has it
    """Return the environment variables that an agent needs: none."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentKind:
    """A kind of agent, as agent files name it under ``kind``.

    :param name: the word in agent files.
    :param check: takes the kind's own keys from the agent file and returns the settings, complete and plain
        JSON; raises :class:`~pytest_metr.errors.UsageMistake`. Keys that it does not ask for are refused.
    :param make: makes the agent from its checked settings.
    :param needs_file: whether there is no such agent without a file; else the kind's name is an agent too.
    :param paths: the settings that name a file or folder, whose content is part of the agent's identity.
    :param uses_model: whether an agent of these settings talks to its model by way of this package; its file, or the
        command line, must then say which model.
    :param needs_terminal: whether somebody sits at pytest's terminal and works there, so that no other run may go on.
    :param secrets: the environment variables that an agent needs and whose values must stay secret.
    """

    name: str
    check: Callable[[Fields], dict[str, Any]]
    make: AgentFactory
    needs_file: bool = True
    paths: tuple[str, ...] = ()
    uses_model: Callable[[Mapping[str, Any]], bool] = never
    needs_terminal: bool = False
    secrets: Callable[[AgentSpec], Sequence[str]] = none
