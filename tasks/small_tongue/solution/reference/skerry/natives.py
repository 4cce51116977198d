"""The built-in functions. Each gets the machine, the arguments and the place of the call as a text."""

import re

from . import lexer, values
from .errors import Raised
from .machine import NOTHING, list_place, numbers
from .values import Channel, Native, Number, Record, exact, kind_of, plain

NATIVES = {}


def native(count, more=False):
    def add(function):
        name = function.__name__.rstrip("_").removeprefix("native_")
        NATIVES[name] = Native(name, count, function, more)
        return function

    return add


def wants(name, value, *kinds):
    if kind_of(value) not in kinds:
        raise Raised("kind", f"{name} does not take {kind_of(value)}")


def whole_number(name, value):
    wants(name, value, "number")
    if value.unit or value.value.denominator != 1:
        raise Raised("number", f"{name} needs a whole number")
    return int(value.value)


# -- values


@native(1)
def native_len(vm, args, place):
    wants("len", args[0], "text", "list", "record")
    return plain(len(args[0].fields if type(args[0]) is Record else args[0]))


@native(1)
def native_text(vm, args, place):
    return values.text_of(args[0])


@native(1)
def native_kind(vm, args, place):
    return kind_of(args[0])


@native(1)
def native_number(vm, args, place):
    wants("number", args[0], "text")
    digits = args[0][1:] if args[0].startswith("-") else args[0]
    match = lexer.NUMBER.fullmatch(digits)
    if match is None:
        return None
    value = exact(lexer.number_value(match))
    return Number(-value if digits != args[0] else value)


@native(1)
def native_abs(vm, args, place):
    wants("abs", args[0], "number")
    return Number(abs(args[0].value), args[0].unit)


@native(1)
def native_floor(vm, args, place):
    wants("floor", args[0], "number")
    return Number(args[0].value // 1, args[0].unit)


@native(1)
def native_bare(vm, args, place):
    wants("bare", args[0], "number")
    return Number(args[0].value)


@native(2)
def native_min(vm, args, place):
    numbers("min", *args, True)
    return args[1] if args[1].value < args[0].value else args[0]


@native(2)
def native_max(vm, args, place):
    numbers("max", *args, True)
    return args[1] if args[1].value > args[0].value else args[0]


@native(2)
def native_push(vm, args, place):
    wants("push", args[0], "list")
    return (*args[0], args[1])


@native(3)
def native_set(vm, args, place):
    wants("set", args[0], "list")
    at = list_place(args[0], args[1])
    return (*args[0][:at], args[2], *args[0][at + 1 :])


@native(3)
def native_slice(vm, args, place):
    wants("slice", args[0], "list", "text")
    first, last = (whole_number("slice", arg) for arg in args[1:])
    return args[0][max(first, 1) - 1 : max(last, 0)]


@native(2)
def native_split(vm, args, place):
    wants("split", args[0], "text")
    wants("split", args[1], "text")
    return tuple(args[0].split(args[1]) if args[1] else args[0])


@native(2)
def native_join(vm, args, place):
    wants("join", args[0], "list")
    wants("join", args[1], "text")
    return args[1].join(values.text_of(item) for item in args[0])


@native(1)
def native_keys(vm, args, place):
    wants("keys", args[0], "record")
    return tuple(args[0].fields)


@native(2)
def native_get(vm, args, place):
    wants("get", args[0], "record")
    wants("get", args[1], "text")
    return args[0].fields.get(args[1])


@native(3)
def native_put_in(vm, args, place):
    wants("put_in", args[0], "record")
    wants("put_in", args[1], "text")
    if not re.fullmatch(r"[a-z_][A-Za-z0-9_]*", args[1]):
        raise Raised("field", f"{values.quoted(args[1])} is no name of a field")
    return Record({**args[0].fields, args[1]: args[2]})


@native(1)
def native_sort(vm, args, place):
    wants("sort", args[0], "list")
    items = args[0]
    for item in items[1:]:
        if type(item) is not str or type(items[0]) is not str:
            numbers("sort", items[0], item, True)
    if items and type(items[0]) is not str:
        wants("sort", items[0], "number")
    return tuple(sorted(items, key=lambda item: item if type(item) is str else item.value))


@native(0)
def native_ask(vm, args, place):
    return vm.next_line()


@native(0)
def native_steps(vm, args, place):
    return plain(vm.steps)


# -- feeds


@native(1, more=True)
def native_feed(vm, args, place):
    return vm.new_coroutine("feed", args, place)


@native(1)
def native_next(vm, args, place):
    wants("next", args[0], "feed")
    return vm.resume(args[0], None, place)


@native(2)
def native_send(vm, args, place):
    wants("send", args[0], "feed")
    return vm.resume(args[0], args[1], place)


@native(1)
def native_give(vm, args, place):
    return vm.give(args[0])


@native(1)
def native_stop(vm, args, place):
    wants("stop", args[0], "feed")
    return vm.stop(args[0], place)


# -- tasks and channels


@native(1, more=True)
def native_spawn(vm, args, place):
    return vm.spawn(vm.new_coroutine("task", args, place))


@native(1)
def native_wait(vm, args, place):
    wants("wait", args[0], "task")
    return vm.wait(args[0], place)


@native(0)
def native_pause(vm, args, place):
    return vm.pause()


@native(1)
def native_channel(vm, args, place):
    capacity = whole_number("channel", args[0])
    if capacity < 0:
        raise Raised("number", "channel needs a whole number")
    return Channel(capacity)


@native(2)
def native_put(vm, args, place):
    channel, value = args
    wants("put", channel, "channel")
    if channel.closed:
        raise Raised("channel", "channel is closed")
    if channel.takers:
        vm.wake(channel.takers[0], values.Tagged(values.ITEM, (value,)))
        return None
    if len(channel.held) < channel.capacity:
        channel.held.append(value)
        return None
    vm.block(channel.putters, place, value)
    return NOTHING


@native(1)
def native_take(vm, args, place):
    channel = args[0]
    wants("take", channel, "channel")
    if channel.held or channel.putters:
        if channel.putters:
            channel.held.append(channel.putters[0].offer)
            vm.wake(channel.putters[0], None)
        return values.Tagged(values.ITEM, (channel.held.pop(0),))
    if channel.closed:
        return values.Tagged(values.DONE, (None,))
    vm.block(channel.takers, place)
    return NOTHING


@native(1)
def native_close(vm, args, place):
    channel = args[0]
    wants("close", channel, "channel")
    channel.closed = True
    while channel.takers:
        vm.wake(channel.takers[0], values.Tagged(values.DONE, (None,)))
    while channel.putters:
        vm.wake_with_error(channel.putters[0], Raised("channel", "channel is closed"))
    return
