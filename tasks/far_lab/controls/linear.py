"""A straight line in all settings, fitted to a dozen experiments."""

import json
import random
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")

import fit
import lab

LIMITS = {
    "pulley": {"load": (1, 8), "drop": (1, 8)},
    "damping": {"speed": (0.5, 5), "load": (1, 5), "fill": (0.2, 1.5)},
}


def predict(task, conditions):
    """Return the predictions of the line; for `far_field`, the mean of some forces and flights straight on."""
    rng = random.Random(1)
    if task == "far_field":
        spots = [lab.ask(do="hold", pellet="amber", x=x, y=y, lamp=0, time=0) for x in (-5, 5) for y in (-5, 5)]
        force = [sum(s["fx"] for s in spots) / 4, sum(s["fy"] for s in spots) / 4]
        straight = {
            "hold": lambda _: force,
            "strike": lambda c: c["speeds"][::-1],
            "fly": lambda c: [c["x"] + c["vx"] * c["time"], c["y"] + c["vy"] * c["time"]],
        }
        return [straight[c["do"]](c) for c in conditions]
    places = [{name: round(rng.uniform(*limit), 2) for name, limit in LIMITS[task].items()} for _ in range(12)]
    name = "time" if task == "pulley" else "way"
    seen = [lab.ask(**place)[name] for place in places]
    columns = [[1.0] * 12, *([place[setting] for place in places] for setting in LIMITS[task])]
    constant, *slopes = fit.linear(columns, seen)[0]
    return [[constant + sum(s * c[n] for s, n in zip(slopes, LIMITS[task], strict=True))] for c in conditions]


given = json.loads(Path("/home/agent/conditions.json").read_text())
found = predict(sys.argv[1], list(given.values()))
Path("/home/agent/answer.json").write_text(json.dumps(dict(zip(given, found, strict=True))))
