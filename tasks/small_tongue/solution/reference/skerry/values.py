"""The values of Skerry, how they are written and when they are equal. Nothing here recurses: data may be deep."""

from .errors import Raised

LONGEST = 12


class Number:
    """An exact number, an int wherever it is whole, with a unit: a sorted tuple of (base unit, exponent)."""

    __slots__ = ("unit", "value")

    def __init__(self, value, unit=()):
        self.value, self.unit = value, unit


class Record:
    __slots__ = ("fields",)

    def __init__(self, fields):
        self.fields = fields


class Tag:
    def __init__(self, name, fields, family):
        self.name, self.fields, self.family = name, fields, family


class Family:
    """A declared type with its tags."""

    def __init__(self, name):
        self.name, self.tags = name, []

    def add(self, name, fields):
        self.tags.append(Tag(name, fields, self))
        return self.tags[-1]


class Tagged:
    __slots__ = ("parts", "tag")

    def __init__(self, tag, parts):
        self.tag, self.parts = tag, parts


class Closure:
    __slots__ = ("code", "env")

    def __init__(self, code, env):
        self.code, self.env = code, env


class Native:
    def __init__(self, name, count, function, more=False):
        self.name, self.count, self.function, self.more = name, count, function, more


class Channel:
    def __init__(self, capacity):
        self.capacity, self.closed = capacity, False
        self.held, self.putters, self.takers = [], [], []


STEP = Family("Step")
ITEM, DONE = STEP.add("Item", ["value"]), STEP.add("Done", ["value"])
ERROR = Family("Error").add("Error", ["kind", "message", "place", "value"])

KINDS = {bool: "bool", str: "text", type(None): "none", tuple: "list", Number: "number", Record: "record"}
KINDS |= {Closure: "function", Native: "function", Channel: "channel"}


def kind_of(value):
    if type(value) is Tagged:
        return value.tag.family.name
    return KINDS.get(type(value)) or value.kind  # feeds and tasks know their kind


def exact(value):
    """Return a number as int where it is whole: that is much faster to work with."""
    return value.numerator if value.denominator == 1 else value


def plain(value):
    return Number(value)


# -- units


def combine(one, other, sign=1):
    """Return the unit of a product (sign 1) or quotient (sign -1)."""
    exponents = dict(one)
    for name, exponent in other:
        exponents[name] = exponents.get(name, 0) + sign * exponent
    return tuple(sorted((name, exponent) for name, exponent in exponents.items() if exponent))


def raised_unit(unit, exponent):
    return tuple((name, e * exponent) for name, e in unit) if exponent else ()


def unit_text(unit):
    def factor(name, exponent):
        return name if exponent == 1 else f"{name}^{exponent}"

    over = "*".join(factor(name, e) for name, e in unit if e > 0)
    under = "".join("/" + factor(name, -e) for name, e in unit if e < 0)
    return f"[{over or ('1' if under else '')}{under}]"


# -- text


def digits_text(value):
    """Return the text of a fraction: decimals with the period in brackets, or n/d where these are too long."""
    sign, top, bottom = "-" * (value < 0), abs(value.numerator), value.denominator
    digits, seen, rest = "", {}, top % bottom
    while rest and rest not in seen:
        if len(digits) == LONGEST:
            return f"{sign}{top}/{bottom}"
        seen[rest] = len(digits)
        digit, rest = divmod(rest * 10, bottom)
        digits += str(digit)
    if rest:
        digits = f"{digits[: seen[rest]]}({digits[seen[rest] :]})"
    return f"{sign}{top // bottom}" + (f".{digits}" if digits else "")


def number_text(number):
    return digits_text(number.value) + (unit_text(number.unit) if number.unit else "")


def rounded_text(number, places):
    """Exactly so many decimals, halves away from zero."""
    scaled = abs(number.value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    digits = str(whole).rjust(places + 1, "0")
    sign = "-" if number.value < 0 and whole else ""
    digits = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return sign + digits + (unit_text(number.unit) if number.unit else "")


def quoted(text):
    for char, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"), ("{", "\\{"), ("}", "\\}")):
        text = text.replace(char, escape)
    return f'"{text}"'


class Piece(str):
    """Text that is written as it is, among values that are yet to be written."""

    __slots__ = ()


def separated(opening, entries, closing):
    pieces = [Piece(opening)]
    for number, entry in enumerate(entries):
        pieces += [Piece(", ")] * (number > 0) + entry
    return [*pieces, Piece(closing)]


def pieces_of(value):
    if type(value) is tuple:
        return separated("[", [[item] for item in value], "]")
    if type(value) is Record:
        return separated("{", [[Piece(f"{name}: "), item] for name, item in value.fields.items()], "}")
    if type(value) is Tagged:
        if not value.parts:
            return [Piece(value.tag.name)]
        return separated(value.tag.name + "(", [[item] for item in value.parts], ")")
    return [Piece(atom_text(value))]


def atom_text(value):
    kind = kind_of(value)
    if kind == "text":
        return quoted(value)
    if kind == "number":
        return number_text(value)
    if kind == "bool":
        return "true" if value else "false"
    if kind == "function":
        name = value.name if type(value) is Native else value.code.name
        return f"<fn {name}>" if name else "<fn>"
    if kind == "task":
        return f"<task {value.number}>"
    return kind if kind == "none" else f"<{kind}>"


def text_of(value):
    if type(value) is str:
        return value
    done, waiting = [], [value]
    while waiting:
        piece = waiting.pop()
        if type(piece) is Piece:
            done.append(piece)
        else:
            waiting += reversed(pieces_of(piece))
    return "".join(done)


def formatted(value, form):
    """Return the text of a value under a format (alignment, width, decimals)."""
    align, width, places = form
    number = type(value) is Number
    if places is not None and not number:
        raise Raised("kind", f"format needs number, not {kind_of(value)}")
    text = rounded_text(value, places) if places is not None else text_of(value)
    gap = max(0, width - len(text))
    align = align or (">" if number else "<")
    left = {"<": 0, ">": gap, "^": gap // 2}[align]
    return " " * left + text + " " * (gap - left)


# -- equality and order


def equal(one, other):
    waiting = [(one, other)]
    while waiting:
        a, b = waiting.pop()
        if a is b:
            continue
        if type(a) is not type(b):
            return False
        if type(a) is Number:
            same = a.value == b.value and a.unit == b.unit
        elif type(a) is tuple:
            same = len(a) == len(b)
            waiting += zip(a, b, strict=False) if same else ()
        elif type(a) is Record:
            same = a.fields.keys() == b.fields.keys()
            waiting += [(item, b.fields[name]) for name, item in a.fields.items()] if same else []
        elif type(a) is Tagged:
            same = a.tag is b.tag
            waiting += zip(a.parts, b.parts, strict=False) if same else ()
        else:
            same = type(a) in (bool, str) and a == b
        if not same:
            return False
    return True
