"""The two simple worlds: `pulley` and `damping`."""

import math

import fit
import lab


def pulley(conditions):
    """Fit a product of powers; noise is small, and the powers are multiples of a half."""
    places = [(1, 1), (8, 1), (1, 8), (8, 8), (3, 1), (1, 3), (8, 3), (3, 8)]
    seen = [math.log(lab.ask(load=load, drop=drop)["time"]) for load, drop in places]
    columns = [[1.0] * len(places), [math.log(p[0]) for p in places], [math.log(p[1]) for p in places]]
    (_, *powers), _ = fit.linear(columns, seen)
    powers = [round(2 * p) / 2 for p in powers]
    scale = sum(s - powers[0] * math.log(a) - powers[1] * math.log(b) for s, (a, b) in zip(seen, places, strict=True))
    scale = math.exp(scale / len(seen))
    return [[scale * c["load"] ** powers[0] * c["drop"] ** powers[1]] for c in conditions]


def way(p, speed, load, fill, steps=16):
    """Return the way to a standstill in a bath with a wake that sets in at a speed that hangs on the load."""
    k, fill_power, speed_power, onset, load_power, wake, wake_power = p
    k, onset, wake = math.exp(k), math.exp(onset), math.exp(wake)
    start = min(speed, onset * load**load_power)
    bath = k * fill**fill_power
    found = load * start ** (2 - speed_power) / (bath * (2 - speed_power))
    width = (speed - start) / steps
    for i in range(steps if width else 0):
        for share, weight in ((0.0, 1), (0.5, 4), (1.0, 1)):
            at = start + (i + share) * width
            extra = wake * (at - start) ** wake_power if at > start else 0.0
            found += weight * width / 6 * load * at / (bath * at**speed_power + extra)
    return found


def slow_law(places, seen):
    """Return the law of slow runs: logarithm of k, power of the fill, power of the speed."""
    columns = [
        [1.0] * len(places),
        [math.log(p["fill"]) for p in places],
        [math.log(p["speed"]) for p in places],
    ]
    values = [math.log(s / p["load"]) for s, p in zip(seen, places, strict=True)]
    (constant, fill_power, speed_power), _ = fit.linear(columns, values)
    speed_power = 2 - speed_power
    return [-constant - math.log(2 - speed_power), -fill_power, speed_power]


def damping(conditions, fast=True, choose=min, coupled=True):
    """Fit slow runs first, then the wake of fast ones in each of its possible forms."""
    slow = [
        {"speed": speed, "load": load, "fill": fill}
        for speed, load, fill in [
            (0.5, 1, 1), (1, 1, 0.2), (2, 1, 1), (4, 1, 0.2), (4, 2, 1), (0.5, 5, 1), (2, 2, 0.2), (4, 1, 1.5),
            (1, 3, 1.5), (3, 1, 0.5), (0.5, 1, 0.2), (4, 3, 1.5),
        ]
    ]  # fmt: skip
    slow_seen = [lab.ask(**p)["way"] for p in slow]
    start = slow_law(slow, slow_seen)
    if not fast:
        return [[way([*start, 9.0, 0.0, -9.0, 1.0], **c)] for c in conditions]
    quick = [
        {"speed": speed, "load": load, "fill": fill}
        for load in (1, 2, 5)
        for speed, fill in [
            (14, 0.2),
            (14, 0.8),
            (11.5, 0.2),
            (10, 0.2),
            (8.5, 0.2),
            (7, 0.2),
            (12.5, 1.5),
            (13.5, 0.2),
        ]
    ]
    places, seen = slow + quick, slow_seen + [lab.ask(**p)["way"] for p in quick]

    def residuals(wake_power):
        def rest(p):
            p = [*p[:4], p[4] * coupled, p[5]]
            return [250 * math.log(way([*p, wake_power], **c) / s) for c, s in zip(places, seen, strict=True)]

        return rest

    starts = [[*start, math.log(7), power, math.log(0.7)] for power in (-0.25, 0.25)]
    found, _ = choose(
        (
            (([*p, wake_power]), total)
            for wake_power in (1.0, 2.0)
            for p, total in [fit.best(residuals(wake_power), starts)]
        ),
        key=lambda pair: pair[1],
    )
    found[4] *= coupled
    return [[way(found, **c, steps=40)] for c in conditions]
