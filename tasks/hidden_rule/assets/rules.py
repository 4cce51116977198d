"""The rule language: what a description of the network is handed in as, and how it is run.

A parsed program is a list of ``(conditions, operation, operand)``; a condition is a tuple that begins with its kind.
"""

MODULUS = 11
LETTERS = "abcdefghijklmnopqrst"
MOST_RULES = 400
MOST_CONDITIONS = 1000
FURTHEST = 40


class BadRule(ValueError):
    """Something handed in is no rule."""


def whole(value, low, high, what):
    """Return a whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadRule(f"{what}: expected a whole number from {low} to {high}")
    return value


def letters(value):
    """Return a set of letters, among which may be the one for what is before the beginning."""
    if not isinstance(value, str) or len(value) > 99 or not set(value) <= set(LETTERS + "^"):
        raise BadRule("expected a text of letters")
    return frozenset(value)


def parse_condition(raw, nested=False):
    """Return a condition."""
    if not isinstance(raw, dict):
        raise BadRule("a condition is an object")
    keys = set(raw)
    if keys == {"at", "in"}:
        return ("at", whole(raw["at"], 0, FURTHEST, "at"), letters(raw["in"]))
    if keys == {"seen"} and isinstance(raw["seen"], bool):
        return ("seen", raw["seen"])
    if keys == {"count", "mod", "is"}:
        modulus = whole(raw["mod"], 1, 1000, "mod")
        return ("count", letters(raw["count"]), modulus, whole(raw["is"], 0, modulus - 1, "is"))
    if keys == {"before"} and not nested:
        if not isinstance(raw["before"], list):
            raise BadRule("before is followed by a list of conditions")
        return ("before", tuple(parse_condition(part, True) for part in raw["before"]))
    if keys == {"not"} and isinstance(raw["not"], dict) and "not" not in raw["not"]:
        return ("not", parse_condition(raw["not"], nested))
    raise BadRule(f"no condition has the keys {sorted(map(str, keys))[:5]}")


def parse_rule(raw):
    """Return ``(conditions, operation, operand)``."""
    if not isinstance(raw, dict) or not isinstance(raw.get("if", []), list):
        raise BadRule("a rule is an object, `if` a list")
    operation = set(raw) - {"if"}
    if len(operation) != 1 or not operation <= {"add", "times", "set"}:
        raise BadRule("a rule has one of add, times and set, and nothing else but if")
    name = operation.pop()
    operand = raw[name]
    if isinstance(operand, dict) and name == "add":
        if not set(operand) <= set(LETTERS):
            raise BadRule("a table has a number for each letter")
        operand = {letter: whole(value, -1000, 1000, "a number of a table") for letter, value in operand.items()}
    else:
        operand = whole(operand, -1000, 1000, name)
    return tuple(parse_condition(part) for part in raw.get("if", [])), name, operand


def size(conditions):
    """Return how many conditions there are, with those inside of others."""
    return sum(1 + (size(c[1]) if c[0] == "before" else size([c[1]]) if c[0] == "not" else 0) for c in conditions)


def parse(raw):
    """Return a program, or raise BadRule."""
    if not isinstance(raw, list) or len(raw) > MOST_RULES:
        raise BadRule(f"rules is a list of at most {MOST_RULES}")
    program, conditions = [], 0
    for rule in raw:
        program.append(parse_rule(rule))
        conditions += size(program[-1][0])
        if conditions > MOST_CONDITIONS:
            raise BadRule(f"more than {MOST_CONDITIONS} conditions")
    return program


class Reader:
    """Tells at each place of a sequence which conditions hold; places must be asked in order, from the first."""

    def __init__(self, sequence):
        self.sequence = sequence
        self.counts = {}
        self.events = {}

    def count(self, members, place):
        """Return how many letters of a set there are up to a place."""
        if members not in self.counts:
            total, totals = 0, []
            for letter in self.sequence:
                total += letter in members
                totals.append(total)
            self.counts[members] = totals
        return self.counts[members][place]

    def first(self, conditions):
        """Return the first place at which all conditions hold, one past the end where there is none."""
        if conditions not in self.events:
            places = range(len(self.sequence))
            self.events[conditions] = next((p for p in places if self.all_hold(conditions, p)), len(self.sequence))
        return self.events[conditions]

    def holds(self, condition, place):
        """Tell whether one condition holds."""
        kind = condition[0]
        if kind == "at":
            where = place - condition[1]
            return (self.sequence[where] if where >= 0 else "^") in condition[2]
        if kind == "seen":
            return (self.sequence.index(self.sequence[place]) < place) == condition[1]
        if kind == "count":
            return self.count(condition[1], place) % condition[2] == condition[3]
        if kind == "before":
            return self.first(condition[1]) < place
        return not self.holds(condition[1], place)

    def all_hold(self, conditions, place):
        """Tell whether all conditions hold."""
        return all(self.holds(condition, place) for condition in conditions)


def steps(program, sequence):
    """Return the step at each place of a sequence."""
    reader, found = Reader(sequence), []
    for place, letter in enumerate(sequence):
        step = 0
        for conditions, operation, operand in program:
            if not reader.all_hold(conditions, place):
                continue
            if operation == "add":
                step += operand.get(letter, 0) if isinstance(operand, dict) else operand
            elif operation == "times":
                step = step * operand % MODULUS
            else:
                step = operand
        found.append(step % MODULUS)
    return found
