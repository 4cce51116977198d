"""A network put together from known parts, in a basis of its own; and the rules that it follows.

Every feature is one direction of an orthonormal basis. The parts read and write features; what they are for is
forgotten when they are written down as weights, with some noise.
"""

import math
import random

import rules
from algebra import added, gaussian, noisy, orthogonal, product, rounded, scaled, transposed
from run_mechanism import PADDING

LONGEST = 32
PLACES = PADDING + LONGEST
TOKENS = [*rules.LETTERS, "^"]
PERIODS = (44.0, 7.3)
WIDTH_OF_HEADS = 8
VALUES_OF_HEADS = 4
NOISE = 0.0002
SHARP = 36.0
FEATURES = [
    *TOKENS,
    *(f"wave {part} {n}" for n in range(len(PERIODS)) for part in ("cos", "sin")),
    *(
        "minus",
        "double",
        "rare a",
        "left 0",
        "left 1",
        "left 2",
        "left 3",
        "near",
        "rare c",
        "seen",
        "count cos",
        "count sin",
    ),
    *("step", "rare", "pair", "latch", "unread"),
]
#: Bounds of the numbers that gates must hold back.
MOST_VALUE = 6


def design(seed):
    """Return what the network does, as a dictionary of choices."""
    rng = random.Random(f"{seed}:mechanism:design")
    distances = rng.sample(range(1, 8), 5)
    letters = rng.sample(rules.LETTERS, len(rules.LETTERS))
    left = letters[:4]
    pairs = set()
    while len(pairs) < 8:
        pairs.add((rng.choice(left), rng.choice(rules.LETTERS)))
    after = rng.choice([(x, y) for x in left for y in rules.LETTERS if (x, y) not in pairs])
    classes = {name: draw(rng, number) for name, number in (("near", 5), ("own", 6), ("again", 7), ("latched", 8))}
    kinds = rng.sample(rules.LETTERS, 9)
    modulus = rng.choice((5, 6, 7))
    return {
        "distance": dict(zip(("a", "b", "c", "cancel", "unread"), distances, strict=True)),
        "value": {letter: rng.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)) for letter in rules.LETTERS},
        "minus": "".join(sorted(kinds[:5])),
        "double": "".join(sorted(kinds[5:])),
        "left": left,
        "pairs": [(x, y, rng.choice((-4, -3, -2, 2, 3, 4))) for x, y in sorted(pairs)],
        "after": (*after, rng.choice((-5, -3, 3, 5))),
        **classes,
        "near_adds": rng.choice((-4, -3, 3, 4)),
        "again_adds": rng.choice((-4, -3, 3, 4)),
        "latched_adds": rng.choice((-4, -3, 3, 4)),
        "counted": draw(rng, 7),
        "modulus": modulus,
        # Not 0: the padding before the first letter has that count, and must not add anything.
        "count_is": rng.randrange(1, modulus),
        "count_adds": rng.choice((-4, -3, 3, 4)),
        "rare": [rng.choice(rules.LETTERS), rng.choice(rules.LETTERS), rng.choice(left), rng.choice(rules.LETTERS)],
        "rare_count": rng.randrange(modulus),
    }


def draw(rng, number):
    """Return a text of some letters."""
    return "".join(sorted(rng.sample(rules.LETTERS, number)))


def rare_conditions(plan):
    """Return the conditions of the rare event."""
    own, a, b, c = plan["rare"]
    gap = plan["distance"]
    places = [{"at": 0, "in": own}, {"at": gap["a"], "in": a}, {"at": gap["b"], "in": b}, {"at": gap["c"], "in": c}]
    return [*places, {"seen": True}, {"count": plan["counted"], "mod": plan["modulus"], "is": plan["rare_count"]}]


