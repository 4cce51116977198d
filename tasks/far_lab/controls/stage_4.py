"""The same, and the lamp with its delay; only inertias and turning in flights are left out."""

import sys

sys.path.insert(0, "/home/agent/solution")

from solve import far_field, write

write(lambda conditions: far_field(conditions, flights=False))
