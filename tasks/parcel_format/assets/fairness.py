"""Whether samples tell enough of the format to decode the targets, and whether the targets ask for enough of it."""


def shown(samples, targets, features):
    """Return whether each feature of a target is in two samples at least; *features* gives those of a document."""
    seen = [features(document) for document in samples]
    wanted = set().union(*map(features, targets))
    return all(sum(feature in some for some in seen) >= 2 for feature in wanted)


def value_features(document):
    """Return what is special about the values of a document of kind 1."""
    found = set()
    for value in document:
        if isinstance(value, str):
            found.add(("long text", len(value) >= 128))
        else:
            plain = 2 * value if value >= 0 else -2 * value - 1
            found |= {("bytes of a number", (plain.bit_length() + 7) // 8), ("negative", value < 0)}
    return found


def lengths(samples, targets, encode):
    """Rare forms are among the samples; some of the targets, and not all, have numbers below 0 and large ones."""
    del encode
    of_targets = [value_features(document) for document in targets]
    negative = sum(("negative", True) in some for some in of_targets)
    large = sum(("bytes of a number", 4) in some for some in of_targets)
    return shown(samples, targets, value_features) and 5 <= negative <= 7 and 2 <= large <= 4


def record_features(document):
    """Return what is special about the records of a document of kind 2."""
    found, keys, last, types = set(), [], {}, {}
    for number, record in enumerate(document):
        for key, value in record.items():
            kind = type(value)
            if key in keys:
                found.add(("place of the key", keys.index(key)))
                keys.remove(key)
            else:
                found.add(("new key", number > 0))
            keys.insert(0, key)
            if (key, kind) in last and kind in (int, str):
                before, special = last[key, kind][1], step(last[key, kind][1], value)
                found.add((kind, *special))
                if before if kind is int else special[0]:  # otherwise it does not matter on what the value builds
                    found |= {"builds across a gap"} if last[key, kind][0] < number - 1 else set()
                    found |= {"builds across another type"} if types[key] is not kind else set()
            types[key], last[key, kind] = kind, (number, value)
    return found


def step(before, value):
    """Return how a value differs from the last one of its type: direction and size, or what is shared."""
    if isinstance(value, int):
        change = value - before
        return change < 0, sum(abs(change) >= limit for limit in (64, 8192))
    shared = next(
        (i for i, (a, b) in enumerate(zip(before, value, strict=False)) if a != b), min(len(before), len(value))
    )
    return (shared > 0, shared == len(value))


def records(samples, targets, encode):
    """Each form is among the samples; and the targets have enough of those that simple ideas get wrong."""
    del encode
    if not shown(samples, targets, record_features):
        return False
    of_targets = [record_features(document) for document in targets]
    gaps = sum("builds across a gap" in some for some in of_targets)
    others = sum("builds across another type" in some for some in of_targets)
    far = sum(not some.isdisjoint({(int, True, 2), (int, False, 2)}) for some in of_targets)
    return 5 <= gaps <= 8 and 3 <= others <= 6 and 4 <= far <= 6


def code_word(data):
    """Return a parcel as a polynomial over two elements, in the order in which the check takes its bits."""
    bits = data[:-2] + data[:-3:-1]
    return int("".join(f"{byte:08b}"[::-1] for byte in bits), 2)


def common_divisor(a, b):
    """Return the greatest common divisor of two polynomials over two elements."""
    while b:
        while a.bit_length() >= b.bit_length():
            a ^= b << (a.bit_length() - b.bit_length())
        a, b = b, a
    return a


def checksum(samples, targets, encode):
    """Differences of samples of equal length have but the polynomial in common; lengths of samples tell the slope."""
    files, wanted = [encode(document) for document in samples], [encode(document) for document in targets]
    lengths = {len(data) for data in files}
    divisor = 0
    for i, data in enumerate(files):
        for other in files[:i]:
            if len(other) == len(data) < 100:
                divisor = common_divisor(divisor, code_word(data) ^ code_word(other))
    as_long = [len(data) in lengths for data in wanted]
    differing = len({*map(bytes, files), *map(bytes, wanted)}) == len(files) + len(wanted)
    return divisor.bit_length() == 17 and differing and as_long == [n % 3 == 0 for n in range(len(wanted))]


CHECKS = {"lengths": lengths, "records": records, "checksum": checksum}
