"""Does what train.py does on scaled features and measured rows, for 30 epochs."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

rows, features = solve.read_rows(), ["a", "b", "c", "d"]
model = solve.Model(features, 1, solve.ranges_of(rows, features))
inputs = [model.inputs(row) for row in rows]
model.weights = [0.0] * len(model.terms)
for _ in range(30):
    errors = [sum(w * x for w, x in zip(model.weights, row, strict=True)) for row in inputs]
    errors = [found - row["y"] for found, row in zip(errors, rows, strict=True)]
    for place in range(len(model.terms)):
        gradient = sum(2 * error * row[place] for error, row in zip(errors, inputs, strict=True)) / len(rows)
        model.weights[place] -= 0.1 * gradient
solve.hand_in(model)
