"""Puts good programs in place of the delivered ones."""

import sys
from pathlib import Path

import programs

HOME = Path("/home/agent")
NAMES = {"mend": ["peak"], "ahead": ["ahead"], "mill": ["needles", "ranks", "spans", "tiles", "weave"]}

for name in NAMES[sys.argv[1]]:
    path = HOME / f"{name}.tal"
    path.write_text(programs.best(name, path.read_text()))
