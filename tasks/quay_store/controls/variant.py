"""Hands in a variant of a reference module: each edit replaces a text that must be there."""

import sys
from pathlib import Path

SOLUTION = Path("/home/agent/solution")
NO_HOLES = (
    "            if missing:\n                self.holes.append",
    "            if missing:\n                raise Damaged\n                self.holes.append",
)
LAST_HOLE = (
    "        if missing:\n            self.holes.append",
    "        if missing:\n            raise Damaged\n            self.holes.append",
)
#: Damaged sectors are noticed, but nothing is answered then.
NO_SALVAGE = (NO_HOLES, LAST_HOLE)


def write(*edits):
    source, name = {"lookup": ("ledgers.py", "lookup.py"), "crash_safe": ("store.py", "store.py")}[sys.argv[1]]
    text = (SOLUTION / source).read_text()
    for old, new in edits:
        if old not in text:
            raise SystemExit(f"not there: {old}")
        text = text.replace(old, new)
    Path("/home/agent", name).write_text(text)
