"""The same, with the grammar of each period."""

import sys

sys.path.insert(0, "/home/agent/solution")
import chronicle

chronicle.solve(("honours", "dates", "gaps"))
