"""Fits E = k (wind + w0)^p T^q / (1 + c s) to sound runs without crust; those with crust have their own constant."""

import csv
import json
import math
from pathlib import Path

HOME = Path("/home/agent")


def rows(name):
    with (HOME / name).open() as file:
        return list(csv.DictReader(file))


def least_squares(inputs, targets):
    """Solve the normal equations by Gauss-Jordan elimination."""
    size = len(inputs[0])
    matrix = [
        [sum(r[i] * r[j] for r in inputs) for j in range(size)]
        + [sum(r[i] * y for r, y in zip(inputs, targets, strict=True))]
        for i in range(size)
    ]
    for i in range(size):
        matrix[i] = [v / matrix[i][i] for v in matrix[i]]
        for j in range(size):
            if j != i:
                matrix[j] = [a - matrix[j][i] * b for a, b in zip(matrix[j], matrix[i], strict=True)]
    return [row[-1] for row in matrix]


def fit(data, offset, slope):
    """Return (sum of squared errors, coefficients) of the logarithms for given w0 and c."""
    inputs = [[1.0, math.log(w + offset), math.log(t)] for w, t, _, _ in data]
    targets = [math.log(e * (1 + slope * s)) for _, _, s, e in data]
    weights = least_squares(inputs, targets)
    errors = [sum(a * b for a, b in zip(weights, r, strict=True)) - y for r, y in zip(inputs, targets, strict=True)]
    return sum(e * e for e in errors), weights


def is_sound(row):
    """Pan B's residuals jump after run 60."""
    return row["pan"] == "A" or int(row["run"]) <= 60


def main(offsets=range(2, 40), slopes=range(0, 81, 2), is_sound=is_sound, crust_from=0.2):
    sound, crusted = [], []
    for row in rows("runs.csv"):
        if is_sound(row):
            names = ("wind_m_s", "temperature_c", "salinity", "evaporation_mm_day")
            values = tuple(float(row[name]) for name in names)
            (sound if values[2] < crust_from else crusted).append(values)
    grid = [(o / 10, s / 10) for o in offsets for s in slopes]
    _, offset, slope = min((fit(sound, *point)[0], *point) for point in grid)
    error, (constant, wind, warm) = fit(sound, offset, slope)
    print(f"w0 {offset} c {slope} p {wind:.3f} q {warm:.3f}; error {math.sqrt(error / len(sound)):.4f}")
    crust = [e * (1 + slope * s) / t**warm for _, t, s, e in crusted]
    print(f"with crust: {len(crust)} runs, constants {sorted(crust)[:1]} to {sorted(crust)[-1:]}")
    answer = {}
    for row in rows("targets.csv"):
        w, t, s = (float(row[name]) for name in ("wind_m_s", "temperature_c", "salinity"))
        air = math.exp(constant) * (w + offset) ** wind if s < crust_from else sum(crust) / len(crust)
        answer[row["target"]] = air * t**warm / (1 + slope * s)
    (HOME / "predictions.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main()
