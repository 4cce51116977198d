"""Scales the features and takes -9999 for a measurement."""

import csv
import sys

sys.path.insert(0, "/home/agent/solution")
import solve

with (solve.HOME / "train.csv").open() as file:
    rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
solve.hand_in(solve.diverging(rows))
