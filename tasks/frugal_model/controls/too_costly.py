"""The reference's parts with six times the budget: a better model that is not allowed."""

import sys

sys.path.insert(0, "/home/agent/solution")

import solve

solve.BUDGETS[sys.argv[1]] *= 6
solve.solve(sys.argv[1], **{**solve.PLANS[sys.argv[1]], "price": 4})
