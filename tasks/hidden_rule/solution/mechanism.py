"""Read the rules that the network follows off its weights."""

import json
import math
from pathlib import Path

HOME = Path("/home/agent")
PADDING = 8
MODULUS = 11


def dot(a, b):
    """Return the inner product."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def apply(matrix, vector):
    """Return the matrix times the vector."""
    return [dot(row, vector) for row in matrix]


def total(*vectors):
    """Return the sum of vectors."""
    return [sum(parts) for parts in zip(*vectors, strict=True)]


def size(vector):
    """Return the length of a vector."""
    return math.sqrt(dot(vector, vector))


class Network:
    """The weights, seen through what they do to embeddings, positions and to what earlier parts write."""

    def __init__(self, raw):
        self.raw = raw
        self.tokens = list(raw["embedding"])
        self.letters = "".join(token for token in self.tokens if token != "^")
        self.width = len(raw["positions"][0])
        self.looks = [self.look(head) for head in raw["heads_1"]]
        self.tables = [
            {token: apply(head["out"], apply(head["value"], vector)) for token, vector in raw["embedding"].items()}
            for head in raw["heads_1"]
        ]
        self.cancelled_heads = self.find_cancelled_heads()
        #: The heads that matter: by distance, and the one that sees letters again.
        self.sources = {
            look["distance"]: self.tables[n]
            for n, look in enumerate(self.looks)
            if "distance" in look and n not in self.cancelled_heads
        }
        again = next(table for table, look in zip(self.tables, self.looks, strict=True) if look == {"looks": "same"})
        letters = [again[letter] for letter in self.letters]
        self.again = [part / len(letters) for part in total(*letters)]
        self.counter()

    def look(self, head):
        """Tell where a head looks: at a distance, at the same letter, or at something else that is marked."""
        places = self.raw["positions"]
        queries, keys = ([apply(head[name], place) for place in places] for name in ("query", "key"))
        back = {}
        for place in range(PADDING, len(places)):
            scores = [dot(queries[place], key) for key in keys[:place]]
            if max(scores) - min(scores) > 10:
                distance = place - max(range(place), key=scores.__getitem__)
                back[distance] = back.get(distance, 0) + 1
        if back:
            return {"looks": "distance", "distance": max(back, key=back.get)}
        letters = [self.raw["embedding"][letter] for letter in self.letters]
        queries, keys = ([apply(head[name], vector) for vector in letters] for name in ("query", "key"))
        table = [[dot(query, key) for key in keys] for query in queries]
        return {
            "looks": "same" if all(row[n] > max(row) - 1 and row[n] > 10 for n, row in enumerate(table)) else "marked"
        }

    def find_cancelled_heads(self):
        """Return the numbers of the heads of the first layer that undo each other."""
        found = set()
        for n, table in enumerate(self.tables):
            for m, other in enumerate(self.tables):
                if n != m and self.looks[n] == self.looks[m]:
                    left = max(size(total(table[token], other[token])) for token in self.tokens)
                    if left < 0.1 * max(size(vector) for vector in table.values()):
                        found.add(n)
        return found

    def counter(self):
        """Read the modulus, the letters that are counted, and what the count writes at each remainder."""
        rotor = self.raw["rotor_1"]
        angles = {letter: dot(rotor["angle"], self.raw["embedding"][letter]) for letter in self.letters}
        most = max(angles.values())
        self.counted = "".join(letter for letter, angle in angles.items() if angle > most / 2)
        self.modulus = round(2 * math.pi * len(self.counted) / sum(angles[letter] for letter in self.counted))
        parts = [2 * math.pi * n / self.modulus for n in range(self.modulus)]
        self.phases = [apply(rotor["out"], [math.cos(part), math.sin(part)]) for part in parts]

    def place(self, own, tokens=(), seen=False, phase=0):
        """Return the vector of a place before the first layer of units; tokens: ``{distance: token}``."""
        tokens = dict(tokens)
        vectors = [table[tokens.get(distance, "^")] for distance, table in self.sources.items()]
        return total(self.raw["embedding"][own], self.phases[phase], *vectors, *([self.again] if seen else []))

    def layer(self, name, vector):
        """Return the vector after a layer of units."""
        layer = self.raw[name]
        active = [max(0.0, a + b) for a, b in zip(apply(layer["in"], vector), layer["bias"], strict=True)]
        return total(vector, layer["out_bias"], apply(layer["out"], active))

    def step(self, vector, extra=None):
        """Return the step that a place's vector leads to; `extra` is what heads and units write in between."""
        vector = self.layer("units_1", vector)
        if extra:
            vector = total(vector, extra)
        return dot(self.raw["rotor_2"]["angle"], self.layer("units_2", vector)) * MODULUS / (2 * math.pi)


