"""Adds up the year from the papers, with the letters' account of how to read them."""

import datetime
import re
from pathlib import Path

HOME = Path("/home/agent")
LINE = re.compile(r" ?(\d+ \w+ \d{4})   (.{12})(.*)")


def number(text, long_hundred=120):
    """Read plain numbers, and those in long hundreds."""
    hundreds, _, rest = text.strip().rpartition("C")
    return long_hundred * int(hundreds or 0) + int(rest)


def entries(name):
    """Yield the lines of a paper as ``(day, vessel, rest)``."""
    for line in (HOME / "archive" / name).read_text().splitlines():
        if match := LINE.fullmatch(line):
            yield datetime.datetime.strptime(match[1], "%d %B %Y").date(), match[2].strip(), match[3]


def from_quay(days_behind=12, petrel_twice=False, **reading):
    """Return the sacks that left the quay in the year of the new reckoning."""
    behind = datetime.timedelta(days=days_behind)
    first, last = datetime.date(1871, 1, 1) - behind, datetime.date(1871, 12, 31) - behind
    sacks, total_before, year = 0, 0, 1870
    for day, vessel, rest in entries("ledger.txt"):
        total = number(rest.partition("total")[2], **reading)
        if day.year != year:
            total_before, year = 0, day.year
        landed_again = vessel == "Petrel" and day == datetime.date(1871, 9, 3) and not petrel_twice
        if first <= day <= last and not landed_again:
            # the totals are right where the cargoes are not, and bridge the missing page
            sacks += total - total_before
        total_before = total
    return sacks


def from_jetty(sacks_in_cask=5):
    """Return the sacks that left the north jetty, which only the harbour master's list has."""
    found = [(day, re.search(r"north jetty, (\d+) casks", rest)) for day, _, rest in entries("harbour.txt")]
    return sum(sacks_in_cask * int(match[1]) for day, match in found if match and day.year == 1871)


def submit(sacks):
    (HOME / "submission.txt").write_text(str(sacks))


if __name__ == "__main__":
    # "2/14 February": the reckonings are twelve days apart, whatever the keeper was told.
    submit(from_quay() + from_jetty())
