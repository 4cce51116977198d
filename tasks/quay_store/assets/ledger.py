"""Ledgers: a writer, and a reader that tells what is right and how much has to be read."""

import random
import struct
from itertools import pairwise

SECTOR = 128
HEAD, LEAF, INNER, LONG, AMENDMENT = b"Q", 1, 2, 3, 4
WORDS = (b"a", b"quay", b"rope", b"mast", b"\x00", b"anchor", b"aa", b"bollard", b"\xff\xfe", b"tide")


def rank(key):
    return len(key), key


def check(number, body):
    value = number
    for byte in body:
        value = (31 * value + byte) % 65521
    return struct.pack("<H", value)


class Damaged(Exception):
    """A sector that is needed cannot be believed."""


class Reader:
    def __init__(self, device):
        self.device = device
        heads = [head for head in (self.head(0), self.head(device.sectors - 1)) if head]
        if not heads:
            raise Damaged
        if len(heads) == 2 and 1 <= (heads[1][0] - heads[0][0]) % 65536 <= 32767:
            heads.reverse()
        _, self.root, self.height, first = heads[0]
        #: The changes, newest first.
        self.changes = []
        while first:
            data = self.sector(first, AMENDMENT)
            self.changes += reversed(changes_of(data))
            first = struct.unpack_from("<H", data, 2)[0]

    def sector(self, number, kind):
        data = self.device.read(number)
        if check(number, data[:126]) != data[126:] or data[0] != kind:
            raise Damaged
        return data

    def head(self, number):
        try:
            data = self.sector(number, HEAD[0])
        except Damaged:
            return None
        return struct.unpack_from("<HHBH", data, 4) if data[:4] == b"QUAY" else None

    def decided(self, key):
        """Return (whether the amendments decide on a key, its value)."""
        for kind, first, second in self.changes:
            if kind == 3:
                if rank(first) <= rank(key) < rank(second):
                    return True, None
            elif first == key:
                return True, second
        return False, None

    def get(self, key):
        known, value = self.decided(key)
        if known:
            return value
        number = self.root
        for _ in range(self.height - 1):
            separators, children = inner_of(self.sector(number, INNER))
            number = children[sum(rank(separator) < rank(key) for separator in separators)]
        return next((self.value(raw) for name, raw in leaf_of(self.sector(number, LEAF)) if name == key), None)

    def scan(self, low, high):
        found = {}
        if rank(low) < rank(high):
            for key, raw in self.leaves(self.root, self.height, rank(low), rank(high)):
                if rank(low) <= rank(key) < rank(high) and not self.decided(key)[0]:
                    found[key] = self.value(raw)
        for _, key, _ in self.changes:
            _, value = self.decided(key)
            if value is not None and rank(low) <= rank(key) < rank(high):
                found[key] = value
        return sorted(found.items(), key=lambda pair: rank(pair[0]))

    def leaves(self, number, height, low, high):
        if height == 1:
            yield from leaf_of(self.sector(number, LEAF))
            return
        separators, children = inner_of(self.sector(number, INNER))
        for place, child in enumerate(children):
            below = place < len(separators) and rank(separators[place]) < low
            if not below and (place == 0 or rank(separators[place - 1]) < high):
                yield from self.leaves(child, height - 1, low, high)

    def value(self, raw):
        if isinstance(raw, bytes):
            return raw
        number, length = raw
        value = b""
        while number:
            data = self.sector(number, LONG)
            value = data[4 : 4 + data[1]] + value
            number = struct.unpack_from("<H", data, 2)[0]
        return value[:length]


def names_of(data, count, at, rest):
    """Read keys written on the keys before, each followed by what *rest* reads."""
    found, key = [], b""
    for _ in range(count):
        shared, more = data[at], data[at + 1]
        key = key[:shared] + data[at + 2 : at + 2 + more]
        item, at = rest(data, at + 2 + more)
        found.append((key, item))
    return found


