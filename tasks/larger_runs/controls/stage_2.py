"""The law fitted to final losses, with the logs as they are; and the limit of the rate."""

from growing import run

run(faults=(), whole_curves=False)
