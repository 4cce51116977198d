"""The second effect in the form that fits worse."""

import sys

sys.path.insert(0, "/home/agent/solution")

from simple import damping
from solve import write

write(lambda conditions: damping(conditions, choose=max))
