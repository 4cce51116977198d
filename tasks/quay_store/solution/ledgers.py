"""Reads ledgers."""

import struct

SECTOR = 128
HEAD, LEAF, INNER, LONG, AMENDMENT = b"Q", 1, 2, 3, 4


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
