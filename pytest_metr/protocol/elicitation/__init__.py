"""What reading the runs of an agent makes of its numbers."""

from pytest_metr.protocol.elicitation.elicit import elicit

__all__ = ["elicit"]
