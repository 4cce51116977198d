"""The kinds of agent that there are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pytest_metr.agent.kind import AgentKind
from pytest_metr.agent.kinds import COMMAND, CUSTOM, HUMAN, NOOP, ORACLE, REACT, REPLAY

#: The word under ``kind`` in an agent file -> the kind.
KINDS: Mapping[str, AgentKind] = MappingProxyType(
    {kind.name: kind for kind in (COMMAND, CUSTOM, HUMAN, NOOP, ORACLE, REACT, REPLAY)}
)
