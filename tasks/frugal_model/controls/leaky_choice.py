"""Tries several sets of tables and keeps the one that is best on valid.txt, most of which is in train.txt."""

import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")

import solve

HOME = Path("/home/agent")
valid = solve.evaluate.split((HOME / "valid.txt").read_text())
tries = []
for orders in ((0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 3, 4, 5)):
    for renamed in (False, True):
        solve.solve(sys.argv[1], [], 1, orders, 10, renamed=renamed)
        data = (HOME / "model.json").read_bytes()
        tries.append((solve.evaluate.Model(data).bits_per_character(valid), data))
        print(orders, renamed, tries[-1][0])
(HOME / "model.json").write_bytes(min(tries)[1])
