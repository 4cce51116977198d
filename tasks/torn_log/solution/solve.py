"""Reads the logs as the specifications say and writes states.json. Usage: solve.py plain|transactions."""

import json
import re
import struct
import sys
import zlib
from pathlib import Path

HOME = Path("/home/agent")
CHANGES = (1, 2, 3, 4)
KINDS = {"plain": {1, 2, 3}, "transactions": {1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 30}}


def is_padding(byte, task):
    return task == "plain" and byte == 0


def follows(seq, last):
    """Return whether a record may have *seq* after one that had *last* (None: there was none)."""
    return last is None or seq in (last, (last + 1) % 65536)


def records(data, chain, task):
    """Yield ``(kind, tx, key, value, repeated)`` up to the first bad record."""
    position, last = 0, None if task == "plain" else -1
    while position < len(data):
        if is_padding(data[position], task):
            position += 1
            continue
        if len(data) - position < 11:
            return
        kind, seq, tx, klen, vlen = struct.unpack_from("<BHBBH", data, position)
        end = position + 7 + klen + vlen
        if end + 4 > len(data) or kind not in KINDS[task]:
            return
        crc = zlib.crc32(data[position:end], chain)
        if crc != struct.unpack_from("<I", data, end)[0]:
            return
        if not follows(seq, last):
            return
        key, value = data[position + 7 : position + 7 + klen].decode(), data[position + 7 + klen : end].decode()
        yield kind, tx, key, value, seq == last
        chain, last, position = crc, seq, end + 4


def is_integer(text):
    return re.fullmatch("-?[0-9]+", text) is not None


def change(state, kind, key, value):
    if kind == 1:
        state[key] = value
    elif kind == 2:
        state.pop(key, None)
    elif kind == 3 and is_integer(state.get(key, "0")):
        state[key] = str(int(state.get(key, "0")) + int(value))
    elif kind == 4 and key in state:
        state[value] = state.pop(key)


class Store:
    def __init__(self):
        self.state, self.open = {}, {}

    def apply(self, kind, tx, key, value):
        if kind == 20:
            loaded = json.loads(value)
            self.state = loaded["state"]
            self.open = {int(name): [tuple(entry) for entry in did] for name, did in loaded["open"].items()}
        elif kind in CHANGES and tx == 0:
            change(self.state, kind, key, value)
        elif kind == 10:
            self.open[tx] = []
        elif tx in self.open:
            self.in_transaction(kind, tx, key, value)

    def in_transaction(self, kind, tx, key, value):
        did = self.open[tx]
        if kind == 11:
            for entry in self.open.pop(tx):
                change(self.state, *entry)
        elif kind == 12:
            del self.open[tx]
        elif kind == 14:
            self.roll_back(did, key)
        elif kind in CHANGES or kind == 13:
            did.append((kind, key, value))

    def roll_back(self, did, name):
        """Go back to the latest savepoint of that name."""
        places = [place for place, entry in enumerate(did) if entry == (13, name, "")]
        if places:
            del did[places[-1] + 1 :]


def found_segments(folder):
    """Return {generation: data} of the files that are segments."""
    found = {}
    for path in folder.iterdir():
        data = path.read_bytes()
        if len(data) >= 10 and data[:4] == b"SEG1" and zlib.crc32(data[:6]) == struct.unpack_from("<I", data, 6)[0]:
            found[struct.unpack_from("<H", data, 4)[0]] = data
    return found


def live(found):
    """Return the data of the segments that are the log, oldest first."""
    newest = next(g for g in found if all((g - other) % 65536 < 32768 for other in found))
    chain = []
    while newest in found:
        chain.insert(0, found[newest])
        newest = (newest - 1) % 65536
    return chain


def segments(folder):
    """Yield the records of each segment of the log, oldest first, as ``(records, closed)``."""
    for data in live(found_segments(folder)):
        good, closed = [], False
        for record in records(data[10:], zlib.crc32(data[:6]), "transactions"):
            if record[0] == 30:
                closed = True
                break
            good.append(record)
        yield good, closed


def recover(folder):
    store, parts = Store(), list(segments(folder))
    waiting = False
    for place, (good, closed) in enumerate(parts):
        for kind, tx, key, value, repeated in good:
            waiting = waiting and kind != 20
            if not waiting and not repeated:
                store.apply(kind, tx, key, value)
        if not closed and place < len(parts) - 1 and not waiting:
            later = [record[0] for good_later, _ in parts[place + 1 :] for record in good_later]
            if 20 not in later:
                break
            waiting = True
    return store.state


def main(task):
    states = {}
    for folder in sorted((HOME / "logs").iterdir()):
        if task == "plain":
            store = Store()
            for *record, repeated in records((folder / "store.log").read_bytes(), 0, task):
                if not repeated:
                    store.apply(*record)
            states[folder.name] = store.state
        else:
            states[folder.name] = recover(folder)
    (HOME / "states.json").write_text(json.dumps(states))


if __name__ == "__main__":
    main(sys.argv[1])
