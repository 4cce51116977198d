"""Words by their beginning."""

import sys

sys.path.insert(0, "/home/agent/solution")

from solve import solve

solve(sys.argv[1], ["words"], 1, (0, 1), 20)
