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
    """Return the calls for the task ``whole``: short histories that touch a few rules each, and stories for one."""
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
    stories = (_comes_back, _held_twice, _held_anew)
    return calls + [("stockroom", "run", (stories[number % 3](rng),)) for number in range(36)]


def _story(*told):
    """Return events about bolts, each told as ``(minute, kind, what else there is to it)``."""
    return [{"id": f"s{n}", "at": at, "kind": kind, "sku": "bolt", **more} for n, (at, kind, more) in enumerate(told)]


def _comes_back(rng):
    """An issue from two deliveries that comes back in two parts, before units are issued again."""
    first, second = rng.randint(2, 4), rng.randint(3, 5)
    issued = first + rng.randint(1, 2)
    part = rng.randint(2, issued - 1)
    return _story(
        (1, "receive", {"qty": first, "cost": rng.choice(["7", "10.01", "4.25"])}),
        (2, "receive", {"qty": second, "cost": rng.choice(["31.10", "25", "18.47"])}),
        (3, "issue", {"qty": issued}),
        (4, "return", {"qty": part, "issue": "s2"}),
        (5, "return", {"qty": issued - part if rng.random() < 0.5 else 1, "issue": "s2"}),
        (6, "issue", {"qty": rng.randint(1, issued - 1)}),
    )


def _held_twice(rng):
    """A reservation to which a shorter or longer one is added, and an issue that needs its end, or all that is free."""
    held, more, ttl = rng.randint(2, 3), rng.randint(1, 2), rng.randint(5, 8)
    short = rng.randint(1, 3)
    return _story(
        (1, "receive", {"qty": 9, "cost": "11.70"}),
        (2, "reserve", {"qty": held, "ref": "anna", "ttl": ttl}),
        (3, "reserve", {"qty": more, "ref": "anna", "ttl": rng.choice([short, short, ttl + 2])}),
        (rng.randint(3 + short, 1 + ttl), "issue", {"qty": 9 - held - more + rng.randint(0, 1)}),
        (rng.randint(2 + ttl, 5 + ttl), "issue", {"qty": rng.randint(1, held)}),
    )


def _held_anew(rng):
    """A reservation that is used up together with free units, and made anew for a shorter time."""
    held, ttl = rng.randint(2, 3), rng.randint(7, 9)
    return _story(
        (1, "receive", {"qty": 8, "cost": "9.99"}),
        (2, "reserve", {"qty": held, "ref": "ben", "ttl": ttl}),
        (3, "issue", {"qty": 6 if rng.random() < 0.6 else held, "ref": "ben"}),
        (4, "reserve", {"qty": rng.randint(1, 2), "ref": "ben", "ttl": rng.randint(1, 2)}),
        (rng.randint(5, 7), "issue", {"qty": rng.randint(1, 2)}),
    )


TASKS = {"labels": labels, "costing": costing, "whole": whole}
