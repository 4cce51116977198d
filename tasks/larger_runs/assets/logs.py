"""Writes the runs down as their logs have them, with the faults that some logs have, and the answers for scoring."""

import json
import math
import random

import law

SETTINGS = ("width", "layers", "batch_tokens", "steps", "warmup_steps", "schedule", "peak_rate", "unique_tokens")
SHARES = [0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.36, 0.42, 0.5, 0.58, 0.66, 0.74, 0.82, 0.9]
BEGIN = 0.4


def noisy(rng, value):
    return value * math.exp(rng.gauss(0, law.NOISE))


def curve(rng, run):
    """Return ``[step, training loss, evaluation loss]`` at some steps up to the end."""
    points = [[1, noisy(rng, law.START), noisy(rng, law.START)]]
    rise = rng.uniform(0.1, 0.8) if law.diverges(run) else 9
    passes = run["steps"] * run["batch_tokens"] / run["unique_tokens"]
    spike = rng.choice(SHARES[6:-2]) if rng.random() < 0.2 else None
    for share in [*SHARES, 1]:
        step = round(share * run["steps"])
        value = law.loss(run, step)
        if share > rise:
            value = min(law.START + 0.6, value + 3 + 6 * (share - rise)) * math.exp(rng.gauss(0, 0.03))
        elif share == spike:
            value += rng.uniform(0.3, 1.5)
        gap = 0.012 + 0.006 * max(0, passes - 1) * share
        points.append([step, noisy(rng, value - gap), noisy(rng, value)])
    return points


def spoil(rng, logs):
    """Put the faults into the logs of small runs: each is of one cause, and some logs have two."""
    sound = [log for log in logs if not log["diverged"]]
    rng.shuffle(sound)
    shares = {"evaluator": sound[:11], "sequences": sound[8:18], "bits": sound[18:25], "ended": sound[24:29]}
    for log in shares["evaluator"]:
        log["evaluator"] = "2.3"
        for point in log["curve"][1:]:
            point[2] *= law.SHORTENED
        log["curve"][0][2] *= law.SHORTENED
    for log in shares["sequences"]:
        log["host"] = "heron"
        log["batch_tokens"] //= law.SEQUENCE
    for log in shares["bits"]:
        log["logger"] = "tally"
        for point in log["curve"]:
            point[1:] = [value / math.log(2) for value in point[1:]]
    for log in shares["ended"]:
        log["curve"] = log["curve"][: rng.randint(-7, -3)]
    for log in sound[12:40:3]:
        log["parameters"] += law.VOCABULARY * log["width"]


def small_logs():
    """Return the logs of the small runs."""
    rng = random.Random(law.SEED)
    logs = []
    for number, run in enumerate(law.small_runs(rng), 1):
        log = {"run": f"s{number:02d}", "host": rng.choice(["egret", "plover", "stilt"]), "logger": "slate"}
        log |= {"evaluator": rng.choice(["2.1", "2.2", "2.4"]), "parameters": law.parameters(run)}
        log |= {name: run[name] for name in SETTINGS}
        log |= {"curve": curve(rng, run), "diverged": law.diverges(run)}
        logs.append(log)
    spoil(rng, logs)
    for log in logs:
        del log["diverged"]
        log["curve"] = [[step, round(train, 4), round(value, 4)] for step, train, value in log["curve"]]
    return logs


def settings(runs, letter):
    return [
        {"run": f"{letter}{number:02d}", "parameters": law.parameters(run), **{name: run[name] for name in SETTINGS}}
        for number, run in enumerate(runs, 1)
    ]


def large():
    """Return the settings that are asked for and the right answers."""
    rng = random.Random(law.SEED + 1)
    wanted, doubtful = law.large_runs(rng), law.doubtful_runs(rng)
    losses = {entry["run"]: law.loss(run) for entry, run in zip(settings(wanted, "t"), wanted, strict=True)}
    ends = {entry["run"]: law.diverges(run) for entry, run in zip(settings(doubtful, "d"), doubtful, strict=True)}
    return {"losses": settings(wanted, "t"), "divergence": settings(doubtful, "d")}, losses, ends


def dense(rng, run, share):
    """Return ``[step, evaluation loss]`` at even distances up to a share of the run, with a few spikes."""
    points = []
    for number in range(1, round(150 * share) + 1):
        step = round(run["steps"] * number / 150)
        value = law.loss(run, step)
        if rng.random() < 0.03 or (share < 1 and number == round(150 * share) and rng.random() < 0.4):
            value += rng.uniform(0.15, 0.6)
        points.append([step, round(noisy(rng, value), 4)])
    return points


def curves():
    """Return complete runs, begun runs and the final losses of the begun ones, for the task ``curve_end``."""
    rng = random.Random(law.SEED + 2)
    shown = ("steps", "warmup_steps", "schedule", "peak_rate", "batch_tokens")
    parts = []
    for letter, count, share in (("c", 9, 1), ("b", 24, BEGIN)):
        runs = law.curve_runs(rng, count)
        logs = [
            {"run": f"{letter}{n:02d}", **{name: run[name] for name in shown}, "curve": dense(rng, run, share)}
            for n, run in enumerate(runs, 1)
        ]
        parts.append((logs, {log["run"]: law.loss(run) for log, run in zip(logs, runs, strict=True)}))
    return parts[0][0], parts[1][0], parts[1][1]


def lines(entries):
    """Return one line of JSON for each entry."""
    return "".join(json.dumps(entry) + "\n" for entry in entries)
