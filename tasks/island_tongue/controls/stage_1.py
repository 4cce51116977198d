"""The grammar of the first period for all; the glossary as it is; nothing of the south."""

import sys

sys.path.insert(0, "/home/agent/solution")
import chronicle

chronicle.solve(("glossary", "honours", "periods", "south", "dates", "gaps"))
