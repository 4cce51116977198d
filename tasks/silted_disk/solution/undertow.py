"""Reconstructs what the intruder did. The arguments of ``solve`` leave steps out, for trials of half a solution."""

import hashlib
import json
import re
import struct
import zlib
from collections import Counter
from itertools import product
from pathlib import Path

from chain import Journal
from disk import OPERATIONS, Image
from recover import joined, sequences, whole

HOME = Path("/home/agent")
LINE = re.compile(
    rb"(\d{5}) (\d+) (\d\d):(\d\d):(\d\d) "
    rb"(clock set|refused account=\w+ station=\w+|login session=\d+ account=\w+ station=\w+"
    rb"|logout session=\d+ account=\w+|fetch session=\d+ account=\w+ file=\d+)\n"
)


def log_lines(image, freed=True):
    """Return ``{number: (time shown, text)}`` from the log, and from what is left of its former versions."""
    texts = [image.contents(entry) for entry in image.listed() if entry["name"] == "watch.log"]
    if freed:
        # Lines that are whole in a block come before those that two neighbours may only seem to give.
        texts += [image.block(block) for block in range(image.blocks)]
        texts.append(b"".join(map(image.block, image.free()[::-1])))
    lines = {}
    for text in texts:
        for match in LINE.findall(text):
            number, day, hours, minutes, seconds = map(int, match[:5])
            lines.setdefault(number, (day * 86400 + hours * 3600 + minutes * 60 + seconds, match[5].decode()))
    return dict(sorted(lines.items()))


def words(text):
    return dict(word.split("=") for word in text.split() if "=" in word)


def read_roster(image):
    """Return ``({account: number}, {account: stations}, {account: absent days}, {account: free from day})``."""
    numbers, stations, absent, roving = {}, {}, {}, {}
    text = next(image.contents(e) for e in image.listed() if e["name"] == "roster.txt").decode()
    for line in text.splitlines()[2:]:
        if match := re.match(r"absent on day (\d+): (\w+)", line):
            absent[match[2]] = int(match[1])
        elif match := re.match(r"at any station from day (\d+): (\w+)", line):
            roving[match[2]] = int(match[1])
        else:
            number, account, *places = line.split()
            numbers[account], stations[account] = int(number), places
    return numbers, stations, absent, roving


def strange_sessions(image, lines):
    """Return ``({session: account number} of all, {session: account} of those that are not the account's owner's)``."""
    numbers, stations, absent, roving = read_roster(image)
    known, strange = {}, {}
    for shown, text in lines.values():
        tag, day = words(text), shown // 86400
        if "session" in tag:
            known[int(tag["session"])] = numbers[tag["account"]]
        if text.startswith("login"):
            account, place = tag["account"], tag["station"]
            away = absent.get(account) == day
            elsewhere = place not in stations[account] and not roving.get(account, day + 1) <= day
            if away or elsewhere:
                strange[int(tag["session"])] = account
    return known, strange


def true_times(image, lines, records, corrected=True):
    """Return ``{line number: true time}``. The log was written to the disk at the moment of a line."""
    log = next(entry["number"] for entry in image.listed() if entry["name"] == "watch.log")
    grown = [r["time"] for r in records.values() if r["number"] == log and OPERATIONS[r["op"]] == "grow"]
    turn = min((n for n, (_, text) in lines.items() if text == "clock set"), default=10**9)
    times = {}
    for part in ([n for n in lines if n < turn], [n for n in lines if n >= turn]):
        votes = Counter(lines[n][0] - time for n in part for time in grown if abs(lines[n][0] - time) < 5000)
        offset = votes.most_common(1)[0][0] if votes and corrected else 0
        times |= {n: lines[n][0] - offset for n in part}
    return times