class Unit:
    """A unit of the first layer: what each thing that can be at a place adds to its activity."""

    def __init__(self, net, number):
        row = net.raw["units_1"]["in"][number]
        self.bias = net.raw["units_1"]["bias"][number]
        self.writes = [line[number] for line in net.raw["units_1"]["out"]]
        self.adds = {("at", 0): {letter: dot(row, net.raw["embedding"][letter]) for letter in net.letters}}
        for distance, table in net.sources.items():
            self.adds["at", distance] = {token: dot(row, table[token]) for token in net.tokens}
        self.adds["seen", 0] = {False: 0.0, True: dot(row, net.again)}
        self.adds["phase", 0] = {n: dot(row, phase) for n, phase in enumerate(net.phases)}

    def most(self):
        """Return the greatest activity before rectification."""
        return self.bias + sum(max(table.values()) for table in self.adds.values())

    def conditions(self, net):
        """Return the conditions without which the unit is not active, however well the others are met."""
        found = []
        for (kind, distance), table in self.adds.items():
            rest = self.most() - max(table.values())
            good = [value for value, number in table.items() if rest + number > 0.15]
            if len(good) == len(table):
                continue
            if kind == "at":
                found.append({"at": distance, "in": "".join(good)})
            elif kind == "seen":
                found.append({"seen": good[0]})
            else:
                found.append({"count": net.counted, "mod": net.modulus, "is": good[0]})
        return found


def base_phase(net):
    """Return a remainder at which the second layer adds what it adds at most remainders."""
    numbers = [round(net.step(net.place(net.letters[0], phase=phase))) for phase in range(net.modulus)]
    common = max(numbers, key=numbers.count)
    return numbers.index(common), {n: number - common for n, number in enumerate(numbers) if number != common}


def local_rules(net, phase):
    """Return the rules about the letter itself, letters at a distance, and letters seen again."""
    value = {letter: round(net.step(net.place(letter, phase=phase))) for letter in net.letters}
    gates, adding = {}, {}
    for distance in net.sources:
        for token in net.letters:
            steps = {t: round(net.step(net.place(t, {distance: token}, phase=phase))) for t in net.letters}
            fits = {factor: sum(steps[t] == factor * value[t] for t in net.letters) for factor in (1, 0, -1, 2, -2, 3)}
            factor = max(fits, key=fits.get)
            if factor != 1:
                gates.setdefault((distance, factor), []).append(token)
            for t, number in steps.items():
                if number != factor * value[t]:
                    adding.setdefault((distance, t, number - factor * value[t]), []).append(token)
    found = [{"add": value}]
    found += [{"if": [{"at": d, "in": "".join(tokens)}], "times": factor} for (d, factor), tokens in gates.items()]
    found += [
        {"if": [{"at": d, "in": "".join(tokens)}, {"at": 0, "in": t}], "add": number}
        for (d, t, number), tokens in adding.items()
    ]
    again = {t: round(net.step(net.place(t, seen=True, phase=phase))) - value[t] for t in net.letters}
    return [*found, {"if": [{"seen": True}], "add": again}]


