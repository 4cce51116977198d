"""Applies a record as often as it is there."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

records = solve.records
solve.records = lambda *given: ((*record, False) for *record, _ in records(*given))
solve.main(sys.argv[1])
