"""What a kind of agent is: how its settings are checked, and how an agent is made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pytest_metr.fields import Fields
from pytest_metr.interfaces import AgentFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentKind:
    """A kind of agent, as agent files name it under ``kind``.

    :param name: the word in agent files.
    :param check: takes the kind's own keys from the agent file and returns the settings, complete and plain
        JSON; raises :class:`~pytest_metr.errors.UsageMistake`. Keys that it does not ask for are refused.
    :param make: makes the agent from its checked settings.
    :param needs_file: whether there is no such agent without a file; else the kind's name is an agent too.
    :param paths: the settings that name a file or folder, whose content is part of the agent's identity.
    """

    name: str
    check: Callable[[Fields], dict[str, Any]]
    make: AgentFactory
    needs_file: bool = True
    paths: tuple[str, ...] = ()
