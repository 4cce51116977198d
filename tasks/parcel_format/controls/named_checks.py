"""Tries the checks that have a name, with the usual start values, and takes the one that fits most samples."""

import itertools
import sys

sys.path.insert(0, "/home/agent/solution")
import solve

POLYNOMIALS = [0x8408, 0xA001, 0x8810, 0xEDD1, 0xA6BC, 0xC2F6]
files = solve.samples()


def fits(choice):
    polynomial, start = choice
    return sum(solve.crc(data[:-2], start, polynomial) == int.from_bytes(data[-2:], "big") for data in files)


polynomial, start = max(itertools.product(POLYNOMIALS, [0, 0xFFFF, 0x1D0F, 0x800D]), key=fits)
documents = solve.target_documents()
solve.hand_in({name: solve.encode(text, lambda _: start, polynomial).hex() for name, text in documents.items()})
