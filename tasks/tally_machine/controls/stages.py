"""Writes programs of the mill at a given stage of the work: better algorithms (plain), then tuned ones (best)."""

import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
import programs


def write(plain=(), best=()):
    for name in plain:
        Path(f"/home/agent/{name}.tal").write_text(programs.plain(name))
    for name in best:
        path = Path(f"/home/agent/{name}.tal")
        path.write_text(programs.best(name, path.read_text()))
