"""The law fitted to final losses, with the logs as they are; nothing on divergence."""

from growing import run

run(faults=(), whole_curves=False, limit=False)
