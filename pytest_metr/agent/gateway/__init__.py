"""The gateway: what programs inside a sandbox reach on the host, on a port of 127.0.0.1 in there, and by a token.

Agents that are programs ask for their model by it, in the form of either maker's API, for an intermediate score and for
what is left of their limits; a person's shell says its words by it.
"""

from pytest_metr.agent.gateway.attended import run_attended
from pytest_metr.agent.gateway.gateway import Gateway, Word

__all__ = ["Gateway", "Word", "run_attended"]
