"""Adds up the cargoes of 1871, as they are written."""

import sys

sys.path.insert(0, "/home/agent/solution")

import archive

cargoes = [(day, rest.split()[0:2]) for day, _, rest in archive.entries("ledger.txt") if day.year == 1871]
archive.submit(sum(archive.number(" ".join(word for word in words if word != "total")) for _, words in cargoes))