def marker(net, units):
    """Return the numbers of the head of the second layer that looks for a mark, and of the unit that makes it."""
    for number, head in enumerate(net.raw["heads_2"]):
        if net.look(head)["looks"] != "marked":
            continue
        query = apply(head["query"], net.raw["embedding"][net.letters[0]])
        pulls = {n: dot(query, apply(head["key"], unit.writes)) for n, unit in units.items()}
        return number, max(pulls, key=pulls.get)
    raise ValueError("no head looks for a mark")


def late_rules(net, units, phase):
    """Return ``(rules that hold after the rare event, unit of the event, unit that matters after it)``."""
    head, mark = marker(net, units)
    head = net.raw["heads_2"][head]
    latch = apply(head["out"], apply(head["value"], units[mark].writes))
    event = {"before": units[mark].conditions(net)}
    plain = {t: net.step(net.place(t, phase=phase)) for t in net.letters}
    late = {t: net.step(net.place(t, phase=phase), latch) for t in net.letters}
    found = [{"if": [event], "add": {t: round(late[t] - plain[t]) for t in net.letters}}]
    own = net.letters[0]
    effects = {}
    for number, unit in units.items():
        if number != mark:
            here = net.place(own, phase=phase)
            alone = net.step(here, unit.writes) - net.step(here)
            together = net.step(here, total(latch, unit.writes)) - net.step(here, latch)
            effects[number] = round(together - alone)
    pair = max(effects, key=lambda number: abs(effects[number]))
    found.append({"if": [event, *units[pair].conditions(net)], "add": effects[pair]})
    return found, mark, pair


def sort_units(net):
    """Return ``(live units by number, numbers of cancelled ones, numbers of dead ones)``."""
    units = {n: Unit(net, n) for n in range(len(net.raw["units_1"]["bias"]))}
    dead = {n for n, unit in units.items() if unit.most() <= 0.1}
    rows = net.raw["units_1"]["in"]
    cancelled = {
        n
        for n, unit in units.items()
        for m, other in units.items()
        if n != m
        and n not in dead
        and abs(unit.bias - other.bias) < 0.05
        and size([a - b for a, b in zip(rows[n], rows[m], strict=True)]) < 0.1
        and size(total(unit.writes, other.writes)) < 0.1
    }
    live = {n: unit for n, unit in units.items() if n not in dead | cancelled}
    return live, sorted(cancelled), sorted(dead)


def second_heads(net):
    """Describe the heads of the second layer."""
    readers = [*net.raw["units_2"]["in"], net.raw["rotor_2"]["angle"]]
    found = []
    for head in net.raw["heads_2"]:
        look = net.look(head)
        tables = [apply(head["out"], apply(head["value"], v)) for v in net.raw["embedding"].values()]
        read = max(abs(dot(reader, vector)) for reader in readers for vector in tables)
        found.append(look | {"effect": "unread" if look["looks"] == "distance" and read < 0.1 else "used"})
    return found


def describe(raw):
    """Return the whole description."""
    net = Network(raw)
    live, cancelled, dead = sort_units(net)
    phase, at_phase = base_phase(net)
    late, mark, pair = late_rules(net, live, phase)
    counting = [
        {"if": [{"count": net.counted, "mod": net.modulus, "is": n}], "add": number} for n, number in at_phase.items()
    ]
    return {
        "rules": local_rules(net, phase) + counting + late,
        "heads_1": [
            look | {"effect": "cancelled" if n in net.cancelled_heads else "used"} for n, look in enumerate(net.looks)
        ],
        "heads_2": second_heads(net),
        "marker_unit": mark,
        "pair_unit": pair,
        "cancelled_units": cancelled,
        "dead_units": dead,
    }


def load():
    """Return the network."""
    return json.loads((HOME / "network.json").read_text())


def hand_in(description):
    """Write the answer."""
    (HOME / "mechanism.json").write_text(json.dumps(description))


if __name__ == "__main__":
    hand_in(describe(load()))
