"""Fills in each faded number with the nearest legible number of its kind."""

import json
from pathlib import Path

HOME = Path("/home/agent")
figure = json.loads((HOME / "figure.json").read_text())
names = list(figure)


def alike(name, other):
    return (name.split()[-1] == other.split()[-1], name[0] == other[0], -abs(names.index(name) - names.index(other)))


seen = [name for name in names if figure[name] is not None]
answer = {name: figure[max(seen, key=lambda other: alike(name, other))] for name in names if figure[name] is None}
(HOME / "answer.json").write_text(json.dumps(answer))
