"""A store on the quay: a log and checkpoints in a ring of sectors, two heads that say where they begin.

Everything is held in memory. The device has, from sector 2 on, a ring: a checkpoint (all pairs, in chunks of their own
checksums), then the records of the commits since. A record is one or more sectors, never shared, as junk may
take the place of a sector that is written again. Each checksum takes in the one before, so that what an earlier
life left in the ring is never taken for a continuation. A new checkpoint goes behind the
log; the heads are written in turn.
"""

import struct
import zlib

SECTOR = 128
HEADS = 2
LIMIT = 20480
CHUNK = 860  # bytes of pairs after which a chunk is closed; a damaged sector costs one chunk
SPARE = 44  # sectors that a record may take, and some

HEAD = struct.Struct("<4sIIHHI")  # magic, epoch, base of checksums, first sector, chunks, checksum
PART = struct.Struct("<4sIHHHI")  # magic, epoch, number of the chunk, of its sectors, bytes, checksum
RECORD = struct.Struct("<4sHHI")  # magic, sectors, bytes, checksum
EVERYTHING = (b"", b"\xff" * 25)


class Damaged(Exception):
    """Something that was durable cannot be read any more."""


class Full(Exception):
    """The commit would make the store too large."""


def padded(data):
    return data + bytes(-len(data) % SECTOR)


def create(device):
    store = Store(device)
    store.wipe()
    return store


def open(device):
    store = Store(device)
    store.load()
    return store


class Ring:
    """The sectors behind the heads; a position may be any whole number."""

    def __init__(self, device):
        self.device, self.size = device, device.sectors - HEADS

    def write(self, at, data):
        at %= self.size
        first = (self.size - at) * SECTOR
        self.device.write(HEADS + at, data[:first])
        if data[first:]:
            self.device.write(HEADS, data[first:])