def unseal(image, entry, times):
    """Decrypt a sealed file with the keys that lie about in the image."""
    data = image.contents(entry)
    keys = [bytes.fromhex(k.decode()) for k in re.findall(rb"\b[0-9a-f]{32}\b", image.data)]
    halves = {h: re.findall(rb"half " + h + rb" ([0-9a-f]{16})\b", image.data) for h in (b"a", b"b")}
    keys += [bytes.fromhex((a + b).decode()) for a, b in product(halves[b"a"], halves[b"b"])]
    body, expected = data[8:], int.from_bytes(data[4:8], "little")
    for key, time in product(keys, times):
        pieces = range(len(body) // 32 + 1)
        mask = [hashlib.sha256(key + struct.pack("<III", entry["number"], time, i)).digest() for i in pieces]
        plain = bytes(x ^ y for x, y in zip(body, b"".join(mask), strict=False))
        if zlib.crc32(plain) == expected:
            return plain
    return None


def all_contents(image, records, strange, tails):
    """Return ``{number: contents}`` of sealed files and of files of others that the intruder removed."""
    found, entries = {}, image.listed()
    made = {r["number"] for r in records.values() if OPERATIONS[r["op"]] == "make" and r["session"] in strange}
    gone = {r["number"] for r in records.values() if OPERATIONS[r["op"]] == "drop" and r["session"] in strange}
    for entry in entries:
        number = entry["number"]
        if entry["flag"] == 1 and image.contents(entry)[:4] == b"SEAL":
            times = [r["time"] for r in records.values() if r["number"] == number and OPERATIONS[r["op"]] == "save"]
            found[number] = unseal(image, entry, [*times, entry["written"]])
        elif entry["flag"] == 2 and number in gone - made:
            lists = sequences(image, tails)
            found[number] = whole(image, lists, entry["size"], entry["crc"])
            if found[number] is None:
                found[number] = joined(image, lists, entry["size"], entry["crc"])
    return {number: data for number, data in found.items() if data is not None}


def false_times(image, records):
    """Return the entries whose times are not those of the journal."""
    writing, found = ("make", "save", "grow"), []
    for entry in image.listed():
        mine = [r for r in records.values() if r["number"] == entry["number"]]
        writes = [r["time"] for r in sorted(mine, key=lambda r: r["seq"]) if OPERATIONS[r["op"]] in writing]
        made = [r["time"] for r in mine if OPERATIONS[r["op"]] == "make"]
        if writes and writes[-1] != entry["written"]:
            found.append({"source": "directory", "number": entry["number"], "field": "written"})
        if made and made[0] != entry["made"]:
            found.append({"source": "directory", "number": entry["number"], "field": "made"})
    return found


def solve(freed=True, mend=True, restore=True, clock=True, tails=True):
    image = Image(HOME / "disk.img")
    lines = log_lines(image, freed)
    known, strange = strange_sessions(image, lines)
    journal = Journal(image, known)
    if mend:
        journal.mend()
    if restore:
        blocks = [*image.free(), *(block for tail in image.tails() for block in tail)]
        blocks += sorted({*range(image.journal + image.journal_blocks, image.blocks)} - {*blocks})
        journal.restore(image.listed(), sorted(strange), blocks)
    records, events = journal.records, []
    names = {number: account for account, number in read_roster(image)[0].items()}
    for seq, record in sorted(records.items()):
        if record["session"] in strange:
            event = {"source": "journal", "number": seq, "time": record["time"], "op": OPERATIONS[record["op"]]}
            events.append({**event, "file": record["number"], "account": names[record["account"]]})
    times = true_times(image, lines, records, clock)
    for number, (_, text) in lines.items():
        tag, op = words(text), text.split()[0]
        if int(tag.get("session", 0)) in strange:
            event = {"source": "log", "number": number, "time": times[number], "op": op, "account": tag["account"]}
            events.append({**event, "file": int(tag.get("file", 0))})
    found = all_contents(image, records, strange, tails)
    tampered = [{"source": "journal", "number": seq, "field": field} for seq, field in sorted(journal.changed)]
    answer = {
        "events": sorted(events, key=lambda event: event["time"]),
        "contents": {str(number): hashlib.sha256(data).hexdigest() for number, data in found.items()},
        "tampered": tampered + false_times(image, records),
    }
    (HOME / "answer.json").write_text(json.dumps(answer, indent=1))
    return answer


if __name__ == "__main__":
    solve()
