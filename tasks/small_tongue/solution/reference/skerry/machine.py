"""The machine: code is a list of steps [operation, argument, place], and frames are data, so nothing recurses.

An operation is a function of the machine, the frame, the argument and the place.
"""

from fractions import Fraction

from . import values
from .errors import Raised
from .values import Number, Record, Tagged, exact, kind_of, plain, unit_text

UNSET = object()
NOTHING = object()  # what a native returns that goes on elsewhere
LARGEST_EXPONENT, LONGEST_RANGE = 1000, 10_000


# -- arithmetic: functions of the sign and two values


def numbers(sign, left, right, same_unit):
    if type(left) is not Number or type(right) is not Number:
        raise Raised("kind", f"{sign} does not take {kind_of(left)} and {kind_of(right)}")
    if same_unit and left.unit != right.unit:
        raise Raised("unit", f"{sign} does not take {unit_text(left.unit)} and {unit_text(right.unit)}")


def divisor(right):
    if right.value == 0:
        raise Raised("zero", "division by zero")


def add(left, right):
    numbers("+", left, right, True)
    return Number(exact(left.value + right.value), left.unit)


def subtract(left, right):
    numbers("-", left, right, True)
    return Number(exact(left.value - right.value), left.unit)


def multiply(left, right):
    numbers("*", left, right, False)
    return Number(exact(left.value * right.value), values.combine(left.unit, right.unit))


def divide(left, right):
    numbers("/", left, right, False)
    divisor(right)
    return Number(exact(Fraction(left.value) / right.value), values.combine(left.unit, right.unit, -1))