def leaf_of(data):
    entries, last = [], None

    def rest(data, at):
        tag = data[at]
        if tag <= 200:
            return data[at + 1 : at + 1 + tag], at + 1 + tag
        return (struct.unpack_from("<HH", data, at + 1), at + 5) if tag == 201 else (None, at + 1)

    for key, raw in names_of(data, data[1], 2, rest):
        last = last if raw is None else raw
        entries.append((key, last))
    return entries


def inner_of(data):
    rest = lambda data, at: (struct.unpack_from("<H", data, at)[0], at + 2)  # noqa: E731 - short
    pairs = names_of(data, data[1], 4, rest)
    return [key for key, _ in pairs], [struct.unpack_from("<H", data, 2)[0], *(child for _, child in pairs)]


def changes_of(data):
    found, at = [], 4
    for _ in range(data[1]):
        kind, size = data[at], data[at + 1]
        first, second = data[at + 2 : at + 2 + size], None
        at += 2 + size
        if kind != 2:
            second = data[at + 1 : at + 1 + data[at]]
            at += 1 + data[at]
        found.append((kind, first, second))
    return found


class Writer:
    """Writes a ledger of given pairs into sectors taken at random."""

    def __init__(self, rng, sectors):
        self.rng, self.sectors = rng, {}
        self.count = sectors
        self.free = list(range(1, sectors - 1))
        rng.shuffle(self.free)

    def put(self, body, number=None):
        number = self.free.pop() if number is None else number
        assert len(body) <= 126
        body += self.rng.randbytes(126 - len(body))
        self.sectors[number] = body + check(number, body)
        return number

    def name(self, key, before):
        shared = 0
        while shared < min(len(key), len(before)) and key[shared] == before[shared]:
            shared += 1
        # Less than what is shared may be said to be shared.
        shared = self.rng.randrange(shared + 1) if self.rng.randrange(4) == 0 else shared
        return bytes([shared, len(key) - shared]) + key[shared:]

    def long(self, value):
        following, at = 0, 0
        while True:
            piece = value[at : at + self.rng.choice((122, 122, 60))]
            at += len(piece)
            following = self.put(struct.pack("<BBH", LONG, len(piece), following) + piece)
            if at >= len(value):
                return following

    def leaves(self, pairs, fill):
        """Return [(last key, sector)] of the leaves."""
        found, body, count, before, value_before = [], b"", 0, b"", None
        last = b""
        for key, value in pairs:
            item = self.name(key, before if count else b"")
            if count and value == value_before:
                item += bytes([202])
            elif len(value) > 40:
                item += struct.pack("<BHH", 201, self.long(value), len(value))
            else:
                item += bytes([len(value)]) + value
            if count and len(body) + len(item) > fill:
                found.append((last, self.put(bytes([LEAF, count]) + body)))
                body, count = b"", 0
                item = (
                    bytes([0, len(key)])
                    + key
                    + (
                        struct.pack("<BHH", 201, self.long(value), len(value))
                        if len(value) > 40
                        else bytes([len(value)]) + value
                    )
                )
            body, count = body + item, count + 1
            before = last = key
            value_before = value
        return [*found, (last, self.put(bytes([LEAF, count]) + body))]

    def tree(self, pairs, fill):
        """Return (root, height)."""
        level, height = self.leaves(pairs, fill), 1
        while len(level) > 1 or (height == 2 and self.rng.randrange(3) == 0):
            upper = []
            while level:
                children = level[: self.rng.choice((3, 4))]
                level = level[len(children) :]
                body, before = struct.pack("<BBH", INNER, len(children) - 1, children[0][1]), b""
                for (separator, _), (_, child) in pairwise(children):
                    body += self.name(separator, before) + struct.pack("<H", child)
                    before = separator
                upper.append((children[-1][0], self.put(body)))
            level, height = upper, height + 1
        return level[0][1], height

    def amendments(self, changes):
        """Write changes, the oldest first; return the first sector."""
        following, body, count = 0, b"", 0
        for kind, first, second in changes:
            item = bytes([kind, len(first)]) + first + (b"" if second is None else bytes([len(second)]) + second)
            if len(body) + len(item) > 100:
                following = self.put(struct.pack("<BBH", AMENDMENT, count, following) + body)
                body, count = b"", 0
            body, count = body + item, count + 1
        return self.put(struct.pack("<BBH", AMENDMENT, count, following) + body) if changes else 0

    def head(self, number, generation, root, height, amendment):
        self.put(b"QUAY" + struct.pack("<HHBH", generation, root, height, amendment), number)

    def content(self):
        return b"".join(self.sectors.get(number) or self.rng.randbytes(SECTOR) for number in range(self.count))