def truth(plan):
    """Return ``{part: [rule, ...]}`` in the order in which the rules are to be followed."""
    gap = plan["distance"]
    latched = {"before": rare_conditions(plan)}
    x, y, amount = plan["after"]
    return {
        "values": [{"add": plan["value"]}],
        "minus": [{"if": [{"at": gap["a"], "in": plan["minus"]}], "times": -1}],
        "double": [{"if": [{"at": gap["a"], "in": plan["double"]}], "times": 2}],
        "pairs": [{"if": [{"at": gap["b"], "in": x}, {"at": 0, "in": y}], "add": n} for x, y, n in plan["pairs"]],
        "near": [
            {"if": [{"at": gap["c"], "in": plan["near"]}, {"at": 0, "in": plan["own"]}], "add": plan["near_adds"]},
        ],
        "again": [{"if": [{"seen": True}, {"at": 0, "in": plan["again"]}], "add": plan["again_adds"]}],
        "count": [
            {
                "if": [{"count": plan["counted"], "mod": plan["modulus"], "is": plan["count_is"]}],
                "add": plan["count_adds"],
            }
        ],
        "latched": [{"if": [latched, {"at": 0, "in": plan["latched"]}], "add": plan["latched_adds"]}],
        "after": [{"if": [latched, {"at": gap["b"], "in": x}, {"at": 0, "in": y}], "add": amount}],
    }


class Builder:
    """Writes parts down as weights: features become directions."""

    def __init__(self, rng):
        self.rng = rng
        basis = orthogonal(rng, len(FEATURES))
        self.direction = dict(zip(FEATURES, basis, strict=True))

    def read(self, weights):
        """Return the row that reads a sum of features: ``{feature: weight}``."""
        rows = [scaled(weight, self.direction[feature]) for feature, weight in weights.items()]
        return added(*rows) if rows else [0.0] * len(FEATURES)

    def matrix(self, parts, count):
        """Return `count` rows that read the sums of features, the missing ones 0."""
        return [self.read(part) for part in parts] + [[0.0] * len(FEATURES) for _ in range(count - len(parts))]

    def head(self, query, key, value, out):
        """Return a head. Inside it, queries and keys are turned together, and so are values and what they write."""
        turn = orthogonal(self.rng, WIDTH_OF_HEADS)
        mix = orthogonal(self.rng, VALUES_OF_HEADS)
        scale = self.rng.uniform(0.6, 1.6)
        values = product(mix, self.matrix(value, VALUES_OF_HEADS))
        writes = product(mix, self.matrix(out, VALUES_OF_HEADS))
        head = {
            "query": product(turn, self.matrix(query, WIDTH_OF_HEADS)),
            "key": product(turn, self.matrix(key, WIDTH_OF_HEADS)),
            "value": [scaled(scale, row) for row in values],
            "out": transposed([scaled(1 / scale, row) for row in writes]),
        }
        return {name: noisy(self.rng, matrix, NOISE) for name, matrix in head.items()}

    def at_distance(self, distance, tables):
        """Return a head that looks at one place back and writes ``{feature: {token: number}}``."""
        root = math.sqrt(SHARP)
        query, key = [], []
        for n, period in enumerate(PERIODS):
            c, s = math.cos(2 * math.pi * distance / period), math.sin(2 * math.pi * distance / period)
            query.append({f"wave cos {n}": root * c, f"wave sin {n}": root * s})
            query.append({f"wave cos {n}": -root * s, f"wave sin {n}": root * c})
            key += [{f"wave cos {n}": root}, {f"wave sin {n}": root}]
        return self.head(query, key, list(tables.values()), [{feature: 1.0} for feature in tables])

    def same_letter(self):
        """Return a head that looks at earlier places with the same letter, else at the padding."""
        codes = spread(self.rng, len(rules.LETTERS), WIDTH_OF_HEADS - 1)
        root = math.sqrt(1.8 * SHARP)
        code = [
            {t: root * code[k] for t, code in zip(rules.LETTERS, codes, strict=True)} for k in range(WIDTH_OF_HEADS - 1)
        ]
        query = [*code, dict.fromkeys(rules.LETTERS, root)]
        return self.head(query, [*code, {"^": 0.8 * root}], [dict.fromkeys(rules.LETTERS, 1.0)], [{"seen": 1.0}])

    def marked(self):
        """Return a head that looks at earlier places with the rare event, else at the padding."""
        root = math.sqrt(1.3 * SHARP)
        return self.head(
            [dict.fromkeys(TOKENS, root)], [{"rare": root, "^": 0.5 * root}], [{"rare": 1.0}], [{"latch": 1.0}]
        )

    def layer(self, units):
        """Return a layer of units ``(reads, bias, writes)`` and a constant that it writes."""
        constant = [0.0] * len(FEATURES)
        for _, unit_bias, writes in units:
            if unit_bias == MOST_VALUE:
                # The unit for plain values is always active: what it writes without a value is taken off again.
                constant = added(constant, scaled(-MOST_VALUE, self.read(writes)))
        return {
            "in": noisy(self.rng, [self.read(reads) for reads, _, _ in units], NOISE),
            "bias": [float(bias) for _, bias, _ in units],
            "out": noisy(self.rng, transposed([self.read(writes) for _, _, writes in units]), NOISE),
            "out_bias": constant,
        }


