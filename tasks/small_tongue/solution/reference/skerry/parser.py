"""Tokens to a tree. The first token that cannot go on is the syntax error."""

from .errors import StaticErrors
from .lexer import Lexer

#: How strongly loose operators bind; tight ones bind TIGHT more. Words are always loose.
LEVELS = {"or": 1, "and": 2, "..": 5, "+": 6, "-": 6, "&": 6, "*": 7, "/": 7, "//": 7, "%": 7, "^": 8}
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
NOT, COMPARE, POWER, TIGHT = 3, 4, 8, 5


class Node:
    """A part of the tree: its kind, its place (line, column) and whatever belongs to the kind."""

    def __init__(self, kind, place, **parts):
        self.kind, self.place = kind, place
        self.__dict__.update(parts)


class Parser:
    def __init__(self, module, tokens):
        self.module, self.tokens, self.at = module, tokens, 0
        self.brackets = 0  # inside of brackets line ends mean nothing

    # -- tokens

    @property
    def token(self):
        while self.brackets and self.tokens[self.at].kind == "line":
            self.at += 1
        return self.tokens[self.at]

    def fault(self, message, token=None):
        token = token or self.token
        return StaticErrors([("syntax", self.module, *token.place, message)])

    def unexpected(self):
        return self.fault(f"unexpected {self.token.shown()}")

    def sees(self, *texts):
        return self.token.kind == "op" and self.token.text in texts

    def take(self):
        token = self.token
        self.at += 1
        return token

    def accept(self, *texts):
        return self.take() if self.sees(*texts) else None

    def expect(self, text):
        if not self.sees(text):
            raise self.unexpected()
        return self.take()

    def word(self, kind="name"):
        if self.token.kind != kind:
            raise self.unexpected()
        return self.take()

    def skip_lines(self):
        while self.token.kind == "line":
            self.at += 1

    def listed(self, closing, item):
        """Return the items up to the closing bracket, whose opening one was taken just before."""
        self.brackets += 1
        items = []
        if not self.sees(closing):
            items.append(item())
            while self.accept(","):
                items.append(item())
        self.expect(closing)
        self.brackets -= 1
        return items

    # -- statements

    def program(self):
        self.skip_separators()
        checked = self.accept("checked")
        if checked:
            self.end_statement()
        uses = []
        while self.sees("use"):
            uses.append(self.use())
            self.end_statement()
        return Node("module", (1, 1), checked=bool(checked), uses=uses, body=self.statements("end", top=True))

    def use(self):
        place = self.take().place
        name = self.word()
        alias, names = name.text, None
        if self.accept("as"):
            alias = self.word().text
        elif self.accept("("):
            names = self.listed(")", self.imported)
        return Node("use", place, name=name.text, alias=alias, names=names)

    def imported(self):
        if self.token.kind not in ("name", "tag"):
            raise self.unexpected()
        return self.take()

    def skip_separators(self):
        while self.token.kind == "line" or self.sees(";"):
            self.at += 1

    def end_statement(self):
        if self.token.kind != "end" and not self.sees("}"):
            if self.token.kind != "line" and not self.sees(";"):
                raise self.unexpected()
            self.skip_separators()

    def statements(self, closing, top=False):
        found = []
        self.skip_separators()
        while not (self.token.kind == "end" if closing == "end" else self.sees(closing)):
            found.append(self.statement(top))
            self.end_statement()
            if closing == "end" and self.sees("}"):
                raise self.unexpected()
        return found

    def block(self):
        self.expect("{")
        outer, self.brackets = self.brackets, 0
        body = self.statements("}")
        self.expect("}")
        self.brackets = outer
        return body

    def statement(self, top):
        token = self.token
        if token.kind == "op":
            method = getattr(self, f"{token.text}_statement", None) if token.text.isalpha() else None
            if method is not None and (top or token.text not in ("type", "unit")):
                return method()
        if token.kind == "name" and self.tokens[self.at + 1].kind == "op" and self.tokens[self.at + 1].text == "=":
            self.at += 2
            return Node("assign", token.place, name=token.text, value=self.expression())
        return Node("expression", token.place, value=self.expression())

    def let_statement(self):
        keyword = self.take()
        name = self.word()
        unit = self.annotation()
        self.expect("=")
        return Node(keyword.text, name.place, start=keyword.place, name=name.text, unit=unit, value=self.expression())

    var_statement = let_statement

    def fn_statement(self):
        place = self.take().place
        name = self.word()
        node = self.function(place, name.text)
        node.name_place = name.place
        return node

    def type_statement(self):
        place = self.take().place
        name = self.word("tag")
        self.expect("=")
        tags = [self.tag_declaration()]
        while self.accept("|"):
            self.skip_lines()
            tags.append(self.tag_declaration())
        return Node("type", place, name=name.text, name_place=name.place, tags=tags)

    def tag_declaration(self):
        tag = self.word("tag")
        fields = self.listed(")", self.word) if self.sees("(") and self.take() else []
        return Node("tag", tag.place, name=tag.text, fields=fields)

    def unit_statement(self):
        self.take()
        name = self.word()
        value = None
        if self.accept("="):
            value = self.number(self.word("number"))
        return Node("unit", name.place, name=name.text, value=value)

    def say_statement(self):
        place = self.take().place
        return Node("say", place, value=self.expression())

    def fail_statement(self):
        place = self.take().place
        return Node("fail", place, value=self.expression())

    def return_statement(self):
        place = self.take().place
        empty = self.token.kind in ("line", "end") or self.sees(";", "}")
        return Node("return", place, value=None if empty else self.expression())

    def break_statement(self):
        token = self.take()
        return Node(token.text, token.place)

    continue_statement = break_statement

    def if_statement(self):
        tests, otherwise = [], None
        keyword = self.take()
        tests.append((keyword.place, keyword.text, self.expression(), self.block()))
        while keyword := self.accept("elif"):
            tests.append((keyword.place, keyword.text, self.expression(), self.block()))
        if self.accept("else"):
            otherwise = self.block()
        return Node("if", tests[0][0], tests=tests, otherwise=otherwise)

    def while_statement(self):
        place = self.take().place
        return Node("while", place, test=self.expression(), body=self.block())

    def for_statement(self):
        place = self.take().place
        name = self.word()
        self.expect("in")
        return Node("for", place, name=name.text, name_place=name.place, items=self.expression(), body=self.block())

    def try_statement(self):
        place = self.take().place
        body = self.block()
        self.expect("rescue")
        name = self.take() if self.sees("_") else self.word()
        return Node("try", place, body=body, name=name.text, name_place=name.place, rescue=self.block())

    def defer_statement(self):
        place = self.take().place
        return Node("defer", place, body=self.block())

    def match_statement(self):
        return self.match(statement=True)

    # -- expressions

    def expression(self):
        if self.sees("if"):
            place = self.take().place
            test = self.expression()
            self.expect("then")
            yes = self.expression()
            self.expect("else")
            return Node("choose", place, test=test, yes=yes, no=self.expression())
        if self.sees("match"):
            return self.match(statement=False)
        if self.sees("fn"):
            return self.function(self.take().place, None)
        return self.binary(1)

    def function(self, place, name):
        self.expect("(")
        params = self.listed(")", self.parameter)
        result = self.annotation()
        if self.accept("=>"):
            body = self.expression()
            return Node("fn", place, name=name, params=params, result=result, short=True, body=body)
        return Node("fn", place, name=name, params=params, result=result, short=False, body=self.block())

    def parameter(self):
        name = self.word()
        return Node("param", name.place, name=name.text, unit=self.annotation())

    def annotation(self):
        if not self.accept(":"):
            return None
        self.expect("[")
        return self.unit()

    def unit(self):
        """Return the unit whose opening bracket has been taken: a list of (name, exponent, place)."""
        self.brackets += 1
        factors, sign = [], 1
        if not self.sees("]"):
            factors += self.unit_factor(sign, first=True)
            while operator := self.accept("*", "/"):
                factors += self.unit_factor(1 if operator.text == "*" else -1)
        self.expect("]")
        self.brackets -= 1
        return factors

    def unit_factor(self, sign, first=False):
        if first and self.token.kind == "number" and self.token.text == "1":
            self.take()
            return []
        name, exponent = self.word(), 1
        if self.accept("^"):
            minus = self.accept("-")
            number = self.word("number")
            if not number.text.isdigit():
                raise self.fault("unexpected number", number)
            exponent = -int(number.text) if minus else int(number.text)
        return [(name.text, sign * exponent, name.place)]

    def binary(self, lowest):
        left = self.negated() if self.sees("not") and lowest <= NOT else self.prefixed()
        while (found := self.operator()) is not None:
            token, level = found
            if level < lowest:
                break
            if token.text in COMPARISONS:
                left = self.comparison(left, level)
                continue
            self.take()
            self.skip_lines()
            power = level in (POWER, POWER + TIGHT)
            right = self.binary(level if power else level + 1)
            kind = token.text if token.text in ("and", "or") else "binary"
            left = Node(kind, token.place, op=token.text, left=left, right=right)
            if token.text == "..":
                lowest_again = self.operator()
                if lowest_again is not None and lowest_again[1] == level:
                    raise self.unexpected()
        return left

    def operator(self):
        """Return (token, level) where an operator comes next; it is an error if its spacing is uneven."""
        token = self.token
        if token.kind != "op" or (token.text not in LEVELS and token.text not in COMPARISONS):
            return None
        if token.text in ("and", "or"):
            return token, LEVELS[token.text]
        if token.before != token.after:
            raise self.fault(f"uneven spacing around '{token.text}'")
        return token, LEVELS.get(token.text, COMPARE) + (0 if token.before else TIGHT)

    def comparison(self, left, level):
        """A chain such as a < b <= c."""
        operands, signs = [left], []
        while (found := self.operator()) is not None and found[1] == level:
            signs.append(self.take())
            self.skip_lines()
            operands.append(self.binary(level + 1))
        return Node("compare", signs[0].place, operands=operands, signs=signs)

    def negated(self):
        place = self.take().place
        return Node("not", place, value=self.binary(NOT))

    def prefixed(self):
        if self.sees("-") and not self.token.after:
            place = self.take().place
            return Node("minus", place, value=self.prefixed())
        return self.postfixed(self.primary())

    def postfixed(self, node):
        while self.sees("(", "[", ".") and not self.token.before:
            token = self.take()
            if token.text == "(":
                node = Node("call", token.place, callee=node, args=self.listed(")", self.expression))
            elif token.text == "[":
                self.brackets += 1
                node = Node("index", token.place, value=node, index=self.expression())
                self.expect("]")
                self.brackets -= 1
            else:
                node = self.member(node)
        return node

    def member(self, node):
        token = self.token
        if token.before:
            raise self.unexpected()
        if token.kind == "tag" and node.kind == "name":
            return self.construct(self.take(), node)
        return Node("field", token.place, value=node, name=self.word().text)

    def construct(self, tag, module=None):
        args = []
        if self.sees("(") and not self.token.before:
            self.take()
            args = self.listed(")", self.expression)
        return Node("construct", tag.place, tag=tag.text, module=module, args=args)

    def primary(self):
        token = self.token
        if token.kind == "number":
            return self.number(self.take())
        if token.kind == "text":
            return self.text(self.take())
        if token.kind == "name":
            return Node("name", self.take().place, name=token.text)
        if token.kind == "tag":
            return self.construct(self.take())
        if token.kind == "op" and token.text in ("true", "false", "none"):
            return Node("constant", self.take().place, value={"true": True, "false": False}.get(token.text))
        if self.accept("("):
            self.brackets += 1
            inside = self.expression()
            self.expect(")")
            self.brackets -= 1
            return inside
        if self.accept("["):
            return Node("list", token.place, items=self.listed("]", self.expression))
        if self.accept("{"):
            return Node("record", token.place, fields=self.listed("}", self.record_field))
        raise self.unexpected()

    def number(self, token):
        unit = None
        if self.sees("[") and not self.token.before:
            self.take()
            unit = self.unit()
        return Node("number", token.place, value=token.value, unit=unit)

    def record_field(self):
        """Return (name, place, value); the name of a spread is None."""
        if spread := self.accept("..."):
            return None, spread.place, self.expression()
        name = self.word()
        self.expect(":")
        return name.text, name.place, self.expression()

    def text(self, token):
        parts = []
        for part in token.value:
            if isinstance(part, str):
                parts.append(part)
            else:
                inner = Parser(self.module, part.tokens)
                inner.brackets = 1
                parts.append((inner.expression(), part.format))
                if inner.token.kind != "end":
                    raise inner.unexpected()
        return Node("text", token.place, parts=parts)

    # -- match

    def match(self, statement):
        place = self.take().place
        value = self.expression()
        self.expect("{")
        outer, self.brackets = self.brackets, 0
        arms = []
        self.skip_separators()
        while not self.sees("}"):
            arms.append(self.arm(statement))
            self.end_statement()
        self.expect("}")
        self.brackets = outer
        return Node("match", place, value=value, arms=arms, statement=statement)

    def arm(self, statement):
        place = self.token.place
        pattern, guard = self.pattern(), None
        if keyword := self.accept("if"):
            guard = (keyword.place, self.expression())
        if statement and self.sees("{"):
            return Node("arm", place, pattern=pattern, guard=guard, body=self.block(), short=False)
        self.expect("=>")
        return Node("arm", place, pattern=pattern, guard=guard, body=self.expression(), short=True)

    def pattern(self):
        place = self.token.place
        choices = [self.simple_pattern()]
        while self.accept("|"):
            self.skip_lines()
            choices.append(self.simple_pattern())
        node = choices[0] if len(choices) == 1 else Node("either", place, choices=choices)
        while self.accept("as"):
            name = self.word()
            node = Node("bind", name.place, name=name.text, pattern=node)
        return node

    def simple_pattern(self):
        token = self.token
        if token.kind == "name" and not self.qualified():
            return Node("bind", self.take().place, name=token.text, pattern=Node("any", token.place))
        if token.kind in ("name", "tag"):
            return self.tag_pattern()
        if token.kind == "text":
            return self.text_pattern()
        if token.kind == "number" or (self.sees("-") and not token.after):
            minus = self.accept("-")
            return Node("literal", token.place, value=self.number(self.word("number")), negative=bool(minus))
        if self.sees("true", "false", "none"):
            value = {"true": True, "false": False}.get(self.take().text)
            return Node("literal", token.place, value=Node("constant", token.place, value=value), negative=False)
        if self.accept("_"):
            return Node("any", token.place)
        if self.accept("("):
            self.brackets += 1
            inside = self.pattern()
            self.expect(")")
            self.brackets -= 1
            return inside
        if self.accept("["):
            return self.list_pattern(token.place)
        if self.accept("{"):
            return Node("fields", token.place, fields=self.listed("}", self.field_pattern))
        raise self.unexpected()

    def qualified(self):
        following = self.tokens[self.at + 1]
        return following.kind == "op" and following.text == "."

    def tag_pattern(self):
        module = None
        if self.token.kind == "name":
            name = self.take()
            module = Node("name", name.place, name=name.text)
            self.expect(".")
        tag = self.word("tag")
        parts = self.listed(")", self.pattern) if self.accept("(") else []
        return Node("tagged", tag.place, tag=tag.text, module=module, parts=parts)

    def text_pattern(self):
        token = self.token
        if any(not isinstance(part, str) for part in token.value):
            raise self.unexpected()
        self.take()
        return Node("literal", token.place, value=self.text(token), negative=False)

    def list_pattern(self, place):
        rest = []

        def item():
            if rest:
                raise self.unexpected()
            if self.accept("..."):
                name = self.take() if self.sees("_") else self.word()
                rest.append(name)
                return None
            return self.pattern()

        items = [found for found in self.listed("]", item) if found is not None]
        return Node("sequence", place, items=items, rest=rest[0] if rest else None)

    def field_pattern(self):
        """Return (name, pattern); a name alone is also the pattern."""
        name = self.word()
        if self.accept(":"):
            return name.text, self.pattern()
        return name.text, Node("bind", name.place, name=name.text, pattern=Node("any", name.place))


def parse(module, source):
    return Parser(module, Lexer(module, source).run()).program()
