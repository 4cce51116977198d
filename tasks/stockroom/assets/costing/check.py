"""A few checks of costing.py; more are made when the work is scored."""

import costing

CHECKS = [
    ([["receive", 4, 400], ["receive", 4, 800], ["issue", 4], ["issue", 4]], [None, None, 400, 800]),
    ([["receive", 2, 100], ["issue", 3], ["issue", 2]], [None, None, 100]),
    ([["receive", 2, 100], ["receive", 2, 300], ["oldest"]], [None, None, [2, 100]]),
]

for operations, expected in CHECKS:
    found = costing.replay(operations)
    print("ok    " if found == expected else "FAILED", operations, "->", found, "expected", expected)
