"""Everything but a calibrated instrument."""

import sys

sys.path.insert(0, "/home/agent/solution")

from solve import far_field, write

write(lambda conditions: far_field(conditions, calibrated=False))
