"""Model servers on loopback for tests: one that answers by a script, and one that fails in every way."""

from tests.servers.faulty import FAULTS, FaultyServer
from tests.servers.scripted import Asked, ScriptedServer, said, tool_call

__all__ = ["FAULTS", "Asked", "FaultyServer", "ScriptedServer", "said", "tool_call"]
