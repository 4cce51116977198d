"""The same, with the honours of the verb; only the lost words are missing."""

import sys

sys.path.insert(0, "/home/agent/solution")
import chronicle

chronicle.solve(("gaps",))
