"""The second effect sets in at the same speed for all loads."""

import sys

sys.path.insert(0, "/home/agent/solution")

from simple import damping
from solve import write

write(lambda conditions: damping(conditions, coupled=False))
