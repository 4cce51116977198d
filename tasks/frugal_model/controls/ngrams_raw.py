"""N-grams up to six characters, interpolated and pruned, from the text as it is."""

import sys

sys.path.insert(0, "/home/agent/solution")

from solve import solve

solve(sys.argv[1], [], 1, (0, 1, 2, 3, 4, 5), 14, renamed=False)
