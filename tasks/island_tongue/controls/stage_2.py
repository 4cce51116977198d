"""The same, with the sounds of the south."""

import sys

sys.path.insert(0, "/home/agent/solution")
import chronicle

chronicle.solve(("glossary", "honours", "periods", "dates", "gaps"))
