"""The same, with the topic that follows from the counter."""

import sys

sys.path.insert(0, "/home/agent/solution")

from solve import solve

solve(sys.argv[1], ["words", "names", "agreement", "quotes", "topics"], 3, (0, 1), 20)
