"""The instrument calibrated, and what strikes keep."""

import sys

sys.path.insert(0, "/home/agent/solution")

from solve import far_field, write

write(lambda conditions: far_field(conditions, hidden=False, form="power", lamp=None, flights=False))
