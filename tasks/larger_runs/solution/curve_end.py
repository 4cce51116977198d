"""Learns from complete runs how the loss falls with the steps and the rate, and continues the runs that have begun."""

import json
import math
from pathlib import Path

from least_squares import fit

HOME = Path("/home/agent")


def read(name):
    return [json.loads(line) for line in (HOME / name).read_text().splitlines()]


def share(run, step):
    """Return the learning rate at a step as a share of its peak."""
    if step < run["warmup_steps"]:
        return step / run["warmup_steps"]
    if run["schedule"] == "constant":
        return 1.0
    if run["schedule"] == "late":
        return min(1.0, max(0.0, (run["steps"] - step) / (0.2 * run["steps"])))
    done = (step - run["warmup_steps"]) / max(1, run["steps"] - run["warmup_steps"])
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def usable(run):
    """Return the points that lie neither in the warm-up nor near the loss of an untrained model."""
    return [(step, value) for step, value in run["curve"] if step > run["warmup_steps"] and value < 6.5]


def value_at(floor, factor, power, rest, run, step):
    return floor + math.exp(factor) * (step * run["batch_tokens"] / 1e8) ** -power + rest * share(run, step)


def robust(residuals, points, start):
    """Fit, and fit again without what is far off, which is how spikes go."""
    kept = points
    for _ in range(5):
        start = fit(lambda p, kept=kept: residuals(p, kept), start)
        errors = [abs(e) for e in residuals(start, points)[: len(points)]]
        limit = 4.5 * sorted(errors)[len(errors) // 2]
        kept = [point for point, error in zip(points, errors, strict=True) if error < limit]
    return start


def learn(runs):
    """Return the power and the rate's effect that all runs share, from a fit to complete runs."""
    points = [(n, step, value) for n, run in enumerate(runs) for step, value in usable(run)[::2]]

    def residuals(p, kept):
        return [math.log(max(0.1, value_at(p[2 + 2 * n], p[3 + 2 * n], *p[:2], runs[n], s)) / v) for n, s, v in kept]

    found = robust(residuals, points, [0.3, 0.05] + [3.0, 0.3] * len(runs))
    return found[0], found[1]


def finish(run, power, rest):
    """Return the loss at the end of a run that has begun."""

    def residuals(p, kept):
        return [math.log(max(0.1, value_at(p[0], p[1], power, rest, run, step)) / value) for step, value in kept]

    floor, factor = robust(residuals, usable(run), [3.0, 0.3])
    return value_at(floor, factor, power, rest, run, run["steps"])


def main():
    complete, begun = read("complete.jsonl"), read("begun.jsonl")
    power, rest = learn(complete)
    answer = {run["run"]: finish(run, power, rest) for run in begun}
    (HOME / "answer.json").write_text(json.dumps(answer, indent=1))


if __name__ == "__main__":
    main()
