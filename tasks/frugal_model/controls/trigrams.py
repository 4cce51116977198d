"""The last two characters, and fewer; persons renamed."""

import sys

sys.path.insert(0, "/home/agent/solution")

from solve import solve

solve(sys.argv[1], [], 1, (0, 1, 2), 10)
