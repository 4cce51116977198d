"""Fits the model by least squares on scaled features, leaving out the rows that no common law explains.

Usage: solve.py diverging|held_out.
"""

import csv
import itertools
import json
import math
import sys
from pathlib import Path

HOME = Path("/home/agent")


def least_squares(inputs, targets):
    """Solve the normal equations by elimination with pivoting."""
    size = len(inputs[0])
    matrix = [[0.0] * (size + 1) for _ in range(size)]
    for row, target in zip(inputs, targets, strict=True):
        for i, x in enumerate(row):
            line = matrix[i]
            for j in range(i, size):
                line[j] += x * row[j]
            line[size] += x * target
    for i in range(size):
        matrix[i][i] += 1e-9
        for j in range(i):
            matrix[i][j] = matrix[j][i]
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(matrix[r][i]))
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        for r in range(i + 1, size):
            factor = matrix[r][i] / matrix[i][i]
            for c in range(i, size + 1):
                matrix[r][c] -= factor * matrix[i][c]
    weights = [0.0] * size
    for i in reversed(range(size)):
        weights[i] = (matrix[i][size] - sum(matrix[i][j] * weights[j] for j in range(i + 1, size))) / matrix[i][i]
    return weights


def basis(features, degree):
    return [c for n in range(degree + 1) for c in itertools.combinations_with_replacement(features, n)]


REPAIRS = {
    "as it is": lambda row: row,
    "x2 is in Fahrenheit": lambda row: {**row, "x2": (row["x2"] - 32) * 5 / 9},
    "x1 and x3 are swapped": lambda row: {**row, "x1": row["x3"], "x3": row["x1"]},
}


class Model:
    """A polynomial of scaled features, fitted to the rows that it explains best."""

    def __init__(self, features, degree, ranges):
        self.scaling = {n: ((low + high) / 2, (high - low) / 2) for n, (low, high) in ranges.items()}
        self.terms = basis(features, degree)
        self.weights = []

    def inputs(self, row):
        scaled = {n: (row[n] - centre) / scale for n, (centre, scale) in self.scaling.items()}
        return [math.prod(scaled[n] for n in term) for term in self.terms]

    def error(self, row):
        return abs(sum(w * x for w, x in zip(self.weights, self.inputs(row), strict=True)) - row["y"])

    def fit(self, rows, share, turns):
        """Fit *turns* times to the share of the rows with the smallest errors."""
        inputs, kept = [self.inputs(row) for row in rows], range(len(rows))
        for _ in range(turns):
            self.weights = least_squares([inputs[i] for i in kept], [rows[i]["y"] for i in kept])
            errors = [self.error(row) for row in rows]
            kept = sorted(range(len(rows)), key=errors.__getitem__)[: int(len(rows) * share)]

    def to_json(self):
        return {
            "scaling": {n: {"centre": c, "scale": s} for n, (c, s) in self.scaling.items()},
            "terms": [
                {"coef": w, "powers": {n: term.count(n) for n in term}}
                for w, term in zip(self.weights, self.terms, strict=True)
            ],
        }


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def repaired(model, batches):
    """Repair every batch in the way that explains it best; leave out those that nothing explains."""
    rows = []
    for batch, members in batches.items():
        errors = {name: median(model.error(fix(row)) for row in members) for name, fix in REPAIRS.items()}
        best = min(errors, key=errors.__getitem__)
        good = errors[best] < 0.3
        if best != "as it is" or not good:
            print(f"batch {batch}: {best if good else 'left out'} ({errors[best]:.2f})")
        rows += [REPAIRS[best](row) for row in members] if good else []
    return rows


def main(task):
    with (HOME / "train.csv").open() as file:
        rows = [{n: float(v) for n, v in row.items() if n != "logger"} for row in csv.DictReader(file)]
    rows = [row for row in rows if row["y"] > -9000]
    if task == "diverging":
        features, degree = ["a", "b", "c", "d"], 1
    else:
        features, degree = ["x1", "x2", "x3", "x4"], 3
    ranges = {n: (min(row[n] for row in rows), max(row[n] for row in rows)) for n in features}
    model = Model(features, degree, ranges)
    model.fit(rows, 0.6 if task == "held_out" else 1.0, 8)
    if task == "held_out":
        batches = {}
        for row in rows:
            batches.setdefault(int(row["batch"]), []).append(row)
        rows = repaired(model, batches)
        model.scaling["x2"] = (20.0, 20.0)
        model.fit(rows, 0.96, 4)
    (HOME / "model.json").write_text(json.dumps(model.to_json()))


main(sys.argv[1])
