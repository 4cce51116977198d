"""Fits one of the features."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

rows, features = solve.read_rows(), ["b"]
model = solve.Model(features, 1, solve.ranges_of(rows, features))
model.fit(rows, 1.0, 1)
solve.hand_in(model)
