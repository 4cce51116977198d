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
for percent in range(50, 151, 5):
    REPAIRS.setdefault(f"y is {percent} %", lambda row, share=percent / 100: {**row, "y": row["y"] / share})
#: Where logger A was, x4 is never larger; only there its rows tell what is right.
SHELTERED = 0.4


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


def batches_of(rows):
    batches = {}
    for row in rows:
        batches.setdefault(int(row["batch"]), []).append(row)
    return batches


def best_repair(model, members, repairs):
    """Return ``(median error, name)`` of the repair that explains the sheltered rows of a batch best."""
    members = [row for row in members if abs(row["x4"]) <= SHELTERED]
    return min((median(model.error(fix(row)) for row in members), name) for name, fix in repairs.items())


def repaired(model, batches, repairs):
    """Repair every batch in the way that explains it best; leave out those that nothing explains."""
    rows = []
    for batch, members in batches.items():
        error, best = best_repair(model, members, repairs)
        if best != "as it is" or error > 0.3:
            print(f"batch {batch}: {best if error < 0.3 else 'left out'} ({error:.2f})")
        rows += [repairs[best](row) for row in members] if error < 0.3 else []
    return rows


def read_rows():
    """Return the rows in which y was measured."""
    with (HOME / "train.csv").open() as file:
        rows = [{n: float(v) if n != "logger" else v for n, v in row.items()} for row in csv.DictReader(file)]
    return [row for row in rows if row["y"] > -9000]


def ranges_of(rows, features):
    return {n: (min(row[n] for row in rows), max(row[n] for row in rows)) for n in features}


def hand_in(model):
    (HOME / "model.json").write_text(json.dumps(model.to_json()))


def diverging(rows):
    features = ["a", "b", "c", "d"]
    model = Model(features, 1, ranges_of(rows, features))
    model.fit(rows, 1.0, 1)
    return model


def held_out(rows, repairs=REPAIRS):
    """Learn from logger A, which agrees with itself, what is wrong with the others; mend it, and learn from all."""
    features = ["x1", "x2", "x3", "x4"]
    by_a = [row for row in rows if row["logger"] == "A"]
    of_a = Model(features, 3, ranges_of(by_a, features))
    of_a.fit(by_a, 0.85, 8)
    rows = repaired(of_a, batches_of(rows), repairs)
    model = Model(features, 4, ranges_of(rows, features))
    model.fit(rows, 0.96, 4)
    return model


if __name__ == "__main__":
    hand_in({"diverging": diverging, "held_out": held_out}[sys.argv[1]](read_rows()))
