"""Finds the contents of removed files: freed blocks lie backwards in the free list, the CRC tells what is right."""

import zlib

from disk import BLOCK


def wanted(image):
    """Return ``{number: [entry, ...]}`` for the files that are gone, from all that is left of entries and records."""
    live = {entry["number"] for entry in image.listed() if entry["flag"] == 1}
    found = {}
    sources = image.listed() + [entry for block in image.free() for entry in image.entries_in(block)]
    for entry in [*sources, *image.records().values()]:
        if entry["number"] and entry["number"] not in live:
            found.setdefault(entry["number"], []).append(entry)
    return found


def pieces(image, blocks, size, first=0):
    """Return the contents of blocks that hold a file from its block *first* on."""
    return b"".join(map(image.block, blocks))[: max(0, size - first * BLOCK)]


def windows(lists, count):
    return [blocks[at : at + count] for blocks in lists for at in range(len(blocks) - count + 1)]


def whole(image, lists, size, crc):
    """Return the contents that a run of blocks gives."""
    for blocks in windows(lists, max(1, -(-size // BLOCK))):
        data = pieces(image, blocks, size)
        if zlib.crc32(data) == crc:
            return data
    return None


def joined(image, lists, size, crc):
    """Return the contents that two runs give, the first of which holds the file's beginning.

    CRC(a + b) is CRC(a + zeros) ^ CRC(b) ^ CRC(zeros), so that the CRC which the second must have can be looked up.
    """
    count = max(1, -(-size // BLOCK))
    for split in range(count - 1, 0, -1):
        zeros = bytes(size - split * BLOCK)
        ends = {}
        for blocks in windows(lists, count - split):
            end = pieces(image, blocks, size, split)
            ends[zlib.crc32(end)] = end
        for blocks in windows(lists, split):
            head = pieces(image, blocks, size)
            end = ends.get(crc ^ zlib.crc32(zeros, zlib.crc32(head)) ^ zlib.crc32(zeros))
            if end is not None:
                return head + end
    return None


def sequences(image, tails=True):
    """Return lists of blocks in the order in which removed files had them."""
    return [image.free()[::-1]] + [tail[::-1] for tail in image.tails() if tails and tail]


def recover(image, methods=(whole, joined), tails=True, candidates=None):
    """Return ``{name: contents}``."""
    lists, found = sequences(image, tails), {}
    for entries in (wanted(image) if candidates is None else candidates).values():
        last = max(entries, key=lambda entry: entry.get("written", 0) or entry.get("time", 0))
        for method in methods:
            data = method(image, lists, last["size"], last["crc"])
            if data is not None:
                found[last["name"]] = data
                break
    return found
