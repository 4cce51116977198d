"""Model servers on the loopback interface, for tests: one that answers by a script, one that fails by name."""

from tests.servers.faulty import FAULTS, FaultyServer
from tests.servers.scripted import Asked, ScriptedServer, said, tool_call

__all__ = ["FAULTS", "Asked", "FaultyServer", "ScriptedServer", "said", "tool_call"]
