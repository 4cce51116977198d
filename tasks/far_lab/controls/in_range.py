"""The law of slow runs, which are cheap, for all."""

import sys

sys.path.insert(0, "/home/agent/solution")

from simple import damping
from solve import write

write(lambda conditions: damping(conditions, fast=False))
