"""Writes parcels of the three kinds, and makes the documents of samples and targets, all from the seed."""

import itertools
import random
from pathlib import Path

import fairness

SEED = int((Path(__file__).resolve().parents[1] / "seed.txt").read_text())
WORDS = ["amber", "brook", "cedar", "delta", "ember", "fjord", "grove", "haven"]
WORDS += ["islet", "jetty", "kelp", "lagoon", "marsh", "nook", "oasis", "pier"]
FIVE_LETTERS = ["amber", "brook", "cedar", "delta", "ember"]
#: Polynomials of checks that have a name, highest power first and without it. They would be found in tables.
NAMED = [0x0589, 0x080B, 0x1021, 0x1DCF, 0x3D65, 0x5935, 0x6F63, 0x755B, 0x8005, 0x8BB7, 0xA097, 0xC867]


def check_constants():
    """Return the polynomial (lowest power at the top bit), the start value and what each byte of length adds to it."""
    rng = random.Random(f"{SEED}:check")
    while True:
        polynomial = rng.randrange(0x8000, 0x10000)
        mirrored = int(f"{polynomial:016b}"[::-1], 2)
        if polynomial not in NAMED and mirrored not in NAMED and 6 <= polynomial.bit_count() <= 11:
            return polynomial, rng.randrange(0x1000, 0xF000), rng.randrange(257, 1023, 2)


POLYNOMIAL, START, PER_BYTE = check_constants()


def zigzag(number):
    """Return a number without sign: 0, -1, 1, -2 ... become 0, 1, 2, 3 ..."""
    return 2 * number if number >= 0 else -2 * number - 1


def varint(number):
    """Return a number in groups of 7 bits, the lowest first, the top bit saying that more follow."""
    data = bytearray()
    while number >= 0x80:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*data, number])


def encode_lengths(document):
    """Kind 1: texts (tag 1) and integers (tag 2) with lengths of one byte, of two where the first has its top bit."""
    data = bytearray(b"PCL1" + bytes([len(document)]))
    for value in document:
        if isinstance(value, str):
            body = value.encode()
            data.append(1)
        else:
            plain = zigzag(value)
            body = plain.to_bytes((plain.bit_length() + 7) // 8, "big")
            data.append(2)
        size = len(body)
        data += (bytes([size]) if size < 0x80 else bytes([0x80 | size & 0x7F, size >> 7])) + body
    return bytes(data)


def encode_records(document):
    """Kind 2: records whose keys move to the front of a list, and whose values build on the key's value before."""
    data = bytearray(b"PCL2")
    keys, before = [], {}
    for record in document:
        for key, value in record.items():
            kind = {type(None): 0, bool: 1, int: 3, str: 4}[type(value)] + (value is True)
            if key in keys:
                data.append(kind << 4 | keys.index(key))
                keys.remove(key)
            else:
                data.append(kind << 4 | 15)
                data += varint(len(key)) + key.encode()
            keys.insert(0, key)
            if kind == 3:
                data += varint(zigzag(value - before.get((key, int), 0)))
                before[key, int] = value
            elif kind == 4:
                last = before.get((key, str), "")
                shared = next((i for i, (a, b) in enumerate(zip(last, value, strict=False)) if a != b), None)
                shared = min(len(last), len(value)) if shared is None else shared
                data += varint(shared) + varint(len(value) - shared) + value[shared:].encode()
                before[key, str] = value
        data.append(0xFF)
    return bytes(data)


def encode_checksum(document):
    """Kind 3: what FORMAT.md says, and the checksum that it does not know."""
    data = b"PCL3" + len(document).to_bytes(2, "big")
    for text in document:
        data += len(text.encode()).to_bytes(2, "big") + text.encode()
    register = (START + PER_BYTE * len(data)) & 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (POLYNOMIAL if register & 1 else 0)
    return data + register.to_bytes(2, "big")


def text(rng, length):
    """Return words of about *length* characters."""
    words = [rng.choice(WORDS)]
    while len(" ".join(words)) < length:
        words.append(rng.choice(WORDS))
    return " ".join(words)


def lengths_document(rng, long):
    """Return a document of kind 1; *long* is the length of a long text in it, or 0."""
    values = [rng.choice([text(rng, rng.randint(3, 60)), rng.randint(-300, 300), rng.randint(0, 9)]) for _ in range(4)]
    if rng.random() < 0.3:
        values.append(rng.randint(-(10**9), 10**9))
    if long:
        values[rng.randrange(4)] = text(rng, long)
    return values


def records_document(rng, wild):
    """Return a document of kind 2; in a *wild* one records have differing keys, in differing order."""
    kinds = {"id": "int", "name": "text", "open": "bool", "level": "int", "port": "text", "note": "any"}
    keys = rng.sample(sorted(kinds), 5 if wild else 3)
    document, serial = [], rng.randint(100, 900)
    for _ in range(rng.randint(3, 6)):
        record = {}
        for key in rng.sample(keys, rng.randint(1, 5)) if wild else keys:
            kind = rng.choice(["int", "text", "bool", "none"]) if kinds[key] == "any" else kinds[key]
            if wild and rng.random() < 0.1:
                kind = "none"
            serial += rng.randint(1, 200) if wild else rng.randint(1, 9)
            record[key] = {
                "int": serial if key == "id" else rng.randint(-9999, 9999) if wild else rng.randint(-40, 40),
                "text": rng.choice(WORDS)[: rng.randint(2, 9)] + rng.choice(["", " one", " two", "ade"]),
                "bool": rng.random() < 0.5,
                "none": None,
            }[kind]
        document.append(record)
    return document


def checksum_document(rng, number):
    """Return a document of kind 3; numbers that are neighbours give some parcels of equal length."""
    if number < 8:
        return [rng.choice(FIVE_LETTERS) for _ in range(1 + number // 2)]
    return [text(rng, rng.randint(5, 90)) for _ in range(rng.randint(1, 5))]


def draw(task, rng):
    """Return documents for the samples and for the targets."""
    if task == "lengths":
        samples = [lengths_document(rng, {7: 150, 12: 290, 15: 170}.get(n, 0)) for n in range(20)]
        return samples, [lengths_document(rng, {1: 130, 4: 270, 6: 500, 9: 200, 11: 390}.get(n, 0)) for n in range(12)]
    if task == "records":
        samples = [records_document(rng, n >= 14) for n in range(24)]
        return samples, [records_document(rng, n >= 5) for n in range(15)]
    samples = [checksum_document(rng, n) for n in range(24)]
    # Every third target is as long as some sample: these are for whoever has all but the rule for the length.
    return samples, [checksum_document(rng, 5 + n % 2 if n % 3 == 0 else 8 + n) for n in range(12)]


def documents(task):
    """Return the documents of the samples and those of the targets: the first draw that is fair to who solves it."""
    draws = (draw(task, random.Random(f"{SEED}:{task}:{attempt}")) for attempt in itertools.count())
    return next(drawn for drawn in draws if fairness.CHECKS[task](*drawn, ENCODE[task]))


ENCODE = {"lengths": encode_lengths, "records": encode_records, "checksum": encode_checksum}
