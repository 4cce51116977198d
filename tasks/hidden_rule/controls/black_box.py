"""Only run the network: the value of each letter, and letters that change what comes a fixed distance later."""

import json
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent")
import run

LETTERS = "abcdefghijklmnopqrst"
TAILS = ("gmtbrek", "sdhonjc")


def steps(network, sequence):
    """Return the steps between the classes that the network says."""
    said = run.classes(network, sequence)
    return [(now - before) % 11 for before, now in zip([0, *said], said, strict=False)]


def factors(changed, value):
    """Return for each letter before by what it multiplies the value: most letters by 1."""
    numbers = list(changed.values())
    plain = max(set(numbers), key=numbers.count)
    known = {0: 1, -2 * value % 11: -1, value % 11: 2}
    return {letter: known.get((number - plain) % 11) for letter, number in changed.items()}


network = run.load("/home/agent")
value = {letter: steps(network, letter)[0] for letter in LETTERS}
votes = {}
for tail in TAILS:
    after = {letter: steps(network, letter + tail)[1:] for letter in LETTERS}
    for place, letter in enumerate(tail):
        found = factors({before: row[place] for before, row in after.items()}, value[letter])
        for before, factor in found.items():
            votes.setdefault((place + 1, before), []).append(factor)
agreed = {key: some[0] for key, some in votes.items() if some[0] is not None and len(set(some)) == 1}
changing = [sum(agreed.get((d, letter), 1) != 1 for letter in LETTERS) for d in range(1, 8)]
distance = 1 + max(range(7), key=changing.__getitem__)
rules = [{"add": value}]
for factor in (-1, 2):
    members = "".join(letter for letter in LETTERS if agreed.get((distance, letter)) == factor)
    rules.append({"if": [{"at": distance, "in": members}], "times": factor})
Path("/home/agent/mechanism.json").write_text(json.dumps({"rules": rules}))
