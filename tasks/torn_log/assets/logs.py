"""Writes the logs of all cases and knows, from having written them, what each must be recovered to.

Nothing here reads a log: the expected states come from the writer's own account of what it did. Everything follows
from the seeds.
"""

import copy
import json
import random
import re
import struct
import zlib

#: With these each rule of the specifications decides some of the cases.
SEEDS = {"plain": 77003, "transactions": 77009}
PUT, DELETE, ADD, MOVE, BEGIN, COMMIT, ABORT, SAVE, ROLLBACK, CHECKPOINT, END = 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 30
KEYS = ["oak", "elm", "ash", "fir", "yew", "larch", "alder", "rowan", "größe", "λ"]
#: How many cases there are of each level.
LEVELS = {"plain": (8, 10, 11, 11), "transactions": (4, 7, 9, 9, 11)}


def apply(state, kind, key, value):
    """Carry out one change of the store."""
    if kind == PUT:
        state[key] = value
    elif kind == DELETE:
        state.pop(key, None)
    elif kind == ADD:
        if re.fullmatch(r"-?[0-9]+", state.get(key, "0")):
            state[key] = str(int(state.get(key, "0")) + int(value))
    elif kind == MOVE and key in state:
        moved = state.pop(key)
        state[value] = moved


def encode(kind, seq, tx, key, value, chain):
    """Return the bytes of a record and its crc."""
    k, v = key.encode(), value.encode()
    body = struct.pack("<BHBBH", kind, seq, tx, len(k), len(v)) + k + v
    crc = zlib.crc32(body, chain)
    return body + struct.pack("<I", crc), crc


def change(rng, moves):
    """Return a random change ``(kind, key, value)``."""
    kind = rng.choice([PUT, PUT, PUT, ADD, ADD, DELETE] + [MOVE] * moves)
    key = rng.choice(KEYS)
    if kind == PUT:
        return kind, key, rng.choice([str(rng.randint(-50, 50)), "007", "+3", "", "grün", "1.5", "٣", "-0"])
    if kind == ADD:
        return kind, key, str(rng.randint(-9, 9))
    return kind, key, rng.choice(KEYS) if kind == MOVE else ""