def spread(rng, number, size):
    """Return vectors of length 1 that are far from each other, pushed apart from random ones."""
    vectors = [unit(row) for row in gaussian(rng, number, size)]
    for _ in range(60):
        for i, vector in enumerate(vectors):
            for j, other in enumerate(vectors):
                closeness = sum(a * b for a, b in zip(vector, other, strict=True))
                if i != j and closeness > 0.3:
                    vector = added(vector, scaled(-0.15 * closeness, other))
            vectors[i] = unit(vector)
    return vectors


def unit(vector):
    """Return the vector with length 1."""
    return scaled(1 / math.sqrt(sum(x * x for x in vector)), vector)


def both(*features):
    """Return ``(reads, bias)`` of a unit that is 1 where all features are 1, and 0 where one of them is 0."""
    reads = {}
    for feature in features:
        for name in [feature] if feature in FEATURES else feature.split():
            reads[name] = reads.get(name, 0) + 2.0
    return reads, 1.0 - 2 * len(features)


def phase(plan, value):
    """Return weights of features whose sum is 1 where the count leaves a remainder, and clearly less elsewhere."""
    angle = 2 * math.pi * value / plan["modulus"]
    return {"count cos": math.cos(angle), "count sin": math.sin(angle)}


def first_units(plan, rng):
    """Return the named units of the first layer as ``(name, reads, bias, writes)``."""
    value = {letter: float(number) for letter, number in plan["value"].items()}
    down = {letter: -number for letter, number in value.items()}
    most = MOST_VALUE
    left = {letter: f"left {number}" for number, letter in enumerate(plan["left"])}
    units = [
        ("values", value, most, {"step": 1.0}),
        ("minus", value | {"minus": most}, -most, {"step": -2.0}),
        ("minus", down | {"minus": most}, -most, {"step": 2.0}),
        ("double", value | {"double": most}, -most, {"step": 1.0}),
        ("double", down | {"double": most}, -most, {"step": -1.0}),
        ("near", *both("near", " ".join(plan["own"])), {"step": plan["near_adds"]}),
        ("again", *both("seen", " ".join(plan["again"])), {"step": plan["again_adds"]}),
        ("after", *both(left[plan["after"][0]], plan["after"][1]), {"pair": 1.0}),
    ]
    units += [("pairs", *both(left[x], y), {"step": n}) for x, y, n in plan["pairs"]]
    own, _, b, _ = plan["rare"]
    flags = dict.fromkeys((own, "rare a", left[b], "rare c", "seen"), 4.0)
    event = flags | {name: 8 * weight for name, weight in phase(plan, plan["rare_count"]).items()}
    units.append(("rare", event, -27.0, {"rare": 1.0}))
    for features in (("near", draw(rng, 5)), ("seen", draw(rng, 5)), ("left 1", rng.choice(rules.LETTERS))):
        reads, bias = both(*(feature if feature in FEATURES else " ".join(feature) for feature in features))
        amount = rng.choice((-4.0, 4.0))
        units += [("cancelled", reads, bias, {"step": amount}), ("cancelled", reads, bias, {"step": -amount})]
    # These ask for two letters at once, or for two letters at the same distance: never active.
    for _ in range(3):
        one, two = rng.sample(rules.LETTERS, 2)
        places = rng.sample(range(4), 2)
        reads = dict.fromkeys((one, two, f"left {places[0]}", f"left {places[1]}", "rare c"), 4.0)
        units.append(("dead", reads, -19.0, {"rare": 1.0} if rng.random() < 0.5 else {"step": 5.0}))
    return units


