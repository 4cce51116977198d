"""Reads a SILT image: what is live, what is free, and what has been left behind."""

import struct
from pathlib import Path

BLOCK = 512
ENTRY = struct.Struct("<BB24sHIIIIIH")
RECORD = struct.Struct("<IIIIIHHBBH24s8xI")
OPERATIONS = ["", "make", "save", "grow", "drop", "name", "pack"]
ENTRY_FIELDS = ["flag", "account", "name", "first", "size", "number", "made", "written", "crc", "blocks"]
RECORD_FIELDS = ["seq", "time", "number", "size", "crc", "first", "blocks", "op", "account", "session", "name", "check"]


class Image:
    def __init__(self, path):
        self.data = Path(path).read_bytes()
        numbers = struct.unpack_from("<8HII", self.data, 8)
        self.blocks, self.table, self.journal, self.journal_blocks = numbers[1], numbers[2], numbers[4], numbers[5]
        self.directory, self.free_head, self.next_number, self.next_seq = numbers[6:]
        self.next = struct.unpack_from(f"<{self.blocks}H", self.data, self.table * BLOCK)

    def block(self, number):
        return self.data[number * BLOCK : (number + 1) * BLOCK]

    def chain(self, first):
        blocks = []
        while first not in (0, 0xFFFF):
            blocks.append(first)
            first = self.next[first]
        return blocks

    def entries_in(self, block):
        """Return what looks like directory entries in a block."""
        found = []
        for at in range(block * BLOCK, block * BLOCK + BLOCK, 64):
            entry = dict(zip(ENTRY_FIELDS, ENTRY.unpack_from(self.data, at), strict=True))
            name = entry["name"].rstrip(b"\0")
            zero = not any(self.data[at + 50 : at + 64])
            if entry["flag"] in (1, 2) and zero and name and name.isascii() and 0 < entry["number"] < self.next_number:
                found.append({**entry, "name": name.decode(), "block": block})
        return found

    def listed(self):
        """Return the directory's entries, live and removed."""
        return [entry for block in self.chain(self.directory) for entry in self.entries_in(block)]

    def free(self):
        return self.chain(self.free_head)

    def records(self):
        """Return the journal's records that are there, by sequence number."""
        found = {}
        for place in range(self.journal_blocks * 8):
            at = self.journal * BLOCK + 64 * place
            record = dict(zip(RECORD_FIELDS, RECORD.unpack_from(self.data, at), strict=True))
            if record["seq"] and record["seq"] % (self.journal_blocks * 8) == place:
                record["name"] = record["name"].rstrip(b"\0").decode("ascii", "replace")
                record["body"] = self.data[at : at + 60]
                found[record["seq"]] = record
        return dict(sorted(found.items()))

    def contents(self, entry):
        return b"".join(map(self.block, self.chain(entry["first"])))[: entry["size"]]

    def tails(self):
        """Return for each live file the blocks beyond its size."""
        live = [entry for entry in self.listed() if entry["flag"] == 1]
        return [self.chain(entry["first"])[max(1, -(-entry["size"] // BLOCK)) :] for entry in live]
