"""Makes the data: what is given for training, with its faults, and what is held back, without. All from the seeds."""

import random

SEEDS = {"diverging": 60613, "held_out": 60625}
NOISE = 0.1
MISSING = -9999.0


def diverging_row(rng):
    """Return a clean row of the task ``diverging``."""
    row = {"a": rng.random(), "b": rng.uniform(2000, 7000), "c": rng.uniform(-1, 1), "d": rng.uniform(0, 0.02)}
    row["y"] = 4 + 2.5 * row["a"] - 0.0011 * row["b"] + 1.7 * row["c"] + 140 * row["d"] + rng.gauss(0, NOISE)
    return row


def diverging(rng):
    """Return the training rows: a few have no measured y, which is coded as -9999."""
    rows = [diverging_row(rng) for _ in range(240)]
    for row in rng.sample(rows, 5):
        row["y"] = MISSING
    return rows


def held_out_row(rng, temperatures=(0, 40), width=1.5):
    """Return a clean row of the task ``held_out``; x2 is a temperature in degrees Celsius, *width* bounds x4."""
    row = {"x1": rng.uniform(-2, 2), "x2": rng.uniform(*temperatures), "x3": rng.uniform(-2, 2)}
    row["x4"] = rng.uniform(-width, width)
    warm = (row["x2"] - 20) / 10
    row["y"] = 3 + 2 * row["x1"] - 1.5 * warm + 0.8 * row["x1"] * row["x3"] - 0.6 * row["x3"] ** 2
    row["y"] += 0.12 * (warm + 2) ** 2 * row["x4"] ** 2 + 0.3 * row["x1"] ** 3 + rng.gauss(0, NOISE)
    return row


def held_out(rng):
    """Return the training rows: 30 batches from three loggers, some of which went wrong.

    Logger A stands in a sheltered place, where x4 is small, and B and C go wrong when it gets warm. So there are no
    sound rows with a large x4 on warm days: who leaves out what is wrong, instead of mending it, has nothing to learn
    from what counts there.
    """
    rows = []
    for batch in range(30):
        logger, warm = "ABC"[batch % 3], batch >= 14
        for _ in range(26):
            clean = held_out_row(rng, (12, 40) if warm else (0, 16), 0.4 if logger == "A" else 1.5)
            row = {"batch": batch, "logger": logger, **clean}
            row["q"] = row["y"] + rng.gauss(0, 0.05)  # leaks y here; the held-back rows have another row's y in it
            if logger == "B" and warm:
                row["x2"] = row["x2"] * 9 / 5 + 32
            if batch in (6, 11):
                row["x1"], row["x3"] = row["x3"], row["x1"]
            if logger == "C" and warm:
                row["y"] = row["y"] * 0.7
                row["q"] = row["y"] + rng.gauss(0, 0.05)
            if rng.random() < 0.03:
                row["y"] = rng.choice([MISSING, row["y"] + 40, row["y"] - 40])
            rows.append(row)
    return rows


def held_back(task, count, seed):
    """Return clean rows that an agent never sees."""
    rng = random.Random(seed)
    if task == "diverging":
        return [diverging_row(rng) for _ in range(count)]
    rows = [held_out_row(rng) for _ in range(count)]
    for row, other in zip(rows, [rows[-1], *rows[:-1]], strict=True):
        row["q"] = other["y"]
    return rows


def train(task):
    """Return the training rows."""
    return {"diverging": diverging, "held_out": held_out}[task](random.Random(SEEDS[task]))


def validation(task):
    """Return the rows behind the intermediate score."""
    return held_back(task, 300, SEEDS[task] + 1)


def final(task):
    """Return the rows behind the final score."""
    return held_back(task, 300, SEEDS[task] + 2)
