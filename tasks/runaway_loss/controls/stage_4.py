"""Mends all batches, and fits a polynomial of the degree 3 to them."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

fit = solve.Model.__init__
solve.Model.__init__ = lambda model, features, degree, ranges: fit(model, features, min(degree, 3), ranges)
solve.hand_in(solve.held_out(solve.read_rows()))
