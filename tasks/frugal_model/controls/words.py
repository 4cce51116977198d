"""The beginning of the word as a register, from the text as it is, with the persons who never come again."""

import sys

sys.path.insert(0, "/home/agent/solution")

from solve import solve

solve(sys.argv[1], ["words"], 1, (0, 1), 14, renamed=False)
