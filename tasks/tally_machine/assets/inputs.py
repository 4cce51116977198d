"""What each program is to compute: inputs (visible and hidden) and a model that gives the right output."""

import random

MASK = (1 << 48) - 1


def peak(words):
    values = words[1:]
    return [max(sum(values[i : i + 3]) for i in range(len(values) - 2))]


def ahead(words):
    values, total, longest, waiting = words[1:], 0, 0, []
    for i, value in enumerate(values):
        while waiting and values[waiting[-1]] < value:
            earlier = waiting.pop()
            total += values[earlier] * (i - earlier)
            longest = max(longest, i - earlier)
        waiting.append(i)
    return [total & MASK, longest]


def needles(words):
    count, length = words[:2]
    lengths, symbols = words[2 : 2 + count], words[2 + count :]
    text, total, at = bytes(symbols[sum(lengths) :][:length]), 0, 0
    for size in lengths:
        needle = bytes(symbols[at : at + size])
        total += sum(text.startswith(needle, i) for i in range(length))
        at += size
    return [total]


def ranks(words):
    return [sum((i + 1) * value for i, value in enumerate(sorted(words[1:]))) & MASK]


def spans(words):
    n, queries = words[:2]
    values, asked = words[2 : 2 + n], words[2 + n :]
    lows = [min(values[asked[2 * i] : asked[2 * i + 1] + 1]) for i in range(queries)]
    folded = 0
    for low in lows:
        folded ^= low
    return [sum(lows) & MASK, folded]


def tiles(words):
    d = words[0]
    left, right, folds = words[1 : 1 + d * d], words[1 + d * d :], []
    for i in range(d):
        fold = 0
        for j in range(d):
            fold ^= sum(left[i * d + k] * right[k * d + j] for k in range(d))
        folds.append(fold)
    return folds


def weave(words):
    n, m = words[:2]
    first, second = words[2 : 2 + n], words[2 + n :]
    row = [0] * (n + 1)
    for j in range(m):
        new = [0]
        for i in range(n):
            new.append(row[i] + 1 if first[i] == second[j] else max(row[i + 1], new[i]))
        row = new
    return [row[n]]


MODELS = {
    "peak": peak,
    "ahead": ahead,
    "needles": needles,
    "ranks": ranks,
    "spans": spans,
    "tiles": tiles,
    "weave": weave,
}


def some(rng, n, below, shape):
    """Return n values below a bound: even, few different ones, rising, falling, or with most of them small."""
    if shape == "few":
        return [rng.choice((0, 3, below // 2, below - 1)) for _ in range(n)]
    if shape == "small":
        return [rng.randrange(below >> rng.randrange(16)) if rng.randrange(4) else rng.randrange(64) for _ in range(n)]
    values = [rng.randrange(below) for _ in range(n)]
    return {"rising": sorted(values), "falling": sorted(values, reverse=True)}.get(shape, values)


def make_peak(rng, n, shape):
    return [n, *some(rng, n, 1 << 20, shape)]


def make_ahead(rng, n, shape):
    if shape == "bowl":
        half = n // 2
        return [n, *some(rng, half, 1 << 20, "falling"), *some(rng, n - half, 1 << 20, "rising")]
    return [n, *some(rng, n, 1 << 20, shape)]


def make_needles(rng, length, shape):
    """Text made of pieces of the needles, so that there is much to find; total length of the needles at most 40."""
    letters = {"two": 2, "few": 4}.get(shape, 16)
    lengths, left = [], 40
    while len(lengths) < 8 and left >= 2 and not (length < 40 and len(lengths) == 3):
        lengths.append(rng.randrange(2, min(left, 9) + 1))
        left -= lengths[-1]
    needles = [[rng.randrange(letters) for _ in range(size)] for size in lengths]
    text = []
    while len(text) < length:
        needle = rng.choice(needles)
        text += needle[: rng.randrange(1, len(needle) + 1)] if rng.randrange(3) else [rng.randrange(letters)]
    symbols = [symbol for needle in needles for symbol in needle]
    return [len(needles), length, *lengths, *symbols, *text[:length]]


def make_ranks(rng, n, shape):
    return [n, *some(rng, n, 1 << 18, shape)]


def make_spans(rng, n, shape):
    queries, asked = min(300, 5 * n), []
    for _ in range(queries):
        first = rng.randrange(n)
        reach = {"short": 200, "one": 1}.get(shape) or rng.choice((12, n, n))
        asked += [first, min(n - 1, first + rng.randrange(reach))]
    return [n, queries, *some(rng, n, 1 << 24, shape), *asked]


def make_tiles(rng, d, shape):
    top = 41 if shape != "full" else 1
    return [d, *(40 - rng.randrange(top) for _ in range(2 * d * d))]


def make_weave(rng, n, shape):
    m = {"thin": max(1, n // 20), "full": n}.get(shape, n - rng.randrange(n // 8 + 1))
    first = [rng.randrange(16) for _ in range(n)]
    second = [rng.choice(first) if rng.randrange(2) else first[j * n // m] for j in range(m)]
    if shape == "full":
        second = list(first)
    return [n, m, *first, *second]


MAKERS = {name: globals()[f"make_{name}"] for name in MODELS}
#: Per program the visible cases, then the hidden ones. Those in capitals are large: their ticks count.
PLAN = {
    "peak": (
        [(6, "even"), (9, "rising"), (12, "falling")],
        [(3, "rising"), (3, "even"), (4, "rising"), (20, "few"), (150, "EVEN"), (150, "RISING")],
    ),
    "ahead": (
        [(1, "even"), (8, "even"), (30, "bowl"), (600, "BOWL")],
        [(1, "even"), (2, "few"), (40, "few"), (41, "rising"), (39, "falling"), (600, "BOWL"), (600, "FALLING")],
    ),
    "needles": (
        [(12, "two"), (40, "even"), (1500, "EVEN")],
        [(1, "two"), (30, "two"), (16, "few"), (175, "two"), (1500, "FEW"), (1483, "EVEN")],
    ),
    "ranks": (
        [(1, "even"), (9, "few"), (40, "even"), (500, "EVEN")],
        [(1, "few"), (2, "falling"), (45, "few"), (64, "small"), (80, "falling"), (500, "SMALL"), (497, "EVEN")],
    ),
    "spans": (
        [(1, "one"), (20, "even"), (480, "EVEN")],
        [(1, "few"), (16, "few"), (17, "even"), (60, "short"), (60, "one"), (480, "SHORT"), (479, "EVEN")],
    ),
    "tiles": (
        [(1, "even"), (4, "even"), (18, "EVEN")],
        [(1, "even"), (2, "full"), (3, "even"), (17, "full"), (18, "FULL"), (18, "EVEN")],
    ),
    "weave": (
        [(1, "even"), (10, "even"), (184, "EVEN")],
        [(1, "even"), (47, "full"), (48, "full"), (95, "thin"), (184, "FULL"), (181, "EVEN")],
    ),
}


def cases(program, part):
    """Return the cases of a program ("seen" or "hidden"); `counts` tells whether the ticks of a case count."""
    found = []
    for number, (size, shape) in enumerate(PLAN[program][part != "seen"]):
        rng = random.Random(f"tally {program} {part} {number}")
        words = MAKERS[program](rng, size, shape.lower())
        name = f"{program} {number}"
        found.append({"name": name, "input": words, "output": MODELS[program](words), "counts": shape.isupper()})
    return found
