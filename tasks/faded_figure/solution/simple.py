"""The figures `bars` and `curve`. Options leave out rules; the controls use that."""

import csv
import math
from datetime import date, timedelta
from pathlib import Path

HOME = Path("/home/agent")


def rows(name):
    with (HOME / name).open(newline="") as file:
        return list(csv.DictReader(file))


def bars(skip=()):
    """Compute the figure; `skip` may hold trials, check, pilot (the rules to leave out)."""
    speeds = {}
    for row in rows("sessions.csv"):
        out = {
            "trials": int(row["trials"]) < 18,
            "check": row["check"] != "pass",
            "pilot": row["day"] in ("1", "2"),
        }
        if not any(value for rule, value in out.items() if rule not in skip):
            speeds.setdefault(row["lamp"], []).append(float(row["words_per_minute"]))
    figure = {}
    for lamp, values in speeds.items():
        n, centre = len(values), math.fsum(values) / len(values)
        s = math.sqrt(math.fsum(v * v for v in values) / (n - 1) - n * centre * centre / (n - 1))
        figure |= {f"{lamp} n": n, f"{lamp} mean": centre, f"{lamp} half width": 1.96 * s / math.sqrt(n)}
    return figure


def table_of_paper(title):
    """Return the numbers in the last row of a table of paper.md."""
    lines = (HOME / "paper.md").read_text().split(title)[1].splitlines()
    line = next(line for line in lines if line.startswith("| ") and line[2].isdigit() and "-" not in line)
    return [float(cell) for cell in line.strip("| ").split("|")]


def group_of(born, onset, kind):
    """Return the age group; the age is in completed years or a difference of years."""
    age = onset.year - born.year
    if kind == "completed":
        age -= (onset.month, onset.day) < (born.month, born.day)
    return min(age // 15, 5)


def count_cases(kind, skip):
    counts = {}
    for case in rows("cases.csv"):
        if case["onset"]:
            onset = date.fromisoformat(case["onset"])
        elif "onset" in skip:
            continue
        else:
            onset = date.fromisoformat(case["notified"]) - timedelta(days=9)
        mainland = case["area"] == "T" or (case["area"] == "I" and (onset.year > 2003 or "isles" in skip))
        if mainland and case["class"] != "suspected":
            key = onset.year, group_of(date.fromisoformat(case["born"]), onset, kind)
            counts[key] = counts.get(key, 0) + 1
    return counts


def curve(skip=()):
    """Compute the figure; `skip` may hold onset, isles, weights, age."""
    weights = table_of_paper("Table 1.")
    if "weights" not in skip:
        weights[3], weights[4] = weights[4], weights[3]
    people = {}
    for row in rows("population.csv"):
        people.setdefault(int(row["year"]), []).append(int(row["inhabitants"]))
    counts = count_cases("completed", skip)
    if "age" not in skip:
        # Table 2 tells which of the two meanings of an age is that of the paper.
        for kind in ("completed", "years"):
            counts = count_cases(kind, ())
            totals = [sum(n for (_, group), n in counts.items() if group == band) for band in range(6)]
            if totals == table_of_paper("Table 2."):
                counts = count_cases(kind, skip)
                break
    figure = {}
    for year in range(1998, 2016):
        mid = [(a + b) / 2 for a, b in zip(people[year], people[year + 1], strict=True)]
        cases = [counts.get((year, band), 0) for band in range(6)]
        rate = 1e5 * math.fsum(w * d / n for w, d, n in zip(weights, cases, mid, strict=True))
        root = 1e5 * math.sqrt(math.fsum(w * w * d / n / n for w, d, n in zip(weights, cases, mid, strict=True)))
        f = math.exp(1.96 * root / rate)
        figure |= {f"{year} cases": sum(cases), f"{year} rate": rate, f"{year} low": rate / f, f"{year} high": rate * f}
    return figure
