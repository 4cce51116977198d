"""Fits the rows with the smaller errors for a long time, without a look at where the others come from."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

rows, features = solve.read_rows(), ["x1", "x2", "x3", "x4"]
model = solve.Model(features, 4, solve.ranges_of(rows, features))
model.fit(rows, 0.8, 30)
solve.hand_in(model)
