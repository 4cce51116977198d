"""From the changed day on, A is to B as an inch's tenth is to a millimetre, on every wet day."""

import csv
from pathlib import Path

with open("/home/agent/gauges.csv") as file:
    wet = [(r["date"], float(r["gauge_a_mm"]), float(r["gauge_b"])) for r in csv.DictReader(file)]
wet = [(day, a / b) for day, a, b in wet if a >= 1 and b > 0]
changed = [abs(ratio - 2.54) < 0.35 for _, ratio in wet]
first = next(i for i in range(len(wet)) if all(changed[i:]))
assert changed[:first].count(True) <= 2
Path("/home/agent/submission.txt").write_text(wet[first][0])
