"""Adds up all that the harbour master saw in 1871."""

import sys

sys.path.insert(0, "/home/agent/solution")

import re

import archive

rows = [rest for day, _, rest in archive.entries("harbour.txt") if day.year == 1871]
seen = sum(int(match[1]) for rest in rows if (match := re.search(r"about (\d+) sacks", rest)))
archive.submit(seen + archive.from_jetty())