def floor_divide(left, right):
    numbers("//", left, right, True)
    divisor(right)
    return plain(left.value // right.value)


def remainder(left, right):
    numbers("%", left, right, True)
    divisor(right)
    return Number(exact(left.value % right.value), left.unit)


def power(left, right):
    numbers("^", left, right, False)
    if right.unit or right.value.denominator != 1:
        raise Raised("number", "exponent is not a whole number")
    exponent = int(right.value)
    if abs(exponent) > LARGEST_EXPONENT:
        raise Raised("limit", "exponent is too large")
    if exponent < 0:
        divisor(left)
    return Number(exact(Fraction(left.value) ** exponent), values.raised_unit(left.unit, exponent))


def join(left, right):
    if type(left) is not type(right) or type(left) not in (str, tuple):
        raise Raised("kind", f"& does not take {kind_of(left)} and {kind_of(right)}")
    return left + right


def make_range(left, right):
    numbers("..", left, right, False)
    if left.unit or right.unit or left.value.denominator != 1 or right.value.denominator != 1:
        raise Raised("number", "range needs whole numbers")
    first, last = int(left.value), int(right.value)
    if last - first >= LONGEST_RANGE:
        raise Raised("limit", "range is too long")
    return tuple(plain(n) for n in range(first, last + 1))


ARITHMETIC = {"+": add, "-": subtract, "*": multiply, "/": divide, "//": floor_divide, "%": remainder}
ARITHMETIC |= {"^": power, "&": join, "..": make_range}


def compared(sign, left, right):
    if sign in ("==", "!="):
        return values.equal(left, right) == (sign == "==")
    if type(left) is str and type(right) is str:
        one, other = left, right
    else:
        numbers(sign, left, right, True)
        one, other = left.value, right.value
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[sign]


def need_truth(value, word):
    if type(value) is not bool:
        raise Raised("kind", f"{word} needs bool, not {kind_of(value)}")
    return value


def check_kind(value, name, unit):
    """Raise an error unless the value is a number with the unit."""
    if type(value) is not Number:
        raise Raised("kind", f"{name} needs {unit_text(unit)}, not {kind_of(value)}")
    if value.unit != unit:
        raise Raised("unit", f"{name} needs {unit_text(unit)}, not {unit_text(value.unit)}")


# -- operations: steps, names and jumps


def step(vm, frame, arg, place):
    if vm.steps == vm.budget:
        vm.out_of_steps(vm.place_text(frame, place))
    vm.steps += 1


def constant(vm, frame, value, place):
    frame.stack.append(value)


def drop(vm, frame, arg, place):
    frame.stack.pop()


def load(vm, frame, arg, place):
    hops, index, name = arg
    env = frame.env
    for _ in range(hops):
        env = env[0]
    if env[index] is UNSET:
        raise Raised("unset", f"{name} is not set yet")
    frame.stack.append(env[index])


def load_global(vm, frame, arg, place):
    module, index = arg
    frame.stack.append(vm.environments[module][index])


def set_slot(vm, frame, index, place):
    frame.env[index] = frame.stack.pop()


def assign(vm, frame, arg, place):
    hops, index, name = arg
    env = frame.env
    for _ in range(hops):
        env = env[0]
    if env[index] is UNSET:
        raise Raised("unset", f"{name} is not set yet")
    env[index] = frame.stack.pop()


def check_unit(vm, frame, arg, place):
    check_kind(frame.stack[-1], *arg)


def push_scope(vm, frame, size, place):
    frame.env = [frame.env, *[UNSET] * (size - 1)]


def pop_scope(vm, frame, arg, place):
    frame.env = frame.env[0]


def jump(vm, frame, target, place):
    frame.at = target


def jump_unless(vm, frame, arg, place):
    target, word = arg
    if not need_truth(frame.stack.pop(), word):
        frame.at = target


def short_cut(vm, frame, arg, place):
    target, word = arg
    if need_truth(frame.stack[-1], word) == (word == "or"):
        frame.at = target
    else:
        frame.stack.pop()


def need_bool(vm, frame, word, place):
    need_truth(frame.stack[-1], word)


# -- operations: expressions


def binary(vm, frame, function, place):
    right = frame.stack.pop()
    frame.stack.append(function(frame.stack.pop(), right))


def compare(vm, frame, sign, place):
    right = frame.stack.pop()
    frame.stack.append(compared(sign, frame.stack.pop(), right))


def compare_on(vm, frame, arg, place):
    """One of several comparisons: goes on with its right side, or is the whole result."""
    target, sign = arg
    right = frame.stack.pop()
    if compared(sign, frame.stack.pop(), right):
        frame.stack.append(right)
    else:
        frame.stack.append(False)
        frame.at = target


def minus(vm, frame, arg, place):
    value = frame.stack.pop()
    if type(value) is not Number:
        raise Raised("kind", f"- does not take {kind_of(value)}")
    frame.stack.append(Number(-value.value, value.unit))


def negate(vm, frame, arg, place):
    frame.stack.append(not need_truth(frame.stack.pop(), "not"))


def popped(frame, count):
    if count == 0:
        return []
    items = frame.stack[-count:]
    del frame.stack[-count:]
    return items


def make_text(vm, frame, forms, place):
    found = iter(popped(frame, sum(not isinstance(form, str) for form in forms)))
    parts = [form if isinstance(form, str) else values.formatted(next(found), form) for form in forms]
    frame.stack.append("".join(parts))


def make_list(vm, frame, count, place):
    frame.stack.append(tuple(popped(frame, count)))


def make_record(vm, frame, arg, place):
    names, places = arg
    fields = {}
    for name, where, item in zip(names, places, popped(frame, len(names)), strict=True):
        if name is not None:
            fields[name] = item
        elif type(item) is Record:
            fields.update(item.fields)
        else:
            raise Raised("kind", f"... needs record, not {kind_of(item)}", vm.place_text(frame, where))
    frame.stack.append(Record(fields))


def construct(vm, frame, arg, place):
    tag, count = arg
    frame.stack.append(Tagged(tag, tuple(popped(frame, count))))


def field(vm, frame, name, place):
    value = frame.stack.pop()
    if type(value) is Record:
        found = value.fields
    elif type(value) is Tagged:
        found = dict(zip(value.tag.fields, value.parts, strict=False))
    else:
        raise Raised("kind", f"{kind_of(value)} has no fields")
    if name not in found:
        raise Raised("field", f"there is no field {name}")
    frame.stack.append(found[name])


def list_place(items, number):
    """Return the place in a Python sequence that a number from 1, or from -1 at the end, stands for."""
    if type(number) is not Number:
        raise Raised("kind", f"index needs number, not {kind_of(number)}")
    if number.unit or number.value.denominator != 1:
        raise Raised("number", "index is not a whole number")
    at = int(number.value)
    if at == 0 or abs(at) > len(items):
        raise Raised("index", f"index {at} is outside 1..{len(items)}")
    return at - 1 if at > 0 else len(items) + at


def index(vm, frame, arg, place):
    number = frame.stack.pop()
    value = frame.stack.pop()
    if type(value) not in (tuple, str):
        raise Raised("kind", f"{kind_of(value)} has no index")
    frame.stack.append(value[list_place(value, number)])


def say(vm, frame, arg, place):
    vm.output.append(values.text_of(frame.stack.pop()) + "\n")


# -- operations: functions and errors


def closure(vm, frame, code, place):
    frame.stack.append(values.Closure(code, frame.env))


def call(vm, frame, count, place):
    args = popped(frame, count)
    vm.call(frame.stack.pop(), args, vm.place_text(frame, place))


def tail_call(vm, frame, count, place):
    args = popped(frame, count)
    vm.call(frame.stack.pop(), args, vm.place_text(frame, place), replace=not frame.deferred)


def give_back(vm, frame, arg, place):
    value = frame.stack.pop()
    if frame.code.result is not None:
        check_result(frame.code, value)
    frame.handlers.clear()
    vm.leave("return", value)


def check_result(code, value):
    name = code.name or "fn"
    if type(value) is not Number:
        raise Raised("kind", f"{name} must return {unit_text(code.result)}, not {kind_of(value)}")
    if value.unit != code.result:
        raise Raised("unit", f"{name} must return {unit_text(code.result)}, not {unit_text(value.unit)}")


def end_module(vm, frame, arg, place):
    vm.leave("return", None)


def defer(vm, frame, code, place):
    frame.deferred.append((code, frame.env))


def begin_try(vm, frame, target, place):
    frame.handlers.append((target, len(frame.stack), frame.env))


def end_try(vm, frame, arg, place):
    frame.handlers.pop()


def fail(vm, frame, arg, place):
    value = frame.stack.pop()
    if type(value) is Tagged and value.tag is values.ERROR and all(type(part) is str for part in value.parts[:3]):
        kind, message, where, inner = value.parts
        raise Raised(kind, message, where, inner)
    raise Raised("fail", values.text_of(value), None, value)


# -- operations: loops and match


def start_for(vm, frame, arg, place):
    items = frame.stack.pop()
    kind = kind_of(items)
    if kind not in ("list", "feed"):
        raise Raised("kind", f"for needs list or feed, not {kind}")
    frame.stack.append([items, 0] if kind == "list" else items)


def next_item(vm, frame, arg, place):
    """Push Item(value) or Done(value): at once for lists, as soon as the feed gives one for feeds."""
    source = frame.stack[-1]
    if type(source) is not list:
        vm.resume(source, None, vm.place_text(frame, place))
        return
    items, at = source
    source[1] += 1
    frame.stack.append(Tagged(values.ITEM, (items[at],)) if at < len(items) else Tagged(values.DONE, (None,)))


def item_or_jump(vm, frame, target, place):
    found = frame.stack.pop()
    if found.tag is values.DONE:
        frame.at = target
    else:
        frame.stack.append(found.parts[0])


def match_or_jump(vm, frame, arg, place):
    pattern, target = arg
    if not matches(pattern, frame.stack[-1], frame.env):
        frame.at = target


def matches(pattern, value, env):
    """Return whether a value fits a pattern; put what its names stand for into the environment."""
    kind = pattern[0]
    if kind == "any":
        return True
    if kind == "bind":
        env[pattern[1]] = value
        return matches(pattern[2], value, env)
    if kind == "literal":
        return values.equal(pattern[1], value)
    if kind == "tagged":
        fits = type(value) is Tagged and value.tag is pattern[1]
        return fits and all(matches(inner, part, env) for inner, part in zip(pattern[2], value.parts, strict=False))
    if kind == "sequence":
        return fits_sequence(pattern, value, env)
    if kind == "fields":
        fits = type(value) is Record and pattern[1].keys() <= value.fields.keys()
        return fits and all(matches(inner, value.fields[name], env) for name, inner in pattern[1].items())
    return any(matches(choice, value, env) for choice in pattern[1])


def fits_sequence(pattern, value, env):
    _, items, rest = pattern
    if type(value) is not tuple or len(value) < len(items) or (rest is None and len(value) > len(items)):
        return False
    if rest is not None and rest[1] is not None:
        env[rest[1]] = value[len(items) :]
    return all(matches(inner, item, env) for inner, item in zip(items, value, strict=False))


def no_arm(vm, frame, arg, place):
    frame.stack.pop()
    raise Raised("match", "no arm matches")
