"""Fits all rows."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

rows, features = solve.read_rows(), ["x1", "x2", "x3", "x4"]
model = solve.Model(features, 3, solve.ranges_of(rows, features))
model.fit(rows, 1.0, 1)
solve.hand_in(model)
