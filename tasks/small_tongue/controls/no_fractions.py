"""Periods are cut off instead of written."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.sums_with(("({digits[seen[rest] :]})", ""))
