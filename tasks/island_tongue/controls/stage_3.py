"""The same, with the mistakes of the glossary mended."""

import sys

sys.path.insert(0, "/home/agent/solution")
import chronicle

chronicle.solve(("honours", "periods", "dates", "gaps"))
