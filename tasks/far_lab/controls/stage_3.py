"""The same, and something unseen that pulls as well."""

import sys

sys.path.insert(0, "/home/agent/solution")

from solve import far_field, write

write(lambda conditions: far_field(conditions, lamp=None, flights=False))
