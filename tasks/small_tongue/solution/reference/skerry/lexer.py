"""Text of a module to tokens. Tokens know whether a blank stands before and after them: operators need it."""

import re
from fractions import Fraction
from typing import Any, NamedTuple

from .errors import StaticErrors

KEYWORDS = frozenset(
    [
        "_",
        "and",
        "as",
        "break",
        "checked",
        "continue",
        "defer",
        "elif",
        "else",
        "fail",
        "false",
        "fn",
        "for",
        "if",
        "in",
        "let",
        "match",
        "none",
        "not",
        "or",
        "rescue",
        "return",
        "say",
        "then",
        "true",
        "try",
        "type",
        "unit",
        "use",
        "var",
        "while",
    ]
)
NUMBER = re.compile(r"[0-9]+(?:\.([0-9]*)\(([0-9]+)\)|\.([0-9]+))?")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OPERATOR = re.compile(r"\.\.\.|\.\.|//|==|!=|<=|>=|=>|[-+*/%^&<>=()\[\]{}.,:;|]")
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "{": "{", "}": "}"}
FORMAT = re.compile(r"([<>^]?)([0-9]{0,3})(?:\.([0-9]{1,2}))?")
BLANKS = " \t\r\n#"


class Token(NamedTuple):
    kind: str  # name, tag, number, text, op (also keywords), line, end
    text: str
    value: Any
    place: tuple  # line, column
    before: bool  # a blank directly before
    after: bool

    def shown(self):
        words = {"line": "end of line", "end": "end of text", "number": "number", "text": "text"}
        return words.get(self.kind, f"'{self.text}'")


class Embedded(NamedTuple):
    """A part {expression:format} of a text."""

    tokens: list
    format: tuple


def number_value(match):
    whole = match[0].partition(".")[0]
    fixed, period = (match[1], match[2]) if match[2] else (match[3] or "", "")
    value = int(whole) + Fraction(int(fixed or 0), 10 ** len(fixed))
    if period:
        value += Fraction(int(period), (10 ** len(period) - 1) * 10 ** len(fixed))
    return value


class Lexer:
    def __init__(self, module, source, start=0, end=None, place=(1, 1)):
        self.module, self.source = module, source
        self.at, self.end = start, len(source) if end is None else end
        self.line, self.line_start = place[0], start - place[1] + 1
        self.tokens = []

    def place(self, at=None):
        return self.line, (self.at if at is None else at) - self.line_start + 1

    def fault(self, message, at=None):
        return StaticErrors([("syntax", self.module, *self.place(at), message)])

    def add(self, kind, length, value=None):
        start, stop = self.at, self.at + length
        before = start == 0 or self.source[start - 1] in BLANKS
        after = stop >= self.end or self.source[stop] in BLANKS
        self.tokens.append(Token(kind, self.source[start:stop], value, self.place(), before, after))
        self.at = stop

    def run(self):
        while self.at < self.end:
            self.one()
        self.add("end", 0)
        return self.tokens

    def one(self):
        char = self.source[self.at]
        if char in " \t\r":
            self.at += 1
        elif char == "#":
            stop = self.source.find("\n", self.at)
            self.at = self.end if stop < 0 else min(stop, self.end)
        elif char == "\n":
            self.add("line", 1)
            self.line, self.line_start = self.line + 1, self.at
        elif char == '"':
            self.text()
        elif match := NUMBER.match(self.source, self.at, self.end):
            self.add("number", len(match[0]), number_value(match))
        elif match := WORD.match(self.source, self.at, self.end):
            word = match[0]
            kind = "op" if word in KEYWORDS else "tag" if word[0].isupper() else "name"
            self.add(kind, len(word))
        elif match := OPERATOR.match(self.source, self.at, self.end):
            self.add("op", len(match[0]))
        else:
            raise self.fault(f"strange character '{char}'")

    def text(self):
        """A text with its embedded expressions: the value is a list of str and Embedded."""
        opening, at, parts, letters = self.at, self.at + 1, [], []
        while True:
            char = self.source[at : at + 1] if at < self.end else ""
            if char in ("", "\n"):
                raise self.fault("text without end", opening)
            if char == '"':
                break
            if char == "\\":
                escaped = self.source[at + 1 : at + 2]
                if escaped not in ESCAPES or not escaped:
                    raise self.fault("unknown escape", at)
                letters.append(ESCAPES[escaped])
                at += 2
            elif char == "{":
                part, at = self.embedded(at, opening)
                parts += ["".join(letters), part]
                letters = []
            elif char == "}":
                raise self.fault("stray '}' in text", at)
            else:
                letters.append(char)
                at += 1
        parts.append("".join(letters))
        self.add("text", at + 1 - opening, [part for part in parts if part != ""])

    def skipped_text(self, opening):
        """Return the place after the text that begins at *opening*, or None where it does not end in its line."""
        at = opening + 1
        while at < self.end and self.source[at] not in '"\n':
            if self.source[at] == "\\":
                at += 2
            elif self.source[at] == "{":
                at = self.skipped_part(at)[1]
                if at is None:
                    return None
            else:
                at += 1
        return at + 1 if at < self.end and self.source[at] == '"' else None

    def skipped_part(self, opening):
        """Return the place of the first outer colon, and the place after the closing brace, each perhaps None."""
        at, depth, colon = opening + 1, 0, None
        while at is not None and at < self.end and self.source[at] != "\n":
            char = self.source[at]
            if char == "}" and depth == 0:
                return colon, at + 1
            if char == ":" and depth == 0 and colon is None:
                colon = at
            depth += (char in "([{") - (char in ")]}")
            at = self.skipped_text(at) if char == '"' else at + 1
        return None, None

    def embedded(self, opening, text_opening):
        """Return the Embedded that begins at *opening*, and the place after its closing brace."""
        colon, after = self.skipped_part(opening)
        if after is None:
            raise self.fault("text without end", text_opening)
        at = after - 1
        stop = at if colon is None else colon
        tokens = Lexer(self.module, self.source, opening + 1, stop, self.place(opening + 1)).run()
        form = FORMAT.fullmatch(self.source[colon + 1 : at] if colon is not None else "")
        if form is None:
            raise self.fault("unknown format", colon)
        digits = None if form[3] is None else int(form[3])
        return Embedded(tokens, (form[1], int(form[2] or 0), digits)), after
