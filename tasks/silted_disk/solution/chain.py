"""Finds out what the journal said before it was changed: each record's check covers the check of the record before."""

import struct
import zlib

from disk import OPERATIONS, RECORD

TABLE = []
for _n in range(256):
    for _ in range(8):
        _n = _n >> 1 ^ (0xEDB88320 if _n & 1 else 0)
    TABLE.append(_n)
BACK = {value >> 24: index for index, value in enumerate(TABLE)}


def check(before, body):
    return zlib.crc32(body, zlib.crc32(struct.pack("<I", before)))


def before(after, body):
    """Return the check of the record before a body that has the check *after*: the CRC run backwards."""
    state = after ^ 0xFFFFFFFF
    for byte in body[::-1] + bytes(4):
        index = BACK[state >> 24]
        state = ((state ^ TABLE[index]) << 8 & 0xFFFFFFFF) | (index ^ byte)
    return state ^ 0xFFFFFFFF


def pack(record):
    fields = [
        record[name] for name in ["seq", "time", "number", "size", "crc", "first", "blocks", "op", "account", "session"]
    ]
    return RECORD.pack(*fields, record["name"].encode(), 0)[:60]


class Journal:
    """The journal as it was. ``records`` has true fields, ``changed`` the pairs of number and changed field."""

    def __init__(self, image, sessions):
        self.records, self.stored = image.records(), dict(image.records())
        self.all = range(image.next_seq - 8 * image.journal_blocks, image.next_seq)
        self.sessions, self.changed = sessions, set()
        self.erased = [seq for seq in self.all if seq not in self.records]

    def mend(self):
        """Put right the records that were changed."""
        for seq in self.all[2:]:
            now, last = self.stored.get(seq), self.stored.get(seq - 1)
            if not now or not last or check(last["check"], now["body"]) == now["check"]:
                continue
            goal = before(now["check"], now["body"])
            if not self.original(seq, last["check"], now["check"]) and seq - 2 in self.stored:
                self.original(seq - 1, self.stored[seq - 2]["check"], goal)

    def original(self, seq, start, goal):
        """Look for a changed field that turns a record into one with the check *goal*."""
        record, low, high = self.records[seq], self.near(seq, -1), self.near(seq, 1)
        trials = [("time", {"time": time}) for time in range(low, high + 1)]
        trials += [("account", {"account": a, "session": s}) for s, a in self.sessions.items()]
        for field, change in trials:
            if check(start, pack({**record, **change})) == goal:
                self.records[seq] = {**record, **change, "check": goal}
                self.changed.add((seq, field))
                return True
        return False

    def near(self, seq, step):
        """Return the time of the nearest record in a direction."""
        seq += step
        while seq not in self.records and seq in self.all:
            seq += step
        return self.records[seq]["time"]

    def restore(self, entries, sessions, blocks):
        """Restore erased records from what the directory has, the sessions they may belong to, and the checks."""
        for seq in self.erased:
            if seq - 1 not in self.records:
                continue
            start = self.records[seq - 1]["check"]
            if seq + 1 in self.records:
                goals = {before(self.records[seq + 1]["check"], pack(self.records[seq + 1])): None}
            else:
                goals = self.second(seq + 1, entries, sessions)
            found = self.search(seq, start, goals, self.states(seq, entries, sessions, blocks, len(goals) > 1))
            if found:
                self.records[seq] = found

    def second(self, seq, entries, sessions):
        """Return the checks that the record before an erased one may have."""
        after = self.records[seq + 1]
        goal, goals = before(after["check"], pack(after)), {}
        for state in self.states(seq, entries, sessions, [], False):
            if OPERATIONS[state["op"]] == "save":
                for time in range(self.near(seq, -1), self.near(seq, 1) + 1):
                    goals[before(goal, pack({**state, "seq": seq, "time": time}))] = time
        return goals

    def states(self, seq, entries, sessions, blocks, known_time):
        """Yield records that may have been there, without their time; where *known_time*, made files with it."""
        low, high = self.near(seq, -1), self.near(seq, 1)
        dropped = {record["number"] for record in self.records.values() if OPERATIONS[record["op"]] == "drop"}
        for entry in sorted(entries, key=lambda entry: entry["flag"]):
            base = {name: entry[name] for name in ("number", "size", "crc", "blocks", "name", "first")}
            removed = entry["flag"] == 2
            for session in sessions:
                owner = {"session": session, "account": self.sessions[session]}
                if known_time:
                    if removed and low <= entry["made"] <= high:
                        for first in blocks:
                            yield {**base, **owner, "op": 1, "first": first, "time": entry["made"]}
                elif not removed:
                    for op in (1, 2, 3, 5):
                        yield {**base, **owner, "op": op}
                elif entry["number"] not in dropped:
                    for first in self.firsts(entry, blocks):
                        yield {**base, **owner, "op": 4, "first": first}

    def firsts(self, entry, blocks):
        """Return the blocks at which a removed file may have begun."""
        known = [r["first"] for r in self.records.values() if r["number"] == entry["number"]]
        return known[-1:] or blocks

    def search(self, seq, start, goals, states):
        """Try states and times until the check is right."""
        low, high = self.near(seq, -1), self.near(seq, 1)
        head = zlib.crc32(struct.pack("<II", start, seq))
        for state in states:
            rest = pack({**state, "seq": seq, "time": 0})[8:]
            for time in [state["time"]] if "time" in state else range(low, high + 1):
                value = zlib.crc32(rest, zlib.crc32(struct.pack("<I", time), head))
                if value in goals:
                    return {**state, "seq": seq, "time": time, "check": value}
        return None