class Store:
    def __init__(self, device):
        self.device, self.ring = device, Ring(device)
        self.current, self.states = {}, {}
        self.uses, self.size = {}, 0  # how many states have a pair; the size of the store
        self.touched, self.clock = {}, 0  # when a key was last committed, for transactions
        self.epoch, self.start, self.used, self.chain, self.chunks = 0, 0, 0, 0, 0
        self.clean = False  # no record since the checkpoint, and both heads tell of it
        self.holes = []  # ranges of keys (low, high) of which nothing is known

    # What is there

    def state(self, at):
        if at is None:
            return self.current
        if at not in self.states:
            raise KeyError(at)
        return self.states[at]

    def get(self, key, at=None):
        value = self.state(at).get(key)
        if value is None and any(low < key < high for low, high in self.holes):
            raise Damaged(key)
        return value

    def scan(self, low, high, at=None):
        state = self.state(at)
        if any(low < end and begin < high for begin, end in self.holes):
            raise Damaged(low, high)
        return sorted((key, value) for key, value in state.items() if low <= key < high)

    def kept(self):
        return sorted(self.states)

    def begin(self):
        return Transaction(self)

    # Changes

    def commit(self, changes):
        new = dict(changes)
        if self.size + self.growth(new) > LIMIT:
            raise Full
        body = [b"C"]
        for key, value in new.items():
            body.append(struct.pack("<BH", len(key), 0xFFFF if value is None else len(value)) + key + (value or b""))
        self.append(b"".join(body))
        self.apply(new)

    def keep(self, name):
        if name in self.states or len(self.states) == 7:
            raise ValueError(name)
        self.append(b"K" + name.encode())
        self.apply_keep(name)

    def drop(self, name):
        self.state(name)
        self.append(b"D" + name.encode())
        self.apply_drop(name)

    def growth(self, new):
        total = 0
        for key, value in new.items():
            old = self.current.get(key)
            if old == value:
                continue
            if old is not None and self.uses[key, old] == 1:
                total -= len(key) + len(old) + 16
            if value is not None and (key, value) not in self.uses:
                total += len(key) + len(value) + 16
        return total

    def count(self, pair, change):
        before = self.uses.get(pair, 0)
        weight = len(pair[0]) + len(pair[1]) + 16
        if before + change:
            self.uses[pair] = before + change
        else:
            del self.uses[pair]
        self.size += weight * ((before + change > 0) - (before > 0))

    def apply(self, new):
        self.clock += 1
        for key, value in new.items():
            self.touched[key] = self.clock
            if key in self.current:
                self.count((key, self.current.pop(key)), -1)
            if value is not None:
                self.current[key] = value
                self.count((key, value), 1)

    def apply_keep(self, name):
        self.states[name] = dict(self.current)
        for pair in self.current.items():
            self.count(pair, 1)

    def apply_drop(self, name):
        for pair in self.states.pop(name).items():
            self.count(pair, -1)

    # The log

    def append(self, body):
        sectors = -(-(RECORD.size + len(body)) // SECTOR)
        if self.used + sectors + self.bound() > self.ring.size:
            self.checkpoint()
        checksum = zlib.crc32(body, zlib.crc32(struct.pack("<IHH", self.chain, sectors, len(body))))
        self.ring.write(self.start + self.used, padded(RECORD.pack(b"qRec", sectors, len(body), checksum) + body))
        self.device.flush()
        self.used += sectors
        self.chain = checksum
        self.clean = False

    def bound(self):
        """Return how many sectors the next checkpoint may take at most, once a record more was appended."""
        size = min(LIMIT, self.size + 6144)
        return size // 100 + SPARE // 2 if size < LIMIT else LIMIT // 100 + 8

    def replay(self, content):
        """Do what the records behind the checkpoint say, up to the first that is none."""
        while self.used < self.ring.size:
            at = (self.start + self.used) % self.ring.size * SECTOR
            magic, sectors, length, checksum = RECORD.unpack_from(content, at)
            body = content[at + RECORD.size : at + RECORD.size + length]
            expected = zlib.crc32(body, zlib.crc32(struct.pack("<IHH", self.chain, sectors, length)))
            if magic != b"qRec" or checksum != expected or len(body) != length:
                break
            if sectors != -(-(RECORD.size + length) // SECTOR) or self.used + sectors > self.ring.size:
                break
            self.obey(body)
            self.used += sectors
            self.chain = checksum
            self.clean = False

    def obey(self, body):
        if body[:1] == b"K":
            self.apply_keep(body[1:].decode())
        elif body[:1] == b"D":
            self.apply_drop(body[1:].decode())
        else:
            new, at = {}, 1
            while at < len(body):
                key_size, size = struct.unpack_from("<BH", body, at)
                at += 3
                key = body[at : at + key_size]
                at += key_size
                new[key] = None if size == 0xFFFF else body[at : at + size]
                at += 0 if size == 0xFFFF else size
            self.apply(new)

    # Checkpoints

    def parts(self):
        """Return the bodies of a checkpoint's chunks: the names twice, then the pairs in the order of their keys."""
        names = self.kept()
        masks = {}
        for bit, state in enumerate([self.current, *(self.states[name] for name in names)]):
            for pair in state.items():
                masks[pair] = masks.get(pair, 0) | 1 << bit
        bodies = [",".join(names).encode()] * 2
        body = b""
        previous = None
        for pair in sorted(masks):
            key, value = pair
            item = struct.pack("<BHB", len(key), len(value), masks[pair]) + key + value
            # The pairs of one key stay together, so that keys tell what a lost chunk had, unless they are too many.
            if len(body) + len(item) > CHUNK and body and key != previous:
                bodies.append(body)
                body = b""
            body += item
            previous = key
        return [*bodies, body]

    def checkpoint(self, heads=1):
        self.start += self.used
        self.used = 0
        self.epoch += 1
        bodies = self.parts()
        data = b""
        for number, body in enumerate(bodies):
            sectors = -(-(PART.size + len(body)) // SECTOR)
            head = struct.pack("<IHHH", self.epoch, number, sectors, len(body))
            data += padded(PART.pack(b"qPar", self.epoch, number, sectors, len(body), zlib.crc32(head + body)) + body)
        self.ring.write(self.start, data)
        self.device.flush()
        self.used = len(data) // SECTOR
        self.start %= self.ring.size
        self.chunks = len(bodies)
        self.chain = zlib.crc32(data)
        for number in range(heads):
            self.write_head((self.epoch + number) % 2)
        self.clean = heads == 2

    def write_head(self, slot):
        head = HEAD.pack(b"qHed", self.epoch, self.chain, self.start, self.used, 0)
        head = head[:-4] + struct.pack("<I", zlib.crc32(head[:-4] + bytes([self.chunks & 255, self.chunks >> 8])))
        self.device.write(slot, padded(head + struct.pack("<H", self.chunks)))
        self.device.flush()

    def wipe(self):
        # Numbers that an earlier store on this device is not likely to have had: its records must not fit behind ours.
        self.epoch = zlib.crc32(self.device.read(0, self.device.sectors)) >> 2
        for slot in range(HEADS):
            self.device.write(slot, bytes(SECTOR))
        self.device.flush()
        self.checkpoint(2)

    def close(self):
        if not self.clean:
            self.checkpoint(2)

    def read_head(self, content):
        found = []
        for slot in range(HEADS):
            magic, epoch, chain, start, used, checksum = HEAD.unpack_from(content, slot * SECTOR)
            chunks = content[slot * SECTOR + HEAD.size :][:2]
            expected = zlib.crc32(content[slot * SECTOR :][: HEAD.size - 4] + chunks)
            if magic == b"qHed" and checksum == expected:
                found.append((epoch, chain, start, used, *struct.unpack("<H", chunks)))
        if not found:
            raise Damaged("no head")
        self.epoch, self.chain, self.start, self.used, self.chunks = max(found)
        self.clean = len(found) == 2 and found[0] == found[1]

    def load(self):
        content = self.device.read(0, self.device.sectors)
        self.read_head(content)
        ring = content[HEADS * SECTOR :]
        self.read_parts((ring + ring)[self.start * SECTOR :][: self.used * SECTOR])
        self.replay(ring + ring)

    def read_parts(self, data):
        found, at = {}, 0
        while at < len(data):
            part = self.part(data, at)
            if part:
                found[part[0]] = part[2]
            at += SECTOR * (part[1] if part else 1)
        names = found.get(0, found.get(1))
        if names is None:
            raise Damaged("the names of kept states")
        self.states = {name: {} for name in names.decode().split(",") if name}
        states = [self.current, *(self.states[name] for name in self.kept())]
        last, missing = EVERYTHING[0], False
        for number in range(2, self.chunks):
            if number not in found:
                missing = True
                continue
            pairs = self.unpacked(found[number])
            if missing:
                self.holes.append((last, pairs[0][0] if pairs else EVERYTHING[1]))
            missing = False
            for key, value, mask in pairs:
                last = key
                for bit, state in enumerate(states):
                    if mask >> bit & 1:
                        state[key] = value
                        self.count((key, value), 1)
        if missing:
            self.holes.append((last, EVERYTHING[1]))

    def part(self, data, at):
        """Return (number, sectors, body) of the chunk that begins there, None where none does."""
        magic, epoch, number, sectors, size, checksum = PART.unpack_from(data, at)
        body = data[at + PART.size : at + PART.size + size]
        head = struct.pack("<IHHH", epoch, number, sectors, size)
        if magic != b"qPar" or epoch != self.epoch or len(body) != size or zlib.crc32(head + body) != checksum:
            return None
        return number, sectors, body

    def unpacked(self, body):
        pairs, at = [], 0
        while at < len(body):
            key_size, size, mask = struct.unpack_from("<BHB", body, at)
            at += 4
            pairs.append((body[at : at + key_size], body[at + key_size : at + key_size + size], mask))
            at += key_size + size
        return pairs


class Transaction:
    def __init__(self, store):
        self.store, self.since = store, store.clock
        self.seen, self.own = dict(store.current), {}

    def get(self, key):
        return self.own[key] if key in self.own else self.seen.get(key)

    def scan(self, low, high):
        merged = self.seen | self.own
        return sorted((key, value) for key, value in merged.items() if low <= key < high and value is not None)

    def put(self, key, value):
        self.own[key] = value

    def delete(self, key):
        self.own[key] = None

    def commit(self):
        if any(self.store.touched.get(key, 0) > self.since for key in self.own):
            return False
        self.store.commit(list(self.own.items()))
        return True
