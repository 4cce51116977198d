"""Sequences on which handed-in rules are tried, and the score of a description."""

import random

import mechanism
import rules

SEQUENCES = 30
LENGTHS = (60, 100)
#: What each part of the description is worth: the rules by what goes wrong without them, then the parts of the network.
SHARES = {
    "values": 0.05,
    "minus": 0.05,
    "double": 0.05,
    "pairs": 0.09,
    "near": 0.07,
    "again": 0.07,
    "count": 0.1,
    "latched": 0.13,
    "after": 0.09,
    "heads": 0.16,
    "marker_unit": 0.03,
    "pair_unit": 0.03,
    "cancelled_units": 0.04,
    "dead_units": 0.04,
}
#: A share of right steps up to this is worth nothing: any constant is right now and then.
CHANCE = 0.25


def program(parts, without=None):
    """Return the parsed rules of all parts, or of all but one."""
    return rules.parse([rule for name, some in parts.items() if name != without for rule in some])


def plant(rng, plan, letters):
    """Write the rare event into a list of letters, somewhere in its first half, so that all its conditions hold."""
    event = tuple(rules.parse_condition(part) for part in mechanism.rare_conditions(plan))
    own, *others = plan["rare"]
    for _ in range(400):
        place = rng.randrange(12, len(letters) // 2)
        changed = list(letters)
        for before in rng.sample(range(place - 8), 3):
            changed[before] = rng.choice(rules.LETTERS)
        changed[rng.randrange(place - 8)] = own
        for name, letter in zip("abc", others, strict=True):
            changed[place - plan["distance"][name]] = letter
        changed[place] = own
        if rules.Reader(changed).all_hold(event, place):
            return changed, place
    raise AssertionError("the rare event cannot be written into the letters")


def sequences(seed, plan):
    """Return the hidden sequences: random letters in which exceptions are more frequent; most have the rare event."""
    rng = random.Random(f"{seed}:mechanism:sequences")
    gap = plan["distance"]["b"]
    found = []
    for number in range(SEQUENCES):
        letters = [rng.choice(rules.LETTERS) for _ in range(rng.randint(*LENGTHS))]
        for place in range(gap, len(letters), 5):
            if rng.random() < 0.5:
                x, y, _ = rng.choice([*plan["pairs"], plan["after"]])
                letters[place - gap], letters[place] = x, y
        if number % 3:
            letters, event = plant(rng, plan, letters)
            for place in range(event + gap + 1, len(letters), 9):
                letters[place - gap], letters[place] = plan["after"][:2]
        found.append("".join(letters))
    return found


def cases(parts, strings):
    """Return ``({part: [(sequence, place), ...]}, right steps)``.

    Each place counts for the last part without which its step would be another, for the first part where there is none:
    so whoever knows some parts, in this order, has all of their steps.
    """
    full = program(parts)
    right = [rules.steps(full, string) for string in strings]
    first, *others = parts
    last = {(n, place): first for n, string in enumerate(strings) for place in range(len(string))}
    for name in others:
        other = program(parts, without=name)
        for n, string in enumerate(strings):
            last |= {
                (n, place): name for place, step in enumerate(rules.steps(other, string)) if step != right[n][place]
            }
    return {name: [case for case, found in last.items() if found == name] for name in parts}, right


def of_rules(seed, plan, raw):
    """Return ``{part: share}`` for handed-in rules; all 0 where they cannot be read."""
    parts = mechanism.truth(plan)
    try:
        handed_in = rules.parse(raw)
    except rules.BadRule as fault:
        print(f"rules: {fault}")
        return dict.fromkeys(parts, 0.0)
    strings = sequences(seed, plan)
    groups, right = cases(parts, strings)
    found = [rules.steps(handed_in, string) for string in strings]
    shares = {}
    for name, group in groups.items():
        share = sum(found[n][place] == right[n][place] for n, place in group) / len(group)
        shares[name] = max(0.0, (share - CHANCE) / (1 - CHANCE))
    return shares


def overlap(raw, truth, count):
    """Return how well a handed-in list of numbers agrees with a set: what both have over what either has."""
    if not isinstance(raw, list) or len(raw) > count:
        return 0.0
    numbers = {n for n in raw if isinstance(n, int) and not isinstance(n, bool) and 0 <= n < count}
    return len(numbers & truth) / len(numbers | truth) if len(numbers) == len(raw) else 0.0


def of_heads(answer, parts):
    """Return the share of the heads that are described rightly."""
    right = []
    for layer in ("heads_1", "heads_2"):
        raw = answer.get(layer)
        raw = raw if isinstance(raw, list) and len(raw) == len(parts[layer]) else [None] * len(parts[layer])
        for found, (looks, effect) in zip(raw, parts[layer], strict=True):
            expected = {"looks": looks.get("looks", "distance"), "effect": effect} | looks
            right.append(isinstance(found, dict) and not isinstance(found.get("distance"), bool) and found == expected)
    return sum(right) / len(right)


def score(seed, answer):
    """Return ``(score, evidence)`` for a handed-in object."""
    plan, _, parts = mechanism.built(seed)
    names = parts["units_1"]
    places = {name: {n for n, found in enumerate(names) if found == name} for name in set(names)}
    shares = of_rules(seed, plan, answer.get("rules"))
    shares["heads"] = of_heads(answer, parts)
    for key, name in (("marker_unit", "rare"), ("pair_unit", "after")):
        shares[key] = overlap([answer.get(key)], places[name], len(names))
    for key, name in (("cancelled_units", "cancelled"), ("dead_units", "dead")):
        shares[key] = overlap(answer.get(key), places[name], len(names))
    total = sum(SHARES[name] * share for name, share in shares.items())
    return total, ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
