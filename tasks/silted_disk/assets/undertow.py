"""The case of the task ``undertow``: three days on a disk, an intruder on the third, and a cover-up."""

import hashlib
import random
import re
import struct
import zlib

from silt import BLOCK, ENTRY, Disk
from texts import contents, name

PEOPLE = ["orla", "tomas", "wenna", "ivo", "sunniva", "piet", "cadoc"]
STATIONS = ["crane", "quay", "loft", "wheel", "lamp", "stair", "kiosk"]
DAY = 86400
SEAL = """\
seal, second try. Works on one file at a time and saves it under its own name.
The sealed file is: the 4 bytes SEAL, the CRC-32 of the plain bytes (4 bytes, little-endian), then the plain bytes
XORed with a stream. Piece i of the stream (i = 0, 1, 2, ...) is
    sha256(key + file number + time + i)
32 bytes each; number, time and i take 4 bytes each, little-endian; the time is that of the save itself, in seconds as
the disk counts them (the journal gets the same). key: 16 bytes, kept as 32 hex digits. The second time in two
halves of 16 digits each, half a and half b.
After the save: zero the blocks that it freed. Then change the times, they are of no use to anybody but us.
If a key is lost the file is lost: there is no master key.
"""


def stream(key, number, time, size):
    pieces = [hashlib.sha256(key + struct.pack("<III", number, time, i)).digest() for i in range(size // 32 + 1)]
    return b"".join(pieces)[:size]


def sealed(plain, key, number, time):
    mask = stream(key, number, time, len(plain))
    return b"SEAL" + struct.pack("<I", zlib.crc32(plain)) + bytes(a ^ b for a, b in zip(plain, mask, strict=True))


class Case:
    """Plays the three days. What is scored is collected on the way."""

    def __init__(self, rng):
        self.rng, self.disk, self.used, self.session = rng, Disk(20), set(), rng.randint(200, 400)
        self.start = rng.randint(400, 900) * DAY
        self.offset, self.line, self.buffer = rng.choice((-1, 1)) * rng.randint(200, 900), 0, []
        self.new_offset = self.offset + rng.choice((-1, 1)) * rng.randint(1000, 2000)
        self.clock_set, self.flush_at = self.start + 2 * DAY + 9 * 3600 + rng.randint(0, 3600), 5
        self.events, self.plain, self.roles, self.logged = [], {}, {}, []
        self.stations = {p: rng.sample(STATIONS[:-1], 2) for p in PEOPLE}
        self.odd = rng.sample(PEOPLE, 3)
        self.agenda = []

    # What is written in the watch's log

    def say(self, time, text, intruder=None):
        """Add a line to the log; every few lines it is written to the disk."""
        if self.clock_set and time > self.clock_set:
            self.offset, self.clock_set = self.new_offset, None
            self.say(time - 1, "clock set")
        self.line += 1
        shown = time + self.offset
        of_day = shown % DAY
        stamp = f"{shown // DAY} {of_day // 3600:02d}:{of_day // 60 % 60:02d}:{of_day % 60:02d}"
        self.buffer.append(f"{self.line:05d} {stamp} {text}\n")
        if intruder:
            number = int(text.split("file=")[1]) if "file=" in text else 0
            event = {"seq": self.line, "time": time, "op": text.split()[0], "file": number, "account": intruder}
            self.logged.append((event, self.buffer[-1]))
        if len(self.buffer) >= self.flush_at:
            self.flush_at = self.rng.randint(4, 7)
            data, self.buffer = "".join(self.buffer).encode(), []
            self.disk.grow(self.log, data, 0, 0, time)

    # What people do

    def plan(self, start, account, station, deeds, intruder=False, gap=(60, 700)):
        """Put a session on the agenda: ``deeds`` are called with (account's number, session, time)."""
        self.session += self.rng.randint(1, 9)
        session, number, time = self.session, PEOPLE.index(account) + 1, start
        who = account if intruder else None
        tag = f"session={session} account={account}"
        self.agenda.append((time, lambda t: self.say(t, f"login {tag} station={station}", who)))
        for deed in deeds:
            time += self.rng.randint(*gap)
            self.agenda.append((time, lambda t, deed=deed: self.do(deed, number, session, t, who)))
        time += self.rng.randint(*gap)
        self.agenda.append((time, lambda t: self.say(t, f"logout {tag}", who)))

    def do(self, deed, number, session, time, intruder):
        before = self.disk.sequence
        role = deed(number, session, time)
        if isinstance(role, int):
            text = f"fetch session={session} account={PEOPLE[number - 1]} file={role}"
            self.say(time, text, intruder)
        elif intruder:
            self.events.append(before)
            self.roles[before] = role

    def usual(self, account, session, time):
        """Do one of the things that people do."""
        rng, disk = self.rng, self.disk
        mine = [f for f in disk.files.values() if f.number in self.ordinary]
        act = rng.choices(["make", "save", "grow", "drop", "name", "fetch"], [5, 5, 4, 2, 1, 6])[0]
        file = rng.choice(mine)
        kind = file.name.rsplit(".", 1)[1]
        if act == "make" and len(mine) < 26:
            kind = rng.choice(["txt", "csv", "bin"])
            data = contents(rng, kind, rng.randint(100, 1700))
            self.ordinary.add(disk.make(name(rng, self.used, kind), data, account, session, time).number)
        elif act == "save":
            disk.save(file, contents(rng, kind, rng.randint(100, 1700)), account, session, time)
        elif act == "grow" and len(file.data) < 2000:
            disk.grow(file, contents(rng, kind, rng.randint(40, 500)), account, session, time)
        elif act == "drop" and len(mine) > 15:
            disk.drop(file, account, session, time)
        elif act == "name":
            disk.name(file, name(rng, self.used, kind), account, session, time)
        return file.number

    def use(self, account, session, time):
        """Do something usual; what it does to the disk is in the journal, what is only read is in the log."""
        before = self.disk.sequence
        number = self.usual(account, session, time)
        return number if self.disk.sequence == before else None

    # What the intruder does. Each returns a deed, whose role tells what may be done to its record afterwards

    def fetch(self, number):
        return lambda *_: number

    def put(self, key, data, role="other", reserve=0, kind="txt"):
        def deed(account, session, time):
            self.kept[key] = self.disk.make(name(self.rng, self.used, kind), data, account, session, time, reserve)
            return role

        return deed

    def drop(self, key, role="other"):
        return lambda *who: (self.disk.drop(self.kept[key], *who), role)[1]

    def rename(self, key):
        return lambda *who: (self.disk.name(self.kept[key], name(self.rng, self.used, "old"), *who), "other")[1]

    def seal(self, key, secret, role="seal"):
        def deed(account, session, time):
            file = self.kept[key]
            self.plain[file.number] = file.data
            old = file.chain
            self.disk.save(file, sealed(file.data, secret, file.number, time), account, session, time)
            self.disk.write(old, bytes(BLOCK * len(old)))
            return role

        return deed

    def scrub(self, sessions):
        """Save the log without the lines of some sessions."""

        def deed(account, session, time):
            lines = self.log.data.decode().splitlines(keepends=True)
            tags = {f"session={self.sessions[n]} " for n in sessions}
            kept = [line for line in lines if not any(tag in line for tag in tags)]
            self.disk.save(self.log, "".join(kept).encode(), account, session, time)
            return "scrub"

        return deed

    def prepare(self):
        """Make the roster, the log, the files that will be sealed and the copies that will be removed."""
        disk, rng, time = self.disk, self.rng, self.start + 6 * 3600
        self.ordinary, self.kept, self.sessions = set(), {}, {}
        rows = [f"{n} {p} {' '.join(self.stations[p])}\n" for n, p in enumerate(PEOPLE, 1)]
        third = (self.start + 2 * DAY) // DAY
        roving = rng.choice([p for p in PEOPLE if p not in self.odd])
        rows += [f"absent on day {third}: {self.odd[2]}\n", f"at any station from day {third - 1}: {roving}\n"]
        self.roving = roving
        roster = "account numbers, accounts and their stations\n0 watch (writes watch.log)\n" + "".join(rows)
        disk.make("roster.txt", roster.encode(), 1, 0, time)
        self.log = disk.make("watch.log", b"", 0, 0, time)
        for _ in range(14):
            kind = rng.choice(["txt", "csv", "bin"])
            file = disk.make(name(rng, self.used, kind), contents(rng, kind, rng.randint(200, 1500)), 1, 0, time)
            self.ordinary.add(file.number)
        for key in ["e1", "e2", "e3", "e4", "e5", "e6", "e7", "b1", "b2", "b3"]:
            kind = rng.choice(["txt", "csv"])
            data = contents(rng, kind, rng.randint(1100, 1900))
            self.kept[key] = disk.make(name(rng, self.used, kind), data, rng.randint(1, 7), 0, time)

    def intrude(self):
        """Put the intruder's four sessions on the agenda."""
        rng, begin = self.rng, self.start + 2 * DAY
        one, other, absent = self.odd
        strange = {p: [s for s in STATIONS if s not in self.stations[p]] for p in self.odd}
        key, key2, spoilt = (rng.getrandbits(128).to_bytes(16, "big") for _ in range(3))
        prey = [self.fetch(self.kept[k].number) for k in rng.sample(sorted(self.kept), 8)]
        lead = contents(rng, "txt", rng.randint(300, 360)) + b"\n"
        first = lead + f"now {key.hex()}\nwas {spoilt.hex()}\n".encode()
        halves = lead[:200] + f"half a {spoilt.hex()[:16]} no\nhalf a {key2.hex()[:16]}\n".encode()
        halves = halves + contents(rng, "txt", BLOCK + 330 - len(halves)) + b"\n"
        halves += f"half b {key2.hex()[16:]}\nhalf b {spoilt.hex()[16:]} no\n".encode()
        note = [contents(rng, "txt", rng.randint(90, 280)) for _ in range(3)]
        bundle = [contents(rng, "bin", rng.randint(28, 33) * BLOCK) for _ in range(5)]
        # A bundle that goes before a scrub gives it room, one that goes after a deed is what later writing takes first.
        plans = [
            [
                prey[0],
                self.put("seal", SEAL.encode()),
                prey[1],
                self.put("x1", bundle[0], kind="bin"),
                self.put("x2", bundle[1], kind="bin"),
                prey[2],
                self.put("x3", bundle[2], kind="bin"),
                self.put("x4", bundle[3], kind="bin"),
                self.put("x5", bundle[4], kind="bin"),
            ],
            [
                prey[3],
                self.put("k1", first, "pair"),
                self.seal("e1", key, "pair 2"),
                self.seal("e2", key),
                self.seal("e3", key),
                self.drop("k1"),
                self.put("n1", note[0], "note"),
                prey[4],
                self.drop("x1"),
                self.scrub([0, 1]),
                self.drop("x2"),
            ],
            [
                self.put("tmp", note[0]),
                prey[5],
                self.rename("e4"),
                self.drop("b1", "copy"),
                self.drop("b2", "copy"),
                self.drop("b3", "copy"),
                self.drop("tmp"),
                self.put("n2", note[1], "note", 2),
                self.drop("x3"),
                self.rename("e7"),
                prey[6],
            ],
            [
                self.put("k2", halves),
                self.seal("e4", key2),
                self.seal("e5", key2),
                self.seal("e6", key2),
                prey[7],
                self.seal("e7", key2),
                self.drop("k2"),
                self.put("n3", note[2], "note"),
                self.drop("seal"),
                self.drop("x4"),
                self.scrub([2, 3]),
                self.drop("x5"),
            ],
        ]
        who = [(one, strange[one]), (other, strange[other]), (one, strange[one]), (absent, self.stations[absent])]
        for number, (deeds, (account, stations)) in enumerate(zip(plans, who, strict=True)):
            start = begin + (10 + 2 * number) * 3600 + rng.randint(0, 1500)
            self.plan(start, account, rng.choice(stations), deeds, True, (20, 150))
            self.sessions[number] = self.session

    def people(self):
        """Put everybody's usual sessions on the agenda."""
        rng = self.rng
        for day in range(3):
            for hour in range(8, 19):
                for _ in range(2 if day == 2 or hour % 2 else 1):
                    away = [self.odd[2]] if day == 2 else []
                    account = rng.choice([p for p in PEOPLE if p not in away])
                    start = self.start + day * DAY + hour * 3600 + rng.randint(0, 3500)
                    roving = account == self.roving and day
                    station = rng.choice(STATIONS if roving else self.stations[account])
                    self.plan(start, account, station, [self.use] * rng.randint(1, 5))
                    if rng.random() < 0.15:
                        text = f"refused account={rng.choice(PEOPLE)} station={rng.choice(STATIONS)}"
                        self.agenda.append((start + 31, lambda t, text=text: self.say(t, text)))
        noon = self.start + DAY + 12 * 3600
        self.agenda.append((noon, lambda t: self.disk.pack(1, 0, t)))

    def play(self):
        self.prepare()
        self.intrude()
        self.people()
        last = 0
        for time, act in sorted(self.agenda, key=lambda item: item[0]):
            # No two things happen in one second: "clock set" takes the second before a line.
            last = max(time, last + 2)
            act(last)


def victims(case):
    """Choose the records to erase and to change; no two of them are neighbours, but for one pair that is erased."""
    rng, roles = case.rng, case.roles
    pair = [seq for seq, role in roles.items() if role in ("pair", "pair 2")]
    if pair[1] != pair[0] + 1:
        return None
    taken, chosen = set(pair), {"erase": list(pair), "time": [], "account": []}
    quota = [("erase", "note", 1), ("erase", "copy", 1), ("erase", "seal", 3), ("time", None, 4), ("account", None, 3)]
    for what, role, count in quota:
        options = [s for s, r in roles.items() if (r == role if role else r != "pair")]
        rng.shuffle(options)
        for seq in options:
            if count and not taken & {seq - 1, seq, seq + 1}:
                chosen[what].append(seq)
                taken.add(seq)
                count -= 1
        if count:
            return None
    return chosen


def cover_up(case, chosen):
    """Erase and change journal records and times in the directory; return what was changed."""
    disk, rng, image = case.disk, case.rng, case.disk.image
    place = {s: disk.journal_first * BLOCK + s % 160 * 64 for s in range(disk.sequence - 160, disk.sequence)}
    by_seq = {fields["seq"]: fields for fields in disk.history}
    tampered = set()
    for seq in chosen["erase"]:
        image[place[seq] : place[seq] + 64] = bytes(64)
    sessions = [(f["account"], f["session"]) for f in disk.history if f["account"] and f["session"]]
    sessions = [s for s in sessions if s[1] not in case.sessions.values()]
    for number, seq in enumerate(chosen["time"] + chosen["account"]):
        at, field = place[seq], "time" if seq in chosen["time"] else "account"
        if field == "time":
            struct.pack_into("<I", image, at + 4, by_seq[seq]["time"] - rng.randint(200, 20000))
        else:
            others = [s for s in sessions if s[0] != by_seq[seq]["account"]]
            struct.pack_into("<BH", image, at + 25, *rng.choice(others[-40:]))
        if number % 4:
            before = image[place[seq - 1] + 60 : place[seq - 1] + 64]
            struct.pack_into("<I", image, at + 60, zlib.crc32(bytes(before) + bytes(image[at : at + 60])))
        tampered.add(("journal", seq, field))
    writes = {f["file"]: f["seq"] for f in disk.history if f["op"] in ("make", "save", "grow")}
    recent = {file for file, seq in writes.items() if seq in place and seq < max(case.events)}
    usual = rng.sample(sorted(recent & case.ordinary & set(disk.files)), 2)
    sealed_files = rng.sample(sorted(case.plain), 4)
    for number, field in [(n, "written") for n in sealed_files + usual] + [
        (case.kept[k].number, "made") for k in ("n2", "n3")
    ]:
        file = disk.files[number]
        at = disk.directory[file.slot // 8] * BLOCK + file.slot % 8 * 64 + (40 if field == "written" else 36)
        struct.pack_into("<I", image, at, struct.unpack_from("<I", image, at)[0] - rng.randint(3000, 90000))
        tampered.add(("directory", number, field))
    return tampered


def solvable(case, image):
    """Check that everything that is scored can be found: traces of keys, tool, copies, entries and lines of the log."""
    disk, kept = case.disk, case.kept
    free = disk.free_blocks()
    tails = [b for f in disk.files.values() for b in f.chain[max(1, -(-len(f.data) // BLOCK)) :]]
    only_in_tails = 0
    for key in ("b1", "b2", "b3", "seal"):
        for at in range(0, len(kept[key].data), BLOCK):
            piece = kept[key].data[at : at + BLOCK]
            places = {b for b in [*free, *tails] if image[b * BLOCK : b * BLOCK + len(piece)] == piece}
            if not places:
                return False
            only_in_tails += key != "seal" and not places & {*free}
    entries = {
        (e[5], e[8]) for at in range(23 * BLOCK, len(image), 64) for e in [ENTRY.unpack_from(image, at)] if e[0] == 2
    }
    gone = [kept[key] for key in ("b1", "b2", "b3", "seal", "k1")]
    if any((file.number, zlib.crc32(file.data)) not in entries for file in gone):
        return False
    keys = len(re.findall(rb"(?:now|was) [0-9a-f]{32}\n", image)) >= 2
    halves = len(re.findall(rb"half [ab] [0-9a-f]{16}(?: no)?\n", image)) >= 4
    found = [event for event, line in case.logged if line.encode() in image]
    logins = sum(event["op"] == "login" for event in found)
    return only_in_tails and keys and halves and logins == 4 and len(found) >= 12


def case(seed):
    """Return ``(image, truth)``; truth has ``events``, ``neutral``, ``contents`` and ``tampered``."""
    rng = random.Random(f"{seed}:undertow")
    while True:
        case = Case(rng)
        try:
            case.play()
        except RuntimeError:
            continue
        chosen = victims(case)
        first = min(case.events)
        if not chosen or first < case.disk.sequence - 155 or case.disk.sequence - max(case.events) < 8:
            continue
        tampered = cover_up(case, chosen)
        image = case.disk.finish()
        if solvable(case, image):
            break
    names = ["watch", *PEOPLE]
    events = {("journal", f["seq"]): {**f, "account": names[f["account"]]} for f in case.disk.history}
    events = {key: event for key, event in events.items() if key[1] in case.events}
    events |= {("log", event["seq"]): event for event, line in case.logged if line.encode() in image}
    neutral = {("log", event["seq"]) for event, line in case.logged if line.encode() not in image}
    gone = {case.kept[key].number: case.kept[key].data for key in ("b1", "b2", "b3")}
    return image, {"events": events, "neutral": neutral, "contents": {**case.plain, **gone}, "tampered": tampered}
