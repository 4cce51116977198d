"""A small file system that is written block by block, as FORMAT.md tells it, and remembers what was in it."""

import struct
import zlib
from dataclasses import dataclass, field

BLOCK, BLOCKS = 512, 384
LAST, SYSTEM = 0xFFFF, 0xFFFE
ENTRY = struct.Struct("<BB24sHIIIIIH14x")
RECORD = struct.Struct("<IIIIIHHBBH24s8x")
MAKE, SAVE, GROW, DROP, NAME, PACK = 1, 2, 3, 4, 5, 6
NAMES = {MAKE: "make", SAVE: "save", GROW: "grow", DROP: "drop", NAME: "name", PACK: "pack"}


@dataclass
class File:
    number: int
    name: str
    account: int
    made: int
    written: int = 0
    data: bytes = b""
    chain: list = field(default_factory=list)
    slot: int = 0

    def entry(self, flag=1):
        return ENTRY.pack(
            flag,
            self.account,
            self.name.encode(),
            self.chain[0] if flag == 1 else 0,
            len(self.data),
            self.number,
            self.made,
            self.written,
            zlib.crc32(self.data),
            len(self.chain),
        )


class Disk:
    """The disk. ``files`` has the live files, ``removed`` those that were dropped, ``history`` every record."""

    def __init__(self, journal_blocks):
        self.image = bytearray(BLOCK * BLOCKS)
        self.table_blocks = BLOCKS * 2 // BLOCK + (BLOCKS * 2 % BLOCK > 0)
        self.journal_first, self.journal_blocks = 1 + self.table_blocks, journal_blocks
        start = self.journal_first + journal_blocks
        self.next = [SYSTEM] * start + [n + 1 for n in range(start, BLOCKS)]
        self.next[-1] = LAST
        self.free, self.number, self.sequence, self.check = start, 1, 1, 0
        self.files, self.removed, self.history = {}, {}, []
        # What holds each place of the directory: a file's number, None where it was never used, 0 once it is removed.
        self.directory = self.take(1)
        self.slots = [None] * 8

    def take(self, count):
        """Take blocks from the beginning of the free list and chain them."""
        blocks = []
        for _ in range(count):
            if self.free in (0, LAST):
                raise RuntimeError("the disk is full")
            blocks.append(self.free)
            self.free = self.next[self.free]
        for block, following in zip(blocks, [*blocks[1:], LAST], strict=True):
            self.next[block] = following
        return blocks

    def give(self, blocks):
        """Free blocks one by one, each to the beginning of the free list."""
        for block in blocks:
            self.next[block] = self.free
            self.free = block

    def write(self, blocks, data, offset=0):
        """Write *data* at *offset* of a chain, and touch nothing else."""
        done = 0
        while done < len(data):
            block, start = blocks[(offset + done) // BLOCK], (offset + done) % BLOCK
            part = data[done : done + BLOCK - start]
            self.image[block * BLOCK + start : block * BLOCK + start + len(part)] = part
            done += len(part)

    def list_slot(self, file, flag=1):
        place = file.slot
        self.write(self.directory, file.entry(flag), 64 * place)

    def record(self, operation, file, account, session, time, chain=None):
        """Add a journal record and keep its fields."""
        chain = file.chain if chain is None else chain
        number, size, crc, name = (
            (file.number, len(file.data), zlib.crc32(file.data), file.name) if file else (0, 0, 0, "")
        )
        body = RECORD.pack(
            self.sequence, time, number, size, crc, chain[0], len(chain), operation, account, session, name.encode()
        )
        self.check = zlib.crc32(struct.pack("<I", self.check) + body)
        place = self.journal_first * BLOCK + self.sequence % (8 * self.journal_blocks) * 64
        self.image[place : place + 64] = body + struct.pack("<I", self.check)
        fields = {"seq": self.sequence, "time": time, "file": number, "op": NAMES[operation], "account": account}
        self.history.append({**fields, "session": session})
        self.sequence += 1
        return self.sequence - 1

    def slot(self):
        """Return the place of an entry for a new file: one never used before one of a removed file."""
        for state in (None, 0):
            if state in self.slots:
                return self.slots.index(state)
        more = self.take(1)
        self.next[self.directory[-1]] = more[0]
        self.directory += more
        self.image[more[0] * BLOCK : more[0] * BLOCK + BLOCK] = bytes(BLOCK)
        self.slots += [None] * 8
        return len(self.slots) - 8

    def make(self, name, data, account, session, time, reserve=0):
        file = File(self.number, name, account, time, time, data, slot=self.slot())
        self.number += 1
        file.chain = self.take(max(1, -(-len(data) // BLOCK)) + reserve)
        self.write(file.chain, data)
        self.slots[file.slot] = file.number
        self.files[file.number] = file
        self.list_slot(file)
        self.record(MAKE, file, account, session, time)
        return file

    def save(self, file, data, account, session, time):
        old = file.chain
        file.chain = self.take(max(1, -(-len(data) // BLOCK)))
        self.write(file.chain, data)
        file.data, file.account, file.written = data, account, time
        self.list_slot(file)
        self.give(old)
        return self.record(SAVE, file, account, session, time)

    def grow(self, file, data, account, session, time):
        more = -(-(len(file.data) + len(data)) // BLOCK) - len(file.chain)
        if more > 0:
            blocks = self.take(more)
            self.next[file.chain[-1]] = blocks[0]
            file.chain += blocks
        self.write(file.chain, data, len(file.data))
        file.data, file.account, file.written = file.data + data, account, time
        self.list_slot(file)
        return self.record(GROW, file, account, session, time)

    def drop(self, file, account, session, time):
        self.list_slot(file, 2)
        self.slots[file.slot] = 0
        self.give(file.chain)
        self.removed[file.number] = self.files.pop(file.number)
        return self.record(DROP, file, account, session, time)

    def name(self, file, name, account, session, time):
        file.name = name
        self.list_slot(file)
        return self.record(NAME, file, account, session, time)

    def pack(self, account, session, time):
        old, live = self.directory, list(self.files.values())
        self.directory = self.take(len(live) // 8 + 3)
        self.write(self.directory, bytes(BLOCK * len(self.directory)))
        self.slots = [None] * (8 * len(self.directory))
        for slot, file in enumerate(live):
            file.slot = slot
            self.slots[slot] = file.number
            self.list_slot(file)
        self.give(old)
        return self.record(PACK, None, account, session, time, self.directory)

    def finish(self):
        """Return the image with its table and block 0."""
        self.image[BLOCK : BLOCK + 2 * BLOCKS] = struct.pack(f"<{BLOCKS}H", *self.next)
        head = struct.pack("<8sHHHH", b"SILT\0\1\0\0", BLOCK, BLOCKS, 1, self.table_blocks)
        head += struct.pack("<HHHH", self.journal_first, self.journal_blocks, self.directory[0], self.free)
        head += struct.pack("<II", self.number, self.sequence)
        self.image[:36] = head + struct.pack("<I", zlib.crc32(head))
        return bytes(self.image)

    def free_blocks(self):
        """Return the free list in its order."""
        blocks, block = [], self.free
        while block not in (0, LAST):
            blocks.append(block)
            block = self.next[block]
        return blocks
