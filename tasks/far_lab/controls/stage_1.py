"""Readings as they are, posts only, no lamp, billiard strikes, flights straight on."""

import sys

sys.path.insert(0, "/home/agent/solution")

from solve import far_field, write

write(
    lambda conditions: far_field(
        conditions, calibrated=False, hidden=False, form="power", lamp=None, kept=2, flights=False
    )
)
