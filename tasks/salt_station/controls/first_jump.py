"""Submits the first wet day on which gauge B shows less than half of gauge A."""

import csv
from pathlib import Path

home = Path("/home/agent")
with (home / "gauges.csv").open() as file:
    wet = [(row["date"], float(row["gauge_a_mm"]), float(row["gauge_b"])) for row in csv.DictReader(file)]
(home / "submission.txt").write_text(next(day for day, a, b in wet if a >= 1 and b < a / 2))
