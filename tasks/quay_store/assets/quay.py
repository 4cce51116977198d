"""The quay: a block device in memory, which loses, mixes and spoils what was not flushed when it crashes.

The scorer's device behaves as this one; stores may use nothing but ``read``, ``write``, ``flush`` and ``sectors``.
"""

SECTOR = 128
PIECE = 16


class Device:
    """Sectors of 128 bytes. Reads see what was written last; only a flush makes it last."""

    def __init__(self, sectors=512, content=None):
        self.sectors = sectors
        self.content = bytearray(content or bytes(sectors * SECTOR))
        #: What a crash is sure to leave, and the writes since the last flush: (sector, data).
        self.lasting = bytes(self.content)
        self.pending = []
        self.read_count = self.write_count = self.flush_count = 0

    def read(self, first, count=1):
        """Return the bytes of *count* sectors from *first* on."""
        if not (first >= 0 and count >= 1 and first + count <= self.sectors):
            raise ValueError("beyond the device")
        self.read_count += count
        return bytes(self.content[first * SECTOR : (first + count) * SECTOR])

    def write(self, first, data):
        """Write whole sectors from *first* on. Each of them is a write of its own to a crash."""
        count = len(data) // SECTOR
        if not (first >= 0 and count >= 1 and first + count <= self.sectors and len(data) == count * SECTOR):
            raise ValueError("beyond the device, or no whole sectors")
        self.write_count += count
        self.content[first * SECTOR : (first + count) * SECTOR] = data
        for number in range(count):
            self.pending.append((first + number, bytes(data[number * SECTOR : (number + 1) * SECTOR])))

    def flush(self):
        """Return when all that was written before will last."""
        self.flush_count += 1
        self.lasting = bytes(self.content)
        self.pending = []


def crashed(lasting, pending, rng):
    """Return a content that a crash may leave: see SPEC.md. *rng* is a random.Random."""
    content = bytearray(lasting)
    how = rng.choice(("none", "all", "last", "but_one", "some", "torn", "torn", "junk"))
    chosen = list(pending)
    if how == "none":
        chosen = []
    elif how == "last":
        chosen = chosen[-1:]
    elif how == "but_one" and chosen:
        del chosen[rng.randrange(len(chosen))]
    elif how != "all":
        # Any of them may be missing, and they may arrive in any order.
        chosen = [write for write in chosen if rng.randrange(2)]
        rng.shuffle(chosen)
    hit = {rng.randrange(len(pending)), len(pending) - 1} if pending and how in ("torn", "junk") else set()
    chosen += [pending[number] for number in sorted(hit) if pending[number] not in chosen]
    for sector, data in chosen:
        torn = [pending[number] for number in hit]
        for at in range(0, SECTOR, PIECE):
            piece = data[at : at + PIECE]
            if (sector, data) in torn:
                if rng.randrange(2):
                    continue
                if how == "junk" and rng.randrange(2):
                    piece = rng.randbytes(PIECE)
            content[sector * SECTOR + at : sector * SECTOR + at + PIECE] = piece
    return bytes(content)
