"""A reader of ledgers: keys and values in a tree on a device, with amendments (SPEC.md)."""

from typing import NamedTuple

CHECKED = 126
HEAD, LEAF, INNER, LONG, AMENDMENT = b"QUAY", b"\x01", b"\x02", b"\x03", b"\x04"
IS_LONG, AS_BEFORE = 201, 202
SET, REMOVE = 1, 2


class Damaged(Exception):
    """A sector that is needed has a wrong check or another type than it should have."""


class Fields:
    """What a sector holds, taken from front to back."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self):
        return self.take(1)[0]

    def number(self):
        return int.from_bytes(self.take(2), "little")

    def counted(self):
        return self.take(self.byte())

    def key_after(self, before):
        return before[: self.byte()] + self.counted()

    def value_after(self, before):
        kind = self.byte()
        if kind == AS_BEFORE:
            return before
        return LongValue(self.number(), self.number()) if kind == IS_LONG else self.take(kind)

    def change(self):
        kind, key = self.byte(), self.counted()
        if kind == SET:
            return Change(key, None, self.counted())
        return Change(key, None if kind == REMOVE else self.counted(), None)


class Head(NamedTuple):
    generation: int
    root: int
    height: int
    amendment: int

    def is_later_than(self, other):
        return 1 <= (self.generation - other.generation) % 65536 <= 32767


class LongValue(NamedTuple):
    sector: int
    length: int


class Change(NamedTuple):
    """What the keys from low to before high (None: the key low alone) have now (None: they are removed)."""

    low: bytes
    high: bytes | None
    value: bytes | None

    def decides(self, key):
        return key == self.low if self.high is None else is_within(key, self.low, self.high)


def order(key):
    return len(key), key


def is_within(key, low, high):
    return order(low) <= order(key) < order(high)


def count_before(keys, limit):
    return sum(order(key) < order(limit) for key in keys)


def check_of(sector, data):
    check = sector
    for byte in data[:CHECKED]:
        check = (31 * check + byte) % 65521
    return check.to_bytes(2, "little")


class Reader:
    def __init__(self, device):
        self.device = device
        self.head = self._current_head()
        self.changes = self._newest_changes_first(self.head.amendment)

    def get(self, key):
        change = self._change_for(key)
        return change.value if change else self._value(dict(self._leaf(self._leaf_sector(key))).get(key))

    def scan(self, low, high):
        if order(low) >= order(high):
            return []
        found = [
            (change.low, change.value)
            for change in self.changes
            if change.value is not None and is_within(change.low, low, high) and self._change_for(change.low) is change
        ]
        for sector in self._leaf_sectors(self.head.root, self.head.height, low, high):
            for key, value in self._leaf(sector):
                if is_within(key, low, high) and not self._change_for(key):
                    found.append((key, self._value(value)))
        return sorted(found, key=lambda entry: order(entry[0]))

    def _fields(self, sector, kind):
        data = self.device.read(sector)
        if data[CHECKED:] != check_of(sector, data) or not data.startswith(kind):
            raise Damaged(f"sector {sector}")
        return Fields(data[len(kind) : CHECKED])

    def _current_head(self):
        heads = []
        for sector in (0, self.device.sectors - 1):
            try:
                fields = self._fields(sector, HEAD)
                heads.append(Head(fields.number(), fields.number(), fields.byte(), fields.number()))
            except Damaged:
                pass
        if not heads:
            raise Damaged("both heads")
        return heads[-1] if heads[-1].is_later_than(heads[0]) else heads[0]

    def _newest_changes_first(self, sector):
        changes = []
        while sector:
            fields = self._fields(sector, AMENDMENT)
            count, sector = fields.byte(), fields.number()
            changes += reversed([fields.change() for _ in range(count)])
        return changes

    def _change_for(self, key):
        return next((change for change in self.changes if change.decides(key)), None)

    def _leaf(self, sector):
        fields = self._fields(sector, LEAF)
        key, value = b"", None
        entries = []
        for _ in range(fields.byte()):
            key, value = fields.key_after(key), fields.value_after(value)
            entries.append((key, value))
        return entries

    def _inner(self, sector):
        fields = self._fields(sector, INNER)
        count = fields.byte()
        separators, children = [], [fields.number()]
        for _ in range(count):
            separators.append(fields.key_after(separators[-1] if separators else b""))
            children.append(fields.number())
        return separators, children

    def _value(self, value):
        if not isinstance(value, LongValue):
            return value
        whole, sector = b"", value.sector
        while sector:
            fields = self._fields(sector, LONG)
            count, sector = fields.byte(), fields.number()
            whole = fields.take(count) + whole
        return whole

    def _leaf_sector(self, key):
        sector = self.head.root
        for _ in range(self.head.height - 1):
            separators, children = self._inner(sector)
            sector = children[count_before(separators, key)]
        return sector

    def _leaf_sectors(self, sector, height, low, high):
        if height == 1:
            yield sector
            return
        separators, children = self._inner(sector)
        for child in children[count_before(separators, low) : count_before(separators, high) + 1]:
            yield from self._leaf_sectors(child, height - 1, low, high)
