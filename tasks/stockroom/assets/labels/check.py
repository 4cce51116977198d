"""A few checks of labels.py; more are made when the work is scored."""

import labels

CHECKS = [
    ("encode", labels.encode, (12, 345), "12-345-V"),
    ("encode", labels.encode, (0, 0), "00-000-A"),
    ("decode", labels.decode, ("12-345-V",), [12, 345]),
    ("decode", labels.decode, ("12-345-E",), None),
    ("decode", labels.decode, (" 12-345-v ",), [12, 345]),
]

for name, function, args, expected in CHECKS:
    found = function(*args)
    print("ok    " if found == expected else "FAILED", name, args, "->", repr(found), "expected", repr(expected))
