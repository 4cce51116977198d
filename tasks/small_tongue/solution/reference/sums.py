"""Sums: lines of arithmetic with exact numbers, in which blanks around an operator decide how strongly it binds."""

import re
from fractions import Fraction

NUMBER = re.compile(r"[0-9]+(?:\.([0-9]*)\(([0-9]+)\)|\.([0-9]+))?")
LEVEL = {"+": 1, "-": 1, "*": 2, "/": 2}
TIGHT = 2  # what a tight operator is above the loose one of the same name
LONGEST = 12


class Mistake(Exception):
    def __init__(self, place, message):
        super().__init__(message)
        self.line = f"error at {place + 1}: {message}"


def number(match):
    whole, _, _ = match[0].partition(".")
    fixed, period = (match[1], match[2]) if match[2] else (match[3] or "", "")
    value = int(whole) + Fraction(int(fixed or 0), 10 ** len(fixed))
    if period:
        value += Fraction(int(period), (10 ** len(period) - 1) * 10 ** len(fixed))
    return value


def show(value):
    """Return the text of a number: decimals with the period in brackets, or a fraction where these are too long."""
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


class Parser:
    """Builds nested tuples (operator, place, left, right), so that mistakes of form come before those of value."""

    def __init__(self, line):
        self.line, self.place = line.rstrip(" "), 0

    def blank(self, place):
        return self.line[place : place + 1] == " "

    def next(self):
        while self.blank(self.place):
            self.place += 1
        return self.line[self.place : self.place + 1]

    def unexpected(self):
        char = self.next()
        return Mistake(self.place, f"unexpected '{char}'" if char else "unexpected end")

    def expression(self, lowest=1):
        left = self.operand()
        while (sign := self.next()) and sign in LEVEL:
            at = self.place
            before, after = self.blank(at - 1), self.blank(at + 1)
            if before != after and at + 1 < len(self.line):
                raise Mistake(at, "uneven spacing")
            level = LEVEL[sign] + (0 if before else TIGHT)
            if level < lowest:
                break
            self.place += 1
            left = (sign, at, left, self.expression(level + 1))
        return left

    def operand(self):
        char = self.next()
        if char == "-" and self.place + 1 < len(self.line) and not self.blank(self.place + 1):
            self.place += 1
            return ("neg", 0, self.operand(), Fraction(0))
        if char == "(":
            self.place += 1
            inside = self.expression()
            if self.next() != ")":
                raise self.unexpected()
            self.place += 1
            return inside
        match = NUMBER.match(self.line, self.place)
        if not match:
            raise self.unexpected()
        self.place = match.end()
        return number(match)

    def whole(self):
        tree = self.expression()
        if self.next():
            raise self.unexpected()
        return tree


def value_of(tree):
    if isinstance(tree, Fraction):
        return tree
    sign, place, left, right = tree
    left, right = value_of(left), value_of(right)
    if sign == "neg":
        return -left
    if sign == "/":
        if right == 0:
            raise Mistake(place, "division by zero")
        return left / right
    return left + right if sign == "+" else left - right if sign == "-" else left * right


def answer(line):
    try:
        return show(value_of(Parser(line).whole()))
    except Mistake as mistake:
        return mistake.line


def run(text):
    return "".join(answer(line) + "\n" for line in text.split("\n") if line.strip(" "))
