"""The hidden cases: calls with their arguments, the same on every machine. No results are in here."""

import random

SEED = 20417


def labels():
    """Return the calls for the task ``labels``."""
    rng = random.Random(SEED)
    bins = [(rng.randrange(100), rng.randrange(1000)) for _ in range(40)]
    calls = [("labels", "encode", pair) for pair in bins]
    for aisle, shelf in bins[:12]:
        weighed = zip(f"{aisle:02d}{shelf:03d}", (1, 4, 9, 16, 25), strict=True)
        letter = "ABCDEFGHJKLMNPRSTUVWXYZ"[sum(int(d) * w for d, w in weighed) % 23]
        good = f"{aisle:02d}-{shelf:03d}-{letter}"
        moved = good[0] + "-" + good[1] + good[3:]
        calls += [("labels", "decode", (text,)) for text in (good, f"  {good.lower()} ", moved, good[:-1] + "O")]
    return calls


def costing():
    """Return the calls for the task ``costing``."""
    rng = random.Random(SEED + 1)
    calls = []
    for _ in range(60):
        operations = [["receive", rng.randint(1, 9), rng.randint(1, 2000)]]
        for _ in range(rng.randint(2, 6)):
            kind = rng.choice(["receive", "receive", "issue", "issue", "issue", "give_back", "oldest"])
            if kind == "issue":
                operations.append([kind, rng.randint(1, 8)])
            elif kind == "oldest":
                operations.append([kind])
            else:
                operations.append([kind, rng.randint(1, 9), rng.randint(1, 2000)])
        calls.append(("costing", "replay", ([*operations, ["layers"]],)))
    return calls


def _event(rng, kind, name, now, issues):
    event = {"id": name, "at": now, "kind": kind, "sku": rng.choice(["bolt", "bolt", "bolt", "hinge"])}
    if kind != "cancel":
        event["qty"] = rng.randint(1, 6)
    if kind == "receive":
        event["cost"] = rng.choice(
            ["3", "7.5", "10.01", "4.99", "12", "9", "6.60", "1.20", rng.choice(["1.005", "0.125", "8.345"])]
        )
        event["qty"] += 3
    if kind in ("reserve", "cancel") or (kind == "issue" and rng.random() < 0.5):
        event["ref"] = rng.choice(["anna", "ben"])
    if kind == "reserve":
        event["ttl"] = rng.randint(2, 8)
    if kind == "return":
        event["issue"] = rng.choice(issues) if issues else "none"
    return event


def whole():
    """Return the calls for the task ``whole``: short histories, so that each touches a few rules only."""
    rng = random.Random(SEED + 2)
    calls = []
    for number in range(150):
        kinds = ["receive", "issue"] + [["return"], ["reserve", "cancel"], ["return", "reserve"]][number % 3] * 2
        now, issues, events = 0, [], []
        for place in range(rng.randint(3, 7)):
            name = f"e{rng.randrange(100):02d}-{place}"
            kind = "receive" if place < 2 else rng.choice(kinds)
            events.append(_event(rng, kind, name, now, issues))
            if kind == "issue":
                issues.append(name)
            now += rng.randint(0, 3)
        if number % 5 == 0:
            retry = dict(rng.choice(events), at=rng.randint(0, now), qty=1)
            events.append(retry)
        if number % 4 == 0:
            events[-1], events[-2] = events[-2], events[-1]
        calls.append(("stockroom", "run", (events,)))
    return calls


TASKS = {"labels": labels, "costing": costing, "whole": whole}
