"""Adds up the year from the papers, with the letters' account of how to read them."""

import datetime
import re
from pathlib import Path

ARCHIVE = Path("/home/agent/archive")
LINE = re.compile(r" ?(\d+ \w+ \d{4})   (.{12})(.*)")


def number(text):
    """Read plain numbers, and those in long hundreds."""
    hundreds, _, rest = text.strip().rpartition("C")
    return 120 * int(hundreds or 0) + int(rest)


def entries(name):
    for line in (ARCHIVE / name).read_text().splitlines():
        if match := LINE.fullmatch(line):
            yield datetime.datetime.strptime(match[1], "%d %B %Y").date(), match[2].strip(), match[3]


# "2/14 February": the reckonings are twelve days apart, whatever the keeper was told.
first, last = datetime.date(1870, 12, 20), datetime.date(1871, 12, 19)
sacks, total_before, year = 0, 0, 1870
for day, vessel, rest in entries("ledger.txt"):
    total = number(rest.partition("total")[2])
    if day.year != year:
        total_before, year = 0, day.year
    if first <= day <= last:
        sacks += total - total_before  # the totals are right where the cargoes are not, and bridge the missing page
    if vessel == "Petrel" and day == datetime.date(1871, 9, 3):
        sacks -= total - total_before
    total_before = total
for day, _, rest in entries("harbour.txt"):
    if day.year == 1871 and (match := re.search(r"north jetty, (\d+) casks", rest)):
        sacks += 5 * int(match[1])
Path("/home/agent/submission.txt").write_text(str(sacks))