def second_units(plan, rng):
    """Return the units of the second layer."""
    apart = math.cos(2 * math.pi / plan["modulus"])
    middle = (1 + 2 * apart) / 3
    counted = {name: weight / (1 - middle) for name, weight in phase(plan, plan["count_is"]).items()}
    other = rng.choice([n for n in range(plan["modulus"]) if n != plan["count_is"]])
    decoy = {name: weight / (1 - middle) for name, weight in phase(plan, other).items()}
    return [
        ("count", counted, -middle / (1 - middle), {"step": plan["count_adds"]}),
        ("latched", *both("latch", " ".join(plan["latched"])), {"step": plan["latched_adds"]}),
        ("after", *both("latch", "pair"), {"step": plan["after"][2]}),
        ("cancelled", decoy, -middle / (1 - middle), {"step": 3.0}),
        ("cancelled", decoy, -middle / (1 - middle), {"step": -3.0}),
    ]


def shuffled(rng, named):
    """Return named parts in another order."""
    return rng.sample(named, len(named))


def heads(build, plan, rng):
    """Return the named heads of the two layers, ``(looks, effect, head)``."""
    gap = plan["distance"]
    _, a, _, c = plan["rare"]
    tables = {
        "a": {"minus": ones(plan["minus"]), "double": ones(plan["double"]), "rare a": ones(a)},
        "b": {f"left {number}": ones(letter) for number, letter in enumerate(plan["left"])},
        "c": {"near": ones(plan["near"]), "rare c": ones(c)},
    }
    first = [({"distance": gap[name]}, "used", build.at_distance(gap[name], table)) for name, table in tables.items()]
    first.append(({"looks": "same"}, "used", build.same_letter()))
    noise = {letter: rng.uniform(-4, 4) for letter in rules.LETTERS}
    for sign in (1, -1):
        table = {"step": {letter: sign * number for letter, number in noise.items()}}
        first.append(({"distance": gap["cancel"]}, "cancelled", build.at_distance(gap["cancel"], table)))
    marks = {letter: rng.uniform(-2, 2) for letter in rules.LETTERS}
    second = [
        ({"looks": "marked"}, "used", build.marked()),
        ({"distance": gap["unread"]}, "unread", build.at_distance(gap["unread"], {"unread": marks})),
    ]
    return shuffled(rng, first), shuffled(rng, second)


def ones(letters):
    """Return the table that is 1 for some letters."""
    return dict.fromkeys(letters, 1.0)


def built(seed):
    """Return ``(plan, network as the agent gets it, names of its parts)``."""
    plan = design(seed)
    rng = random.Random(f"{seed}:mechanism:network")
    build = Builder(rng)
    first, second = heads(build, plan, rng)
    units_1, units_2 = shuffled(rng, first_units(plan, rng)), shuffled(rng, second_units(plan, rng))
    waves = [
        [f(2 * math.pi * place / period) for period in PERIODS for f in (math.cos, math.sin)] for place in range(PLACES)
    ]
    names = [f"wave {part} {n}" for n in range(len(PERIODS)) for part in ("cos", "sin")]
    part = 2 * math.pi / plan["modulus"]
    step = 2 * math.pi / rules.MODULUS
    written = transposed([build.read({"count cos": 1.0}), build.read({"count sin": 1.0})])
    net = {
        "embedding": {token: build.read({token: 1.0}) for token in TOKENS},
        "positions": [build.read(dict(zip(names, row, strict=True))) for row in waves],
        "heads_1": [head for _, _, head in first],
        "rotor_1": {"angle": build.read(dict.fromkeys(plan["counted"], part)), "out": written},
        "units_1": build.layer([unit[1:] for unit in units_1]),
        "heads_2": [head for _, _, head in second],
        "units_2": build.layer([unit[1:] for unit in units_2]),
        "rotor_2": {
            "angle": build.read({"step": step}),
            "out": [[math.cos(step * n), math.sin(step * n)] for n in range(rules.MODULUS)],
        },
    }
    parts = {
        "heads_1": [(looks, effect) for looks, effect, _ in first],
        "heads_2": [(looks, effect) for looks, effect, _ in second],
        "units_1": [unit[0] for unit in units_1],
    }
    return plan, rounded(net, 4), parts
