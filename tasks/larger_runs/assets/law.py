"""The law of the runs: what a training run's loss is, and when it diverges. All runs are made here, from one seed."""

import math

SEED = 880417
VOCABULARY = 24000
START = math.log(VOCABULARY)
FLOOR, N_FACTOR, N_POWER, D_FACTOR, D_POWER = 1.52, 196.0, 0.31, 330.0, 0.27
REPEAT, CRITICAL, SPREAD = 5.5, 700_000.0, 0.04
BEST_RATE, BEST_WIDTH, BEST_BATCH = 0.0125, 0.55, 0.3
UNSTABLE, UNSTABLE_WIDTH, UNSTABLE_WARM = 0.1, 0.72, 0.22
CONSTANT = 0.09
NOISE = 0.003
SHORTENED = 0.94
SEQUENCE = 512


def parameters(run):
    return 12 * run["layers"] * run["width"] ** 2


def useful(tokens, unique):
    """Return what tokens are worth where only *unique* of them differ."""
    passes = tokens / unique
    return tokens if passes <= 1 else unique * (1 + REPEAT * (1 - math.exp(-(passes - 1) / REPEAT)))


def best_rate(run):
    return BEST_RATE * (run["width"] / 64) ** -BEST_WIDTH * (run["batch_tokens"] / 32768) ** BEST_BATCH


def limit_rate(run):
    """Return the peak learning rate above which a run diverges."""
    return UNSTABLE * (run["width"] / 64) ** -UNSTABLE_WIDTH * (run["warmup_steps"] / 500) ** UNSTABLE_WARM


def rate_share(run, step):
    """Return the learning rate at a step as a share of its peak."""
    if step < run["warmup_steps"]:
        return step / run["warmup_steps"]
    if run["schedule"] == "constant":
        return 1.0
    if run["schedule"] == "late":
        return min(1.0, max(0.0, (run["steps"] - step) / (0.2 * run["steps"])))
    done = (step - run["warmup_steps"]) / max(1, run["steps"] - run["warmup_steps"])
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def loss(run, step=None):
    """Return the loss without noise, at the end or at a step."""
    step = run["steps"] if step is None else step
    tokens = max(1, step) * run["batch_tokens"]
    data = useful(tokens, run["unique_tokens"]) / (1 + run["batch_tokens"] / CRITICAL)
    value = FLOOR + N_FACTOR * parameters(run) ** -N_POWER + D_FACTOR * data**-D_POWER
    value += SPREAD * math.log(run["peak_rate"] / best_rate(run)) ** 2
    value += CONSTANT * rate_share(run, step)
    return (value**-16 + START**-16) ** (-1 / 16)


def make(rng, width, layers, tokens, batch, ratio, warm=500, schedule="cosine", passes=0.5):
    """Return a run's settings; *ratio* is the peak rate as a multiple of the best."""
    run = {"width": width, "layers": layers, "batch_tokens": batch, "steps": max(40, round(tokens / batch))}
    run |= {"schedule": schedule, "warmup_steps": warm, "unique_tokens": round(run["steps"] * batch / passes)}
    run["peak_rate"] = float(f"{best_rate(run) * ratio:.3g}")
    run["seed"] = rng.randrange(1000)
    return run


SIZES = [(96, 3), (128, 4), (192, 6), (256, 6), (384, 8), (512, 8)]
LARGE = [(1024, 12), (1280, 14), (1536, 16), (2048, 18), (2560, 20), (3072, 22)]


def spread_out(rng, count, low, high):
    """Return *count* numbers between two, spread evenly on a logarithmic scale, in random order."""
    places = [(n + rng.random()) / count for n in range(count)]
    rng.shuffle(places)
    return [low * (high / low) ** place for place in places]


def small_runs(rng):
    """Return 46 runs of six sizes, and 24 short ones at high rates, of which about half diverge."""
    runs = []
    tokens, ratios = spread_out(rng, 46, 3e7, 3e9), spread_out(rng, 46, 0.3, 2.8)
    for number in range(46):
        width, layers = SIZES[number % 6]
        batch = rng.choice([16384, 32768, 65536, 131072, 262144])
        passes = rng.choice([2, 3, 5, 8, 12]) if number % 3 == 1 else rng.uniform(0.02, 0.9)
        schedule = "constant" if number % 8 == 3 else "cosine"
        warm = rng.choice([100, 200, 500])
        run = make(rng, width, layers, max(tokens[number], 1500 * batch), batch, ratios[number], warm, schedule, passes)
        runs.append(run)
    for number in range(24):
        width, layers = SIZES[number % 6]
        warm = [100, 400, 1600, 400][number // 6]
        run = make(rng, width, layers, 4000 * 32768, 32768, 1, warm)
        low = 0.72 if number % 2 else 1.12
        run["peak_rate"] = float(f"{limit_rate(run) * rng.uniform(low, low + 0.16):.3g}")
        runs.append(run)
    rng.shuffle(runs)
    return runs


def large_runs(rng):
    """Return 24 runs that are wanted: ten to a hundred times larger than the largest small one in one way or both."""
    runs = []
    tokens, ratios = spread_out(rng, 24, 1.5e10, 3e11), spread_out(rng, 24, 0.4, 2.0)
    for number in range(24):
        width, layers = LARGE[number % 6]
        batch = rng.choice([262144, 524288, 1048576])
        passes = rng.choice([3, 6, 10]) if number % 4 == 2 else rng.uniform(0.05, 0.9)
        schedule = "constant" if number % 8 == 5 else "cosine"
        runs.append(make(rng, width, layers, tokens[number], batch, ratios[number], 2000, schedule, passes))
    return runs


def doubtful_runs(rng):
    """Return 16 large settings near the limit of the learning rate; half of them diverge."""
    runs = []
    for number in range(16):
        width, layers = LARGE[number % 6]
        run = make(rng, width, layers, 2e10, 524288, 1, rng.choice([100, 300, 1000, 3000, 6000]))
        factor = rng.uniform(1.3, 2.0)
        run["peak_rate"] = float(f"{limit_rate(run) * (factor if number % 2 else 1 / factor):.3g}")
        runs.append(run)
    # The first four are for feedback; half of them, and half of the others, diverge.
    first, others = runs[:4], runs[4:]
    rng.shuffle(first)
    rng.shuffle(others)
    return first + others


def curve_runs(rng, count):
    """Return runs for the task ``curve_end``: schedules in turn, all else at random."""
    runs, tokens = [], spread_out(rng, count, 4e8, 2e10)
    for number in range(count):
        batch, schedule = rng.choice([32768, 65536, 131072]), ["cosine", "late", "constant"][number % 3]
        while True:
            width, layers = rng.choice([*SIZES[1:], *LARGE[:3]])
            warm = rng.choice([200, 500, 1000])
            run = make(rng, width, layers, tokens[number], batch, rng.uniform(0.5, 2), warm, schedule)
            # Enough of the first part must follow the law, which early losses near that of an untrained model do not.
            if loss(run, 0.15 * run["steps"]) < 6:
                break
        runs.append(run)
    rng.shuffle(runs)
    return runs


def diverges(run):
    return run["peak_rate"] > limit_rate(run)