def plain_case(rng, level):
    """Return the bytes of a log and the state that it holds; higher levels have more of the specification's corners."""
    seq = rng.randrange(65000) if level < 2 else rng.randrange(65520, 65536)
    data, chain, state, ended, repeat = b"", 0, {}, False, False
    count = rng.randint(15, 40)
    fault = rng.choice(["cut", "crc", "gap", "kind"]) if level >= 1 else None
    fault_at = rng.randint(count // 2, count - 2)
    for number in range(count):
        kind, key, value = change(rng, 0)
        if not ended and not repeat:
            before = dict(state)
            apply(state, kind, key, value)
        if level >= 3 and rng.random() < 0.2:
            data += bytes(rng.randint(1, 5))
        if number == fault_at and fault is not None:
            ended = True
            if not repeat:
                state = before
            if fault == "gap":
                seq = (seq + 2) % 65536
            kind = 7 if fault == "kind" else kind
        record, chain = encode(kind, seq, 0, key, value, chain)
        if number == fault_at and fault == "crc":
            record = record[:-6] + bytes([record[-6] ^ 4]) + record[-5:]
        if number == fault_at and fault == "cut":
            return data + record[: rng.randint(3, len(record) - 1)], state
        data += record
        repeat = level >= 2 and number + 1 != fault_at and rng.random() < 0.15
        seq = seq if repeat else (seq + 1) % 65536
    return data, state


class Writer:
    """A store that writes a log of segments and keeps account of its state."""

    def __init__(self, rng, generation):
        self.rng, self.generation = rng, generation
        self.state, self.open, self.segments = {}, {}, []
        self.new_segment()

    def new_segment(self):
        header = b"SEG1" + struct.pack("<H", self.generation % 65536)
        self.chain = zlib.crc32(header)
        self.segments.append((self.generation % 65536, bytearray(header + struct.pack("<I", self.chain))))
        self.generation += 1
        self.seq = 0

    def write(self, kind, tx=0, key="", value="", twice=0.0):
        while True:
            record, self.chain = encode(kind, self.seq, tx, key, value, self.chain)
            self.segments[-1][1].extend(record)
            if self.rng.random() >= twice:
                break
        self.seq += 1

    def checkpoint(self):
        self.write(CHECKPOINT, value=json.dumps({"state": self.state, "open": self.open}))

    def step(self, level):
        """Write one record of the store's life and account for it."""
        twice = 0.15 if level >= 2 else 0.0
        tx = self.rng.choice([0, 3, 3, 200]) if level >= 1 else 0
        action = PUT
        if tx and str(tx) not in self.open:
            action = self.rng.choice([BEGIN] * 5 + [PUT, COMMIT])
        elif tx:
            action = self.rng.choice([PUT] * 10 + [COMMIT] * 3 + [ABORT, BEGIN])
            if level >= 2 and self.rng.random() < 0.4:
                action = self.rng.choice([SAVE, SAVE, ROLLBACK])
        if action == PUT:
            self.change(tx, change(self.rng, 1 if level >= 1 else 0), twice)
        elif tx:
            name = self.rng.choice(["s", "t"]) if action in (SAVE, ROLLBACK) else ""
            self.write(action, tx, name, twice=twice)
            self.control(action, str(tx), name)

    def change(self, tx, entry, twice):
        kind, key, value = entry
        self.write(kind, tx, key, value, twice)
        if tx == 0:
            apply(self.state, kind, key, value)
        elif str(tx) in self.open:
            self.open[str(tx)].append([kind, key, value])

    def control(self, action, tx, name):
        if action == BEGIN:
            self.open[tx] = []
        if tx not in self.open:
            return
        if action == COMMIT:
            for kind, key, value in self.open.pop(tx):
                apply(self.state, kind, key, value)
        elif action == ABORT:
            self.open.pop(tx)
        elif action == SAVE:
            self.open[tx].append([SAVE, name, ""])
        elif action == ROLLBACK and [SAVE, name, ""] in self.open[tx]:
            while self.open[tx][-1] != [SAVE, name, ""]:
                self.open[tx].pop()


def transactions_case(rng, level):
    """Return {file name: bytes} and the state that the log holds."""
    first = 65534 if level >= 3 else rng.randrange(60000)
    old = bytes(rng.randrange(256) for _ in range(40)) if level < 3 else None
    writer = Writer(rng, first)
    writer.checkpoint()
    count = 1 if level == 0 else rng.randint(3, 5)
    damaged = rng.randrange(1, count - 1) if level >= 4 else None
    healed = level >= 4 and rng.random() < 0.5
    expected = None
    for number in range(count):
        if number:
            writer.new_segment()
            if number - 1 == damaged and healed:
                for _ in range(rng.randint(0, 3)):
                    writer.step(level)
                writer.checkpoint()
        for _ in range(rng.randint(20, 45)):
            writer.step(level)
        if number == damaged:
            keep, at_damage = len(writer.segments[-1][1]), copy.deepcopy(writer.state)
            gap = rng.random() < 0.5  # a record is missing; otherwise there is one that has changed
            writer.seq += 2 * gap
            for _ in range(4):
                writer.step(level)
            writer.write(END)
            writer.segments[-1][1][keep + 2] ^= 0x55 * (not gap)
            expected = None if healed else at_damage
        elif number < count - 1:
            writer.write(END)
    files = [(generation, bytes(data)) for generation, data in writer.segments]
    files = [(generation, data + leftover(old, files, data, rng)) for generation, data in files]
    if level >= 3:
        files += left_over_segments(rng, first)
    rng.shuffle(files)
    named = {f"{rng.randrange(16**6):06x}.seg": data for _, data in files}
    return named, writer.state if expected is None else expected


def leftover(old, files, data, rng):
    """Return old bytes that follow a segment: junk, or the records of another segment's tail."""
    if old is not None:
        return old
    other = rng.choice(files)[1]
    return other[len(data) :] if len(other) > len(data) else other[10:90]


def left_over_segments(rng, first):
    """Return segments from before a gap, and one whose header is broken."""
    stale = Writer(rng, first - rng.randint(5, 300))
    stale.state = {"stale": "1"}
    stale.checkpoint()
    stale.write(PUT, key="oak", value="stale")
    broken = bytearray(stale.segments[0][1])
    broken[5] ^= 1
    return [(generation, bytes(data)) for generation, data in stale.segments] + [(-1, bytes(broken))]


def cases(task):
    """Return ``[(name, {file name: bytes}, expected state)]`` of a task, easier cases first."""
    rng = random.Random(SEEDS[task])
    made = []
    for level, count in enumerate(LEVELS[task]):
        for _ in range(count):
            name = f"case{len(made):02d}"
            if task == "plain":
                data, state = plain_case(rng, level)
                files = {"store.log": data}
            else:
                files, state = transactions_case(rng, level)
            made.append((name, files, state))
    return made
