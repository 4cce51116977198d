"""Blanks around operators decide nothing, except that uneven ones are found."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

if sys.argv[1] == "sums":
    reduced.sums_with(("(0 if before else TIGHT)", "0"))
else:
    reduced.hand_in("spacing")
