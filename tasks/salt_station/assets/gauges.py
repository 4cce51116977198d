"""The rain gauges: two months of two gauges side by side. Everything follows from the seed."""

import datetime
import random

SEED = 9241
FIRST_DAY = datetime.date(1893, 3, 1)
CHANGE = 41  # days after the first, the first with gauge B in tenths of an inch
TILTED = (23, 36)  # days on which the wind tilted gauge B, which looks like the change and is none


def readings():
    """Return the lines of the table."""
    rng = random.Random(SEED)
    lines = ["date,gauge_a_mm,gauge_b"]
    for number in range(75):
        rain = rng.choice([0.0, 0.0, rng.uniform(1, 9), rng.uniform(2, 20)])
        if number in (CHANGE - 1, CHANGE):
            rain = 6.0 + number % 3
        if number in (17, 18):
            rain = 55.0 - number
        if number in TILTED:
            rain = 7.5
        caught = rain * (0.4 if number in TILTED else rng.uniform(0.96, 1.04))
        shown = caught / 2.54 if number >= CHANGE else caught
        day = FIRST_DAY + datetime.timedelta(days=number)
        lines.append(f"{day},{rain:.1f},{shown:.1f}")
    return lines


def answer():
    """Return the day from which gauge B was written down in another unit."""
    return str(FIRST_DAY + datetime.timedelta(days=CHANGE))
