"""Fits the law of the notes to the logs of small runs, after their faults are dealt with, and predicts large ones.

The arguments of ``solve`` leave things out, for trials of half a solution.
"""

import json
import math
from pathlib import Path

from least_squares import fit

HOME = Path("/home/agent")
START = [1.5, math.log(200), 0.3, math.log(300), 0.3, 4.0, math.log(1e6), 0.03, math.log(0.01), 0.5, 0.3, 0.05, 0.0]


def share(run, step):
    """Return the learning rate at a step as a share of its peak."""
    if step < run["warmup_steps"]:
        return step / run["warmup_steps"]
    if run["schedule"] == "constant":
        return 1.0
    done = (step - run["warmup_steps"]) / max(1, run["steps"] - run["warmup_steps"])
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def loss(law, run, step):
    """Return the loss that the law gives."""
    floor, n_factor, n_power, d_factor, d_power, repeat, critical, spread, rate, by_width, by_batch, rest, _ = law
    unique, tokens = run["unique_tokens"], step * run["batch_tokens"]
    passes = tokens / unique
    useful = tokens if passes <= 1 else unique * (1 + repeat * (1 - math.exp(-(passes - 1) / repeat)))
    useful /= 1 + run["batch_tokens"] / math.exp(critical)
    best = rate - by_width * math.log(run["width"] / 64) + by_batch * math.log(run["batch_tokens"] / 32768)
    value = floor + math.exp(n_factor - n_power * math.log(run["non_embedding"]))
    value += math.exp(d_factor - d_power * math.log(useful)) + spread * (math.log(run["peak_rate"]) - best) ** 2
    return value + rest * share(run, step)


def read(name):
    return [json.loads(line) for line in (HOME / name).read_text().splitlines()]


def mend(runs, faults):
    """Put right what the logs have wrong, for the faults that are named."""
    for run in runs:
        run["non_embedding"] = 12 * run["layers"] * run["width"] ** 2
        if "sequences" in faults and run["batch_tokens"] < 1024:
            run["batch_tokens"] *= 512
        if "bits" in faults and run["curve"][0][1] > 12:
            run["curve"] = [[step, train * math.log(2), value * math.log(2)] for step, train, value in run["curve"]]
        run["short"] = "evaluator" in faults and run["curve"][0][2] < 0.97 * run["curve"][0][1]
    return runs


def diverged(run):
    values = [train for _, train, _ in run["curve"]]
    lowest = min(values)
    return min(values[-3:]) > lowest + 1


def points_of(runs, whole_curves, drop_ended=False):
    """Return ``(run, step, loss)`` of runs that did not diverge."""
    points = []
    for run in runs:
        if diverged(run) or (drop_ended and run["curve"][-1][0] < run["steps"]):
            continue
        for step, _, value in run["curve"] if whole_curves else run["curve"][-1:]:
            if step > 1 and value < 6.5:
                points.append((run, step, value))
    return points


def fit_law(points, start=START, fixed=()):
    """Fit the law to the logarithms of losses, and once more without what is far off."""

    def residuals_of(kept):
        def residuals(free):
            law = [start[n] if n in fixed else value for n, value in enumerate(free)]
            errors = []
            for run, step, value in kept:
                known = math.log(value) - (law[12] if run["short"] else 0)
                errors.append(math.log(max(0.01, loss(law, run, step))) - known)
            # Weak beliefs about the parameters keep what the points do not determine near its start.
            return errors + [1e-4 * (value - first) for value, first in zip(free, start, strict=True)]

        return residuals

    law = fit(residuals_of(points), start)
    for _ in range(4):
        errors = [abs(e) for e in residuals_of(points)(law)[: len(points)]]
        limit = 5 * sorted(errors)[len(errors) // 2]
        law = fit(residuals_of([p for p, e in zip(points, errors, strict=True) if e < limit]), law)
    return law


def fit_limit(runs, use_warmup=True):
    """Fit a boundary in the logarithms of rate, width and warm-up, by logistic regression with a slight penalty."""
    rows, ends = [], []
    for run in runs:
        warm = math.log(run["warmup_steps"] / 500) if use_warmup else 0.0
        rows.append([math.log(run["peak_rate"] / 0.05), math.log(run["width"] / 192), warm, 1.0])
        ends.append(1.0 if diverged(run) else 0.0)

    def residuals(weights):
        errors = []
        for row, end in zip(rows, ends, strict=True):
            score = sum(w * x for w, x in zip(weights, row, strict=True)) * (1 if end else -1)
            cost = math.log1p(math.exp(-score)) if score > -30 else -score
            errors.append(math.sqrt(cost))
        return errors + [0.03 * weight for weight in weights]

    return fit(residuals, [5.0, 3.0, -1.0, 0.0], 200)


def unstable(weights, run):
    row = [math.log(run["peak_rate"] / 0.05), math.log(run["width"] / 192), math.log(run["warmup_steps"] / 500), 1.0]
    return sum(w * x for w, x in zip(weights, row, strict=True)) > 0


def solve(faults=("sequences", "bits", "evaluator"), whole_curves=True, drop_ended=False, limit=True, fixed=()):
    runs = mend(read("small_runs.jsonl"), faults)
    law = fit_law(points_of(runs, whole_curves, drop_ended), fixed=fixed)
    wanted = json.loads((HOME / "wanted.json").read_text())
    for run in wanted["losses"]:
        run["non_embedding"] = 12 * run["layers"] * run["width"] ** 2
    answer = {"losses": {run["run"]: loss(law, run, run["steps"]) for run in wanted["losses"]}}
    if limit:
        weights = fit_limit(runs)
        answer["diverges"] = {run["run"]: unstable(weights, run) for run in wanted["divergence"]}
    (HOME / "answer.json").write_text(json.dumps(answer, indent=1))
    return law


if __name__ == "__main__":
    solve()
