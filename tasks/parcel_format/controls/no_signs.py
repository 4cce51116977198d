"""Halves the numbers and does not see that the lowest bit is their sign."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

solve.unzigzag = lambda plain: (plain + 1) // 2
solve.hand_in(solve.decoded(solve.decode_lengths))
