"""Fits the parts of a model, one after another, to a text: rows of tables by their gain for each parameter."""

import math


def mix(counts, chances, rounds=8):
    """Return shares (that include the weight) for the listed characters, by expectation and maximisation."""
    total = sum(counts.values())
    shares = {x: max(0.02, 0.8 * n / total) for x, n in counts.items()}
    for _ in range(rounds):
        stay = max(1e-4, 1 - sum(shares.values()))
        shares = {x: max(1e-9, (counts[x] - 0.4) / total * s / (s + stay * chances[x])) for x, s in shares.items()}
    return shares


def row_of(counts, logs, price):
    """Return ``(gain, shares)`` of the best row for a key, or None: *logs* are sums of log2 of the chances so far."""
    chances = {x: 2 ** (logs[x] / counts[x]) for x in counts}
    total, listed = sum(counts.values()), {x for x in counts if counts[x] > 1}
    for _ in range(3):
        if not listed:
            return None
        # Characters that are not listed count as one more, which no row helps.
        known = {x: counts[x] for x in listed}
        shares = mix({**known, 0: total - sum(known.values()) + 0.41}, {**chances, 0: 1e9})
        shares.pop(0)
        stay = max(1e-4, 1 - sum(shares.values()))
        gains = {x: counts[x] * math.log2(1 + shares[x] / (stay * chances[x])) for x in listed}
        poor = {x for x in listed if gains[x] < price}
        if not poor:
            gain = sum(gains.values()) + total * math.log2(stay)
            return (gain, shares) if gain > price * (1 + len(listed)) else None
        listed -= poor
    return None


class Trainer:
    """Holds what each character of the training text costs so far."""

    def __init__(self, evaluate, parts, registers, maps, sheets):
        self.parts, self.registers, self.maps, self.evaluate = parts, registers, maps, evaluate
        blank = [{**p, "rows": {}} if p["kind"] == "table" else {**p, "weight": 0, "weights": [0]} for p in parts]
        blank = [{k: v for k, v in p.items() if k in fields(p)} for p in blank]
        model = evaluate.Model(self.dump(blank))
        self.fixed_cost = model.cost
        self.keys, self.text, self.ends = [], [], []
        for sheet in sheets:
            self.keys += model.trace(sheet)
            self.text += [evaluate.CODES[c] for c in sheet]
            self.ends.append(len(self.text))
        self.chance = [1 / len(evaluate.ALPHABET)] * len(self.text)

    def dump(self, parts):
        """Return the model in JSON."""
        import json

        return json.dumps({"maps": self.maps, "registers": self.registers, "parts": parts}, separators=(",", ":"))

    def fit(self, budget, price):
        """Return the parts with rows and weights, within the budget."""
        done, ranked = [], []
        for number, part in enumerate(self.parts):
            column = [keys[number] for keys in self.keys]
            if part["kind"] == "table":
                rows = self.fit_table(column, price * part.get("price", 1))
                for key, (gain, shares) in rows.items():
                    ranked.append((gain / (1 + len(shares)), 1 + len(shares), number, key))
                done.append(
                    {"kind": "table", "key": part["key"], "rows": {k: self.plain(s) for k, (_, s) in rows.items()}}
                )
            elif part["kind"] == "say":
                done.append({**part, "weight": self.fit_say(column)})
            else:
                done.append({**part, "weights": self.fit_recall(column)})
        ranked.sort()
        cost = self.evaluate.Model(self.dump([self.strings(p) for p in done])).cost
        for _, rows_cost, number, key in ranked:
            if cost <= budget:
                break
            del done[number]["rows"][key]
            cost -= rows_cost
        return [self.strings(p) for p in done]

    @staticmethod
    def strings(part):
        """Return a part with the keys of its rows as JSON wants them."""
        return {**part, "rows": {str(k): r for k, r in part["rows"].items()}} if "rows" in part else part

    def plain(self, shares):
        """Return a row as the format wants it."""
        weight = sum(shares.values())
        alphabet = self.evaluate.ALPHABET
        return [
            round(min(weight, 0.9995), 4),
            {alphabet[x - 1]: round(1000 * s / weight, 1) for x, s in shares.items()},
        ]

    def fit_table(self, column, price):
        """Return the rows that are worth it, and mix them in."""
        counts, logs = {}, {}
        for key, x, chance in zip(column, self.text, self.chance, strict=True):
            if key not in counts:
                counts[key], logs[key] = {}, {}
            counts[key][x] = counts[key].get(x, 0) + 1
            logs[key][x] = logs[key].get(x, 0.0) + math.log2(chance)
        rows = {}
        for key, seen in counts.items():
            if sum(seen.values()) > 3 and (row := row_of(seen, logs[key], price)):
                rows[key] = row
        stays = {key: max(5e-4, 1 - sum(shares.values())) for key, (_, shares) in rows.items()}
        for place, (key, x) in enumerate(zip(column, self.text, strict=True)):
            if key in rows:
                self.chance[place] = self.chance[place] * stays[key] + rows[key][1].get(x, 0.0)
        return rows

    def fit_say(self, column):
        """Return the weight of a part that says one character."""
        places = [i for i, value in enumerate(column) if 0 < value <= len(self.evaluate.ALPHABET)]
        return self.weigh(places, [column[i] == self.text[i] for i in places])

    def weigh(self, places, right):
        """Return the best weight for what is right at some places, and mix it in."""
        weight = 0.5
        for _ in range(12):
            gained = sum(
                weight / (weight + (1 - weight) * self.chance[i]) for i, hit in zip(places, right, strict=True) if hit
            )
            weight = min(0.9995, (gained + 0.2) / (len(places) + 1))
        for i, hit in zip(places, right, strict=True):
            self.chance[i] = self.chance[i] * (1 - weight) + (weight if hit else 0.0)
        return round(weight, 4)

    def fit_recall(self, column):
        """Return the weights of a part that recalls: after no success at a key, after one, after two or more."""
        memory, found, ends = {}, ([], [], []), set(self.ends)
        for place, (key, x) in enumerate(zip(column, self.text, strict=True)):
            if place in ends:
                memory = {}
            if not key:
                continue
            before = memory.get(key)
            hit = before is not None and before[0] == x
            if before:
                found[before[1]].append((place, hit))
            memory[key] = x, min(before[1] + 1, 2) if hit else 0
        return [self.weigh([p for p, _ in group], [hit for _, hit in group]) for group in found]


def fields(part):
    """Return the names of a part's fields."""
    return {"table": ("kind", "key", "rows"), "say": ("kind", "value", "weight"), "recall": ("kind", "key", "weights")}[
        part["kind"]
    ]
