"""The same, with the periods of the texts found by it."""

import sys

sys.path.insert(0, "/home/agent/solution")
import chronicle

chronicle.solve(("honours", "gaps"))