def some_key(rng):
    return (b"".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 4))) + (b"%d" % rng.randrange(40)))[:20]


def some_pairs(rng, count, long):
    pairs, value = {}, b""
    while len(pairs) < count:
        if rng.randrange(4):
            size = rng.randrange(41, 700) if long and rng.randrange(4) == 0 else rng.randrange(25)
            value = rng.randbytes(size)
        pairs[some_key(rng)] = value
    return sorted(pairs.items(), key=lambda pair: rank(pair[0]))


def some_changes(rng, pairs, count):
    known, changes = [key for key, _ in pairs], []
    for _ in range(count):
        kind = rng.choice((1, 1, 2, 2, 3))
        first = rng.choice(known) if rng.randrange(3) else some_key(rng)
        second = {1: rng.randbytes(rng.randrange(12)), 2: None}.get(kind)
        if kind == 3:
            place = rng.randrange(len(known))
            first, second = known[place], known[min(len(known) - 1, place + rng.randrange(1, 6))]
        changes.append((kind, first, second))
    return changes


#: What the ledgers of each kind have: pairs, long values, changes.
KINDS = {
    "leaf": (5, False, 0),
    "tree": (120, False, 0),
    "long": (40, True, 0),
    "amended": (60, False, 25),
    "heads": (30, False, 6),
    "damaged": (90, True, 10),
    "all": (150, True, 30),
}


def ledger(kind, number):
    """Return (random numbers, sectors, content, keys, first amendment) of a ledger."""
    rng = random.Random(f"ledger {kind} {number}")
    count, long, changed = KINDS[kind]
    pairs = some_pairs(rng, count, long)
    writer = Writer(rng, 600)
    root, height = writer.tree(pairs, 90)
    while kind == "leaf" and height > 1:
        pairs = some_pairs(rng, count, long)
        root, height = writer.tree(pairs, 122)
    changes = some_changes(rng, pairs, changed)
    generation = rng.choice((0, 3, 40000, 65535)) if kind in ("heads", "all") else 7
    current, other = rng.sample((0, writer.count - 1), 2)
    first = writer.amendments(changes)
    writer.head(current, generation, root, height, first)
    old_pairs = some_pairs(rng, 12, False)
    old, old_height = writer.tree(old_pairs, 90)
    writer.head(other, (generation - rng.choice((1, 2, 9, 30000))) % 65536, old, old_height, 0)
    keys = [key for key, _ in pairs] + [key for _, key, _ in changes]
    content = bytearray(writer.content())
    if kind == "heads" and number % 3 == 0:
        spoil(rng, content, current)
        keys = [key for key, _ in old_pairs]
    nodes = sorted(n for n, data in writer.sectors.items() if data[0] not in (HEAD[0], AMENDMENT))
    for sector in rng.sample(nodes, {"damaged": 6, "all": 3}.get(kind, 0)):
        spoil(rng, content, sector)
    return rng, writer.count, bytes(content), keys, first


def spoil(rng, content, sector):
    """Change one bit of a sector."""
    content[sector * SECTOR + rng.randrange(SECTOR)] ^= 1 << rng.randrange(8)
