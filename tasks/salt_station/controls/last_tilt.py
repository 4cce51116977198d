"""Submits the last day on which gauge B shows less than half of gauge A before it shows as much once more."""

import csv
from pathlib import Path

home = Path("/home/agent")
with (home / "gauges.csv").open() as file:
    wet = [(row["date"], float(row["gauge_a_mm"]), float(row["gauge_b"])) for row in csv.DictReader(file)]
wet = [(day, b < a / 2) for day, a, b in wet if a >= 1]
last_equal = max(place for place, (_, apart) in enumerate(wet) if not apart)
(home / "submission.txt").write_text(max(day for day, apart in wet[:last_equal] if apart))
