"""Fits all columns, as the script does, but on scaled features."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

rows, features = solve.read_rows(), ["x1", "x2", "x3", "x4", "q"]
model = solve.Model(features, 2, solve.ranges_of(rows, features))
model.fit(rows, 0.97, 4)
solve.hand_in(model)
