"""Trees to code for the machine, with all checks that are made before a program runs.

Each method for an expression returns its sort, what is known of the unit of its value: a unit (tuple) for a number with
that unit, None where nothing is known. Units are compared in checked modules only.
"""

from fractions import Fraction

from . import coverage, machine
from .natives import NATIVES
from .scopes import Function, Loop, Scope, Slot
from .values import DONE, ERROR, ITEM, Family, Number, combine, exact, raised_unit, unit_text

BUILTIN_TAGS = {tag.name: tag for tag in (ITEM, DONE, ERROR)}
BUILTIN_FAMILIES = ("Step", "Error")
SAME_UNIT = ("+", "-", "%", "//")
KEEPS_UNIT = ("abs", "floor")


class Code:
    def __init__(self, name, module):
        self.name, self.module = name, module
        self.steps, self.params, self.result, self.place = [], [], None, None
        self.size = 1


def count_text(count, what):
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


class Compiler:
    def __init__(self, module, program):
        self.module, self.program = module, program
        self.checked = module.tree.checked
        self.scope, self.code = module.scope, Code(None, module.name)

    # -- helpers

    def fault(self, place, message):
        self.module.find_fault(place, message)

    def emit(self, operation, arg=None, place=None):
        self.code.steps.append([operation, arg, place])
        return len(self.code.steps) - 1

    def here(self):
        return len(self.code.steps)

    def patch(self, at, arg=None):
        self.code.steps[at][1] = self.here() if arg is None else arg

    def declare(self, name, place, slot):
        if not self.scope.declare(name, slot):
            self.fault(place, f"{name} is already declared")
        return slot

    def unit_of(self, factors):
        """Return (factor, unit in base units) of a written unit, or None where it is not known."""
        total, unit, known = Fraction(1), (), True
        for name, exponent, place in factors:
            if name not in self.program.units:
                self.fault(place, f"unit {name} is not known")
                known = False
                continue
            factor, base = self.program.units[name]
            total, unit = total * factor**exponent, combine(unit, raised_unit(base, exponent))
        return (total, unit) if known else None

    def annotation(self, factors):
        found = None if factors is None else self.unit_of(factors)
        return None if found is None else found[1]

    def compare_units(self, place, operator, left, right):
        if self.checked and isinstance(left, tuple) and isinstance(right, tuple) and left != right:
            self.fault(place, f"{operator} does not take {unit_text(left)} and {unit_text(right)}")

    def needs(self, place, name, unit, sort):
        if self.checked and unit is not None and isinstance(sort, tuple) and sort != unit:
            self.fault(place, f"{name} needs {unit_text(unit)}, not {unit_text(sort)}")

    # -- modules

    def compile_module(self):
        for use in self.module.tree.uses:
            self.use(use)
        for node in self.module.tree.body:
            if node.kind == "type":
                self.declare_type(node)
        self.statements(self.module.tree.body)
        self.emit(machine.end_module)
        self.code.size = self.scope.size
        self.module.code = self.code
        self.module.exports |= {
            name: slot
            for name, slot in self.scope.slots.items()
            if slot.kind in ("let", "var", "fn") and not name.startswith("_")
        }

    def use(self, node):
        module = self.program.modules[node.name]
        if node.names is None:
            self.declare(node.alias, node.place, Slot("module", module=module))
            return
        for token in node.names:
            if token.kind == "tag":
                tag = module.tags.get(token.text)
                if tag is None:
                    self.fault(token.place, f"{node.name} has no {token.text}")
                else:
                    self.add_tag(token.text, token.place, tag, own=False)
            elif token.text not in module.exports:
                self.fault(token.place, f"{node.name} has no {token.text}")
            else:
                slot = module.exports[token.text]
                self.declare(token.text, token.place, Slot("import", node=slot, module=module))

    def add_tag(self, name, place, tag, own=True):
        if name in BUILTIN_TAGS or name in self.module.all_tags:
            self.fault(place, f"{name} is already declared")
            return
        self.module.all_tags[name] = tag
        if own:
            self.module.tags[name] = tag

    def declare_type(self, node):
        if node.name in BUILTIN_FAMILIES or node.name in self.module.families:
            self.fault(node.name_place, f"type {node.name} is already declared")
        self.module.families[node.name] = family = Family(node.name)
        for tag in node.tags:
            names = []
            for field in tag.fields:
                if field.text in names:
                    self.fault(field.place, f"{field.text} is already declared")
                names.append(field.text)
            self.add_tag(tag.name, tag.place, family.add(tag.name, names))

    # -- blocks and statements

    def statements(self, body):
        """Compile statements in the present scope; functions are there from its beginning."""
        hoisted = {}
        for node in body:
            if node.kind == "fn":
                units = [self.annotation(param.unit) for param in node.params]
                slot = Slot("fn", node=(node, units), unit=self.annotation(node.result))
                if self.scope.declare(node.name, slot):
                    hoisted[node.name] = (self.emit(machine.closure), slot)
                    self.emit(machine.set_slot, slot.index)
        for node in body:
            if node.kind == "fn":
                self.named_function(node, hoisted)
            elif node.kind not in ("type", "unit"):
                self.emit(machine.step, None, getattr(node, "start", node.place))
                getattr(self, f"do_{node.kind}")(node)

    def named_function(self, node, hoisted):
        code = self.function(node)
        at, slot = hoisted.get(node.name, (None, None))
        if slot is not None and slot.node[0] is node:
            self.patch(at, code)
        else:
            self.fault(node.name_place, f"{node.name} is already declared")

    def enter_scope(self):
        self.scope = Scope(self.scope)
        self.scope.function.marks.append("scope")
        return self.emit(machine.push_scope)

    def leave_scope(self, at):
        self.patch(at, self.scope.size)
        self.scope.function.marks.pop()
        self.emit(machine.pop_scope)
        self.scope = self.scope.parent

    def block(self, body):
        at = self.enter_scope()
        self.statements(body)
        self.leave_scope(at)

    def do_let(self, node):
        sort = self.expression(node.value)
        unit = self.annotation(node.unit)
        if unit is not None:
            self.emit(machine.check_unit, (node.name, unit), node.place)
        slot = Slot(node.kind, sort=sort if unit is None else unit, unit=unit)
        self.declare(node.name, node.place, slot)
        self.needs(node.place, node.name, unit, sort)
        self.emit(machine.set_slot, slot.index)

    do_var = do_let

    def do_assign(self, node):
        sort = self.expression(node.value)
        slot, hops = self.scope.find(node.name)
        if slot is None:
            known = node.name in NATIVES
            self.fault(node.place, f"{node.name} cannot be assigned" if known else f"{node.name} is not known")
        elif slot.kind != "var":
            self.fault(node.place, f"{node.name} cannot be assigned")
        else:
            if slot.unit is not None:
                self.emit(machine.check_unit, (node.name, slot.unit), node.place)
            self.needs(node.place, node.name, slot.sort if isinstance(slot.sort, tuple) else None, sort)
            self.emit(machine.assign, (hops, slot.index, node.name), node.place)

    def do_expression(self, node):
        self.expression(node.value)
        self.emit(machine.drop)

    def do_say(self, node):
        self.expression(node.value)
        self.emit(machine.say)

    def do_fail(self, node):
        self.expression(node.value)
        self.emit(machine.fail, None, node.place)

    def do_return(self, node):
        function = self.scope.function
        if function.node is None:
            self.fault(node.place, "return outside a function")
        if "defer" in function.marks:
            self.fault(node.place, "return inside defer")
        if node.value is None:
            self.emit(machine.constant, None)
        else:
            sort = self.tail(node.value)
            self.check_result(node.place, function, sort)
        self.emit(machine.give_back, None, node.place)

    def check_result(self, place, function, sort):
        if self.checked and function.unit is not None and isinstance(sort, tuple) and sort != function.unit:
            name = function.node.name or "fn"
            self.fault(place, f"{name} must return {unit_text(function.unit)}, not {unit_text(sort)}")

    def leave_loop(self, node, kind):
        """Emit what must be left between here and the innermost loop; return the loop."""
        marks = self.scope.function.marks
        for mark in reversed(marks):
            if mark == "scope":
                self.emit(machine.pop_scope)
            elif mark == "try":
                self.emit(machine.end_try)
            elif isinstance(mark, Loop):
                return mark
            else:
                break
        self.fault(node.place, f"{kind} outside a loop")
        return Loop()

    def do_break(self, node):
        loop = self.leave_loop(node, "break")
        loop.breaks.append(self.emit(machine.jump))

    def do_continue(self, node):
        loop = self.leave_loop(node, "continue")
        loop.continues.append(self.emit(machine.jump))

    def do_if(self, node):
        ends = []
        for place, word, test, body in node.tests:
            self.expression(test)
            skip = self.emit(machine.jump_unless, None, place)
            self.block(body)
            ends.append(self.emit(machine.jump))
            self.patch(skip, (self.here(), word))
        if node.otherwise is not None:
            self.block(node.otherwise)
        for end in ends:
            self.patch(end)

    def loop_body(self, loop, node, start, named=None):
        """Compile the body of a loop and the jump back to its start."""
        self.emit(machine.step, None, node.place)
        marks = self.scope.function.marks
        marks.append(loop)
        at = self.enter_scope()
        if named is not None:
            self.emit(machine.set_slot, self.declare(named, node.name_place, Slot("let")).index)
        self.block(node.body)
        self.leave_scope(at)
        marks.pop()
        for jump in loop.continues:
            self.patch(jump)
        self.emit(machine.jump, start)

    def do_while(self, node):
        loop, start = Loop(), self.here()
        self.expression(node.test)
        leave = self.emit(machine.jump_unless, None, node.place)
        self.loop_body(loop, node, start)
        self.patch(leave, (self.here(), "while"))
        for jump in loop.breaks:
            self.patch(jump)

    def do_for(self, node):
        self.expression(node.items)
        self.emit(machine.start_for, None, node.place)
        loop, start = Loop(), self.here()
        self.emit(machine.next_item, None, node.place)
        leave = self.emit(machine.item_or_jump)
        self.loop_body(loop, node, start, node.name)
        self.patch(leave)
        for jump in loop.breaks:
            self.patch(jump)
        self.emit(machine.drop)

    def do_try(self, node):
        marks = self.scope.function.marks
        start = self.emit(machine.begin_try)
        marks.append("try")
        self.block(node.body)
        marks.pop()
        self.emit(machine.end_try)
        end = self.emit(machine.jump)
        self.patch(start)
        at = self.enter_scope()
        if node.name == "_":
            self.emit(machine.drop)
        else:
            slot = self.declare(node.name, node.name_place, Slot("let"))
            self.emit(machine.set_slot, slot.index)
        self.block(node.rescue)
        self.leave_scope(at)
        self.patch(end)

    def do_defer(self, node):
        function = self.scope.function
        if function.node is None:
            self.fault(node.place, "defer outside a function")
        elif "defer" in function.marks:
            self.fault(node.place, "defer inside defer")
        outer, self.code = self.code, Code(None, self.module.name)
        function.marks.append("defer")
        self.block(node.body)
        function.marks.pop()
        self.emit(machine.constant, None)
        self.emit(machine.give_back)
        inner, self.code = self.code, outer
        self.emit(machine.defer, inner)

    # -- functions

    def function(self, node):
        """Return the code of a function."""
        outer = self.code, self.scope
        self.code = code = Code(node.name, self.module.name)
        code.result, code.place = self.annotation(node.result), node.place
        self.scope = Scope(self.scope, Function(node, code.result))
        for param in node.params:
            unit = self.annotation(param.unit)
            self.declare(param.name, param.place, Slot("let", sort=unit))
            code.params.append((param.name, unit))
        if node.short:
            sort = self.tail(node.body)
            self.check_result(node.place, self.scope.function, sort)
        else:
            self.block(node.body)
            self.emit(machine.constant, None)
        self.emit(machine.give_back, None, node.place)
        self.code, self.scope = outer
        return code

    def tail(self, node):
        """Compile an expression whose value is returned."""
        function = self.scope.function
        plain_call = function.unit is not None or any(mark in ("try", "defer") for mark in function.marks)
        return self.expression(node, tail=not plain_call)

    # -- expressions

    def expression(self, node, tail=False):
        method = getattr(self, f"get_{node.kind}")
        if node.kind in ("call", "choose", "match"):
            return method(node, tail)
        return method(node)

    def get_number(self, node):
        value = self.number_of(node)
        self.emit(machine.constant, value)
        return value.unit

    def number_of(self, node):
        factor, unit = (node.unit is not None and self.unit_of(node.unit)) or (1, ())
        return Number(exact(node.value * factor), unit)

    def get_constant(self, node):
        self.emit(machine.constant, node.value)

    def get_text(self, node):
        forms = []
        for part in node.parts:
            if isinstance(part, str):
                forms.append(part)
            else:
                self.expression(part[0])
                forms.append(part[1])
        self.emit(machine.make_text, forms, node.place)

    def get_name(self, node):
        slot, hops = self.scope.find(node.name)
        if slot is None:
            if node.name not in NATIVES:
                self.fault(node.place, f"{node.name} is not known")
            self.emit(machine.constant, NATIVES.get(node.name))
            return None
        if slot.kind == "module":
            self.fault(node.place, f"{node.name} is a module")
            return None
        if slot.kind == "import":
            self.emit(machine.load_global, (slot.module.name, slot.node.index))
            return self.given_sort(slot.module, slot.node)
        self.emit(machine.load, (hops, slot.index, node.name), node.place)
        return slot.sort

    def given_sort(self, module, slot):
        """Return what is known of a name of another module: where that is not checked, annotations alone count."""
        return slot.sort if module.tree.checked or slot.kind == "fn" else slot.unit

    def module_named(self, node):
        """Return the module that a name stands for, or None."""
        slot = self.scope.find(node.name)[0] if node.kind == "name" else None
        return slot.module if slot is not None and slot.kind == "module" else None

    def get_field(self, node):
        module = self.module_named(node.value)
        if module is None:
            self.expression(node.value)
            self.emit(machine.field, node.name, node.place)
            return None
        slot = module.exports.get(node.name)
        if slot is None:
            self.fault(node.place, f"{module.name} has no {node.name}")
            return None
        self.emit(machine.load_global, (module.name, slot.index))
        return self.given_sort(module, slot)

    def tag_of(self, node):
        """Return the tag that is meant, or None after a finding."""
        if node.module is not None:
            module = self.module_named(node.module)
            if module is None:
                self.fault(node.module.place, f"{node.module.name} is not a module")
                return None
            if node.tag not in module.tags:
                self.fault(node.place, f"{module.name} has no {node.tag}")
            return module.tags.get(node.tag)
        tag = self.module.all_tags.get(node.tag) or BUILTIN_TAGS.get(node.tag)
        if tag is None:
            self.fault(node.place, f"tag {node.tag} is not known")
        return tag

    def check_count(self, node, tag, count):
        if tag is not None and len(tag.fields) != count:
            self.fault(node.place, f"{tag.name} has {count_text(len(tag.fields), 'field')}, not {count}")
            return False
        return tag is not None

    def get_construct(self, node):
        tag = self.tag_of(node)
        self.check_count(node, tag, len(node.args))
        for arg in node.args:
            self.expression(arg)
        self.emit(machine.construct, (tag, len(node.args)))

    def get_list(self, node):
        for item in node.items:
            self.expression(item)
        self.emit(machine.make_list, len(node.items))

    def get_record(self, node):
        names = []
        for name, place, value in node.fields:
            if name is not None and name in names:
                self.fault(place, f"{name} is already declared")
            self.expression(value)
            names.append(name)
        self.emit(machine.make_record, (names, [place for _, place, _ in node.fields]), node.place)

    def get_index(self, node):
        self.expression(node.value)
        self.expression(node.index)
        self.emit(machine.index, None, node.place)

    def get_minus(self, node):
        sort = self.expression(node.value)
        self.emit(machine.minus, None, node.place)
        return sort if isinstance(sort, tuple) else None

    def get_not(self, node):
        self.expression(node.value)
        self.emit(machine.negate, None, node.place)

    def get_and(self, node):
        self.expression(node.left)
        skip = self.emit(machine.short_cut, None, node.place)
        self.expression(node.right)
        self.emit(machine.need_bool, node.op, node.place)
        self.patch(skip, (self.here(), node.op))

    get_or = get_and

    def get_binary(self, node):
        left = self.expression(node.left)
        right = self.expression(node.right)
        self.emit(machine.binary, machine.ARITHMETIC[node.op], node.place)
        if node.op in SAME_UNIT:
            self.compare_units(node.place, node.op, left, right)
        return self.binary_sort(node, left, right)

    def binary_sort(self, node, left, right):
        known = isinstance(left, tuple), isinstance(right, tuple)
        if node.op in ("&", ".."):
            return None
        if node.op == "//":
            return ()
        if node.op in SAME_UNIT:
            return left if known[0] else right if known[1] else None
        if node.op in ("*", "/"):
            return combine(left, right, 1 if node.op == "*" else -1) if all(known) else None
        exponent = self.literal_exponent(node.right)
        if left == ():
            return ()
        return raised_unit(left, exponent) if known[0] and exponent is not None else None

    def literal_exponent(self, node):
        """Return the exponent where it is written as a whole number, with or without minus."""
        sign = 1
        while node.kind == "minus":
            sign, node = -sign, node.value
        if node.kind == "number" and node.unit is None and node.value.denominator == 1:
            return sign * int(node.value)
        return None

    def get_compare(self, node):
        sorts = [self.expression(node.operands[0])]
        ends = []
        for number, (sign, operand) in enumerate(zip(node.signs, node.operands[1:], strict=False)):
            sorts.append(self.expression(operand))
            self.compare_units(sign.place, sign.text, *sorts[-2:])
            if number + 1 < len(node.signs):
                ends.append((self.emit(machine.compare_on, None, sign.place), sign.text))
            else:
                self.emit(machine.compare, sign.text, sign.place)
        for at, text in ends:
            self.patch(at, (self.here(), text))

    def get_choose(self, node, tail):
        self.expression(node.test)
        skip = self.emit(machine.jump_unless, None, node.place)
        yes = self.expression(node.yes, tail)
        end = self.emit(machine.jump)
        self.patch(skip, (self.here(), "if"))
        no = self.expression(node.no, tail)
        self.patch(end)
        return self.joined(node.place, "if", [yes, no])

    def joined(self, place, word, sorts):
        """Return the sort of what has one of several values."""
        units = [sort for sort in sorts if isinstance(sort, tuple)]
        for unit in units[1:]:
            if unit != units[0]:
                if self.checked:
                    self.fault(place, f"{word} gives {unit_text(units[0])} and {unit_text(unit)}")
                return None
        if len(units) == len(sorts):
            return units[0]
        return None

    def get_fn(self, node):
        self.emit(machine.closure, self.function(node))

    def get_call(self, node, tail):
        sorts = [self.expression(part) for part in [node.callee, *node.args]][1:]
        self.emit(machine.tail_call if tail else machine.call, len(node.args), node.place)
        slot = self.callee_slot(node.callee)
        if slot is None:
            return self.native_sort(node, sorts)
        if slot.kind != "fn":
            return None
        function, units = slot.node
        if self.checked and len(units) != len(sorts):
            self.fault(node.place, f"{function.name} takes {count_text(len(units), 'argument')}, not {len(sorts)}")
        for param, unit, sort in zip(function.params, units, sorts, strict=False):
            if self.checked and unit is not None and isinstance(sort, tuple) and sort != unit:
                self.fault(
                    node.place, f"{function.name} needs {unit_text(unit)} for {param.name}, not {unit_text(sort)}"
                )
        return slot.unit

    def callee_slot(self, callee):
        """Return the slot of a callee that is a name or a name of a module."""
        if callee.kind == "name":
            slot = self.scope.find(callee.name)[0]
            return slot.node if slot is not None and slot.kind == "import" else slot
        if callee.kind == "field" and (module := self.module_named(callee.value)) is not None:
            return module.exports.get(callee.name, Slot("let"))
        return Slot("let")

    def native_sort(self, node, sorts):
        name = node.callee.name
        if name in KEEPS_UNIT and len(sorts) == 1:
            return sorts[0] if isinstance(sorts[0], tuple) else None
        if name in ("min", "max") and len(sorts) == 2:
            self.compare_units(node.place, name, *sorts)
            return sorts[0] if isinstance(sorts[0], tuple) else sorts[1] if isinstance(sorts[1], tuple) else None
        return () if name in ("bare", "len", "steps") else None

    # -- match

    def do_match(self, node):
        self.match(node, tail=False)

    def get_match(self, node, tail):
        return self.match(node, tail)

    def match(self, node, tail):
        self.expression(node.value)
        ends, sorts, patterns = [], [], []
        for arm in node.arms:
            at = self.enter_scope()
            pattern = self.pattern(arm.pattern, {})
            patterns.append(pattern)
            skips = [self.emit(machine.match_or_jump, None)]
            if arm.guard is not None:
                self.expression(arm.guard[1])
                skips.append(self.emit(machine.jump_unless, None, arm.guard[0]))
            self.emit(machine.drop)  # the value; what follows may leave the function, or leave a value of its own
            sorts.append(self.arm_body(node, arm, tail))
            self.leave_scope(at)
            ends.append(self.emit(machine.jump))
            self.patch(skips[0], (pattern, self.here()))
            for skip in skips[1:]:
                self.patch(skip, (self.here(), "if"))
            self.emit(machine.pop_scope)
        self.emit(machine.no_arm, None, node.place)
        for end in ends:
            self.patch(end)
        if all(pattern is not None for pattern in patterns):
            self.check_coverage(node, patterns)
        return None if node.statement or not sorts else self.joined(node.place, "match", sorts)

    def arm_body(self, node, arm, tail):
        if not arm.short:
            self.block(arm.body)
            return None
        sort = self.expression(arm.body, tail)
        if node.statement:
            self.emit(machine.drop)
        return sort

    def check_coverage(self, node, patterns):
        rows = []
        for arm, pattern in zip(node.arms, patterns, strict=False):
            if not coverage.useful(rows, [pattern]):
                self.fault(arm.place, "arm is never reached")
            if arm.guard is None:
                rows.append([pattern])
        left_out = coverage.missing(rows, 1)
        if left_out is not None:
            self.fault(node.place, f"match does not cover {left_out[0]}")

    def bound(self, name, place, names):
        if name in names:
            self.fault(place, f"{name} is bound twice")
            return names[name]
        slot = self.scope.slots.get(name) or self.declare(name, place, Slot("let"))
        names[name] = slot.index
        return slot.index

    def pattern(self, node, names):
        """Return the pattern as tuples (see coverage), or None after a finding; *names* gets what it binds."""
        return getattr(self, f"pattern_{node.kind}")(node, names)

    def patterns(self, nodes, names):
        found = [self.pattern(node, names) for node in nodes]
        return None if any(pattern is None for pattern in found) else found

    def pattern_any(self, _node, _names):
        return coverage.ANY

    def pattern_bind(self, node, names):
        inner = self.pattern(node.pattern, names)
        index = self.bound(node.name, node.place, names)
        return None if inner is None else ("bind", index, inner)

    def pattern_literal(self, node, _names):
        if node.value.kind == "number":
            number = self.number_of(node.value)
            return ("literal", Number(-number.value if node.negative else number.value, number.unit))
        if node.value.kind == "text":
            return ("literal", "".join(node.value.parts))
        return ("literal", node.value.value)

    def pattern_tagged(self, node, names):
        tag = self.tag_of(node)
        fits = self.check_count(node, tag, len(node.parts))
        parts = self.patterns(node.parts, names)
        return ("tagged", tag, parts) if fits and parts is not None else None

    def pattern_sequence(self, node, names):
        items = self.patterns(node.items, names)
        rest = None
        if node.rest is not None:
            rest = ("slot", None if node.rest.text == "_" else self.bound(node.rest.text, node.rest.place, names))
        return None if items is None else ("sequence", items, rest)

    def pattern_fields(self, node, names):
        fields = {}
        for name, inner in node.fields:
            pattern = self.pattern(inner, names)
            if name in fields:
                self.fault(inner.place, f"{name} is already declared")
            fields[name] = pattern
        return None if None in fields.values() else ("fields", fields)

    def pattern_either(self, node, names):
        """Alternatives must bind the same names; these share their slots."""
        sets, choices = [], []
        for choice in node.choices:
            inner = {}
            choices.append(self.pattern(choice, inner))
            sets.append(inner)
        if any(found.keys() != sets[0].keys() for found in sets):
            self.fault(node.place, "alternatives bind different names")
        for found in sets:
            for name in sorted(found.keys() & names.keys()):
                self.fault(node.place, f"{name} is bound twice")
        for found in sets:
            names.update(found)
        return None if any(choice is None for choice in choices) else ("either", choices)
