"""Trusts the checksums, and does not look at the numbers of the records."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

solve.follows = lambda *_: True
solve.main(sys.argv[1])
