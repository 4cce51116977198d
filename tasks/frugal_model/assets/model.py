"""Reads a model, which is data and not code, and measures how many bits a character costs it. FORMAT.md tells the form.

Usage: ``python3 model.py MODEL.json TEXT.txt`` prints the cost of the model and its bits per character on the text.
"""

import json
import math
import sys
from pathlib import Path

ALPHABET = "\n abcdefghijklmnopqrstuvwxyzKLMNPQ01234567()[]<>'=@."
CODES = {character: code for code, character in enumerate(ALPHABET, 1)}
HALF = 2**47
NODES, DEPTH, REGISTERS, PARTS, WEIGHT = 500, 30, 60, 24, 0.9999
BINARY = {"+": "+", "-": "-", "*": "*", "==": "==", "<": "<", "//": "//", "%": "%", "and": "and", "or": "or"}


class BadModel(ValueError):
    """The handed-in file is no model; the text says why."""


def integer(value, low, high, what):
    """Return a whole number within limits."""
    if type(value) is not int or not low <= value <= high:
        raise BadModel(f"{what} must be a whole number from {low} to {high}")
    return value


def fraction(value, high, what):
    """Return a finite number from 0 to *high*."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
        raise BadModel(f"{what} must be a number from 0 to {high}")
    return float(value)


def listing(value, most, what):
    """Return a list of at most so many items."""
    if not isinstance(value, list) or len(value) > most:
        raise BadModel(f"{what} must be a list of at most {most}")
    return value


def mapping(value, what):
    """Return a dict."""
    if not isinstance(value, dict):
        raise BadModel(f"{what} must be an object")
    return value


def code(character):
    """Return the code of a character."""
    if character not in CODES:
        raise BadModel(f"{str(character)[:9]!r} is no character of the alphabet")
    return CODES[character]


def key_number(text):
    """Return the number that a key of a map or a table stands for."""
    if len(text) > 16 or not text.removeprefix("-").isdecimal() or str(int(text)) != text:
        raise BadModel(f"the key {text[:20]!r} is no whole number in its plain form")
    return int(text)


def quotient(left, right):
    """Return the quotient rounded down; 0 where there is none."""
    return left // right if right else 0


def rest(left, right):
    """Return what the division leaves; 0 where there is none."""
    return left % right if right else 0


class Model:
    """A model in JSON, checked and turned into two functions; raises :class:`BadModel`."""

    def __init__(self, data):
        try:
            model = mapping(json.loads(data), "the model")
        except (ValueError, RecursionError) as error:
            raise BadModel(f"the file is no JSON that can be read ({type(error).__name__})") from error
        if unknown := set(model) - {"maps", "registers", "parts"}:
            raise BadModel(f"unknown key {sorted(unknown)[0][:20]!r}")
        self.cost = self.nodes = 0
        self.scope = {"log2": math.log2, "quotient": quotient, "rest": rest}
        self.maps, self.names = {}, {}
        for name, entry in mapping(model.get("maps", {}), "maps").items():
            self.read_map(name, entry)
        registers = listing(model.get("registers", []), REGISTERS, "registers")
        for register in registers:
            name = mapping(register, "a register").get("name")
            if not isinstance(name, str) or name in self.names:
                raise BadModel("each register must have a name of its own")
            self.names[name] = f"r{len(self.names)}"
        starts = [integer(r.get("start", 0), -(2**31), 2**31, "start") for r in registers]
        steps = [self.emit(r.get("next")) for r in registers]
        parts = [self.part(n, p) for n, p in enumerate(listing(model.get("parts", []), PARTS, "parts"))]
        self.cost += self.nodes + len(registers) + len(parts)
        if self.nodes > NODES:
            raise BadModel(f"the expressions have {self.nodes} nodes, and may have {NODES}")
        self.build(starts, steps, parts)

    def read_map(self, name, entry):
        """Take in a map: whole numbers to whole numbers."""
        entry = mapping(entry, f"map {name[:20]}")
        table = {
            key_number(key): integer(value, -65535, 65535, "a value of a map")
            for key, value in mapping(entry.get("rows"), "rows of a map").items()
        }
        self.maps[name] = f"m{len(self.maps)}", integer(entry.get("default", 0), -65535, 65535, "default")
        self.scope[self.maps[name][0]] = table
        self.cost += 1 + 2 * len(table)

    def emit(self, node, depth=0):
        """Return an expression as an expression of Python, made of nothing but what is written here."""
        self.nodes += 1
        if depth > DEPTH or self.nodes > NODES:
            raise BadModel(f"expressions have more than {NODES} nodes, or are nested deeper than {DEPTH}")
        if isinstance(node, str):
            if node not in self.names:
                raise BadModel(f"no register is called {node[:20]!r}")
            return self.names[node]
        if isinstance(node, int):
            return f"({integer(node, -65535, 65535, 'a number in an expression')})"
        if not isinstance(node, list) or not node or not isinstance(node[0], str):
            raise BadModel("an expression must be a whole number, a name or a list that begins with an operation")
        return self.emit_operation(node[0], node[1:], depth + 1)

    def emit_operation(self, name, given, depth):
        """Return an operation as an expression of Python."""
        if name == "map" and len(given) == 2 and isinstance(given[0], str) and given[0] in self.maps:
            table, default = self.maps[given[0]]
            return f"{table}.get({self.emit(given[1], depth)},{default})"
        if name == "in" and len(given) == 2 and isinstance(given[1], str):
            self.nodes += len(given[1])
            wanted = ",".join(str(code(character)) for character in given[1])
            return f"(1 if {self.emit(given[0], depth)} in ({wanted},) else 0)"
        if name == "is" and len(given) == 2 and isinstance(given[1], str):
            return f"(1 if {self.emit(given[0], depth)} == {code(given[1])} else 0)"
        if name == "last" and len(given) == 1:
            return f"(h % {64 ** integer(given[0], 1, 7, 'the number of characters in last')})"
        if name == "ch" and len(given) == 1:
            return f"ch({self.emit(given[0], depth)})"
        terms = [self.emit(term, depth) for term in given]
        if name in BINARY and len(terms) == 2:
            return self.emit_binary(BINARY[name], *terms)
        if name == "if" and len(terms) == 3:
            return f"({terms[1]} if {terms[0]} else {terms[2]})"
        if name == "not" and len(terms) == 1:
            return f"(0 if {terms[0]} else 1)"
        raise BadModel(f"no operation {name[:20]!r} with {len(given)} operands of this kind")

    @staticmethod
    def emit_binary(name, left, right):
        if name in ("//", "%"):
            return f"{'quotient' if name == '//' else 'rest'}({left},{right})"
        if name in ("+", "-", "*"):
            return f"(({left}{name}{right}+{HALF})%{2 * HALF}-{HALF})"
        return f"(1 if {left} {name} {right} else 0)"

    def part(self, number, part):
        """Return the lines of Python for one part: its key, how it mixes in, what it learns."""
        part = mapping(part, "a part")
        kind, key = part.get("kind"), f"k{number}"
        if kind == "table":
            self.scope[f"t{number}"] = self.read_rows(part.get("rows"))
            mix = [f"row = t{number}.get({key})", "if row: p = p * row[0] + row[1].get(x, 0.0)"]
            return f"{key} = {self.emit(part.get('key'))}", mix, [], None
        if kind == "say":
            weight = fraction(part.get("weight"), WEIGHT, "weight")
            self.cost += 1
            mix = [f"if 0 < {key} <= {len(ALPHABET)}: p = p * {1 - weight!r} + ({weight!r} if {key} == x else 0.0)"]
            return f"{key} = {self.emit(part.get('value'))}", mix, [], None
        if kind != "recall":
            raise BadModel("the kind of a part must be table, recall or say")
        weights = [fraction(w, WEIGHT, "a weight") for w in listing(part.get("weights"), 16, "weights")]
        if not weights:
            raise BadModel("weights must not be empty")
        self.cost += len(weights)
        self.scope[f"w{number}"] = weights
        mix = [
            f"seen = c{number}.get({key}) if {key} else None",
            f"if seen: w = w{number}[seen[1]]; p = p * (1 - w) + (w if seen[0] == x else 0.0)",
        ]
        learn = [
            f"run = min(seen[1] + 1, {len(weights) - 1}) if seen and seen[0] == x else 0",
            f"if {key}: c{number}[{key}] = (x, run)",
        ]
        return f"{key} = {self.emit(part.get('key'))}", mix, learn, f"c{number} = {{}}"

    def read_rows(self, rows):
        """Return the rows of a table, ready for use: what stays of the probability, and what comes to it."""
        table = {}
        for key, row in mapping(rows, "rows of a table").items():
            if not isinstance(row, list) or len(row) != 2:
                raise BadModel("a row must be a list of a weight and an object")
            weight = fraction(row[0], WEIGHT, "the weight of a row")
            shares = {code(c): fraction(n, 1e9, "a share") for c, n in mapping(row[1], "shares").items()}
            total = sum(shares.values())
            if total < 1e-6:
                raise BadModel("the shares of a row must have a sum of at least 1e-6")
            table[key_number(key)] = 1 - weight, {c: weight * (n / total) for c, n in shares.items()}
            self.cost += 1 + len(shares)
        return table

    def build(self, starts, steps, parts):
        """Make the functions `price` (bits of a text) and `trace` (the keys of all parts at each place)."""
        registers = [f"r{number}" for number in range(len(steps))]
        before = [f"{r} = {start}" for r, start in zip(registers, starts, strict=True)]
        before += [part[3] for part in parts if part[3]]
        after = ["n += 1", f"h = (h * 64 + x) % {64**7}"]
        after += [f"{r} = {step}" for r, step in zip(registers, steps, strict=True)]
        keys = [part[0] for part in parts]
        body = [f"p = {1 / len(ALPHABET)!r}"]
        for part in parts:
            body += [part[0], *part[1], *part[2]]
        head = ["n = h = 0", "ch = lambda k: t[n - k] if 0 < k <= n else 0", *before]
        price = ["bits = 0.0", *head, "for x in t:", *(f" {b}" for b in [*body, "bits -= log2(p)", *after])]
        names = "".join(f"k{number}," for number in range(len(parts)))
        trace = ["out = []", *head, "for x in t:", *(f" {b}" for b in [*keys, f"out.append(({names}))", *after])]
        for name, lines, result in (("price", price, "bits"), ("trace", trace, "out")):
            source = f"def {name}(t):\n" + "".join(f" {line}\n" for line in lines) + f" return {result}\n"
            exec(compile(source, name, "exec"), self.scope)

    def trace(self, text):
        """Return the values of the keys of all parts (of `say`, its value) before each character of a text."""
        return self.scope["trace"]([code(character) for character in text])

    def bits(self, text):
        """Return how many bits a text costs."""
        return self.scope["price"]([code(character) for character in text])

    def bits_per_character(self, sheets):
        """Return the bits per character over all sheets; each begins anew."""
        return sum(map(self.bits, sheets)) / sum(map(len, sheets))


def split(text):
    """Return the sheets of a file, which have an empty line between them."""
    return [sheet.rstrip("\n") + "\n" for sheet in text.split("\n\n")]


if __name__ == "__main__":
    handed_in = Model(Path(sys.argv[1]).read_bytes())
    sheets = split(Path(sys.argv[2]).read_text())
    print(f"cost {handed_in.cost}, bits per character {handed_in.bits_per_character(sheets):.4f}")
