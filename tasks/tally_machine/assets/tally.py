"""The Tally: assembler, machine and runner. MANUAL.md tells what it does and what everything costs.

Usage: ``python3 tally.py PROGRAM CASES [--limit TICKS] [--lines]``. CASES is a JSON list of cases
``{"name": ..., "input": [words], "output": [words]}``; --lines shows where the ticks of the last case went.
"""

import argparse
import json
import re

BITS = 48
MASK = (1 << BITS) - 1
REGISTERS = 12
MEMORY = 8192
SHELF, YARD = 64, 512
ROW = 16
INPUT_AT = YARD
PROGRAM_BYTES = 65536
INSTRUCTIONS = 480
OUTPUTS = 1000

THREE = ["add", "sub", "mul", "and", "or", "xor", "shl", "shr", "min", "max", "lt", "eq", "sel"]
TWO = ["set", "cnt", "top"]
JUMPS = ["jlt", "jge", "jeq", "jne"]
#: The numbers of the operations, in the order in which the machine asks for them (the frequent ones first).
NUMBER = {name: n for n, name in enumerate([*THREE, *TWO, "ld", "st", *JUMPS, "jmp", "out", "halt"])}
FORMS = dict.fromkeys(THREE, "rxx") | dict.fromkeys(TWO, "rx") | dict.fromkeys(JUMPS, "xxl")
FORMS |= {"ld": "rxx", "st": "xxx", "jmp": "l", "out": "x", "halt": ""}
NUMERAL = re.compile(r"-?(0x[0-9a-fA-F]{1,12}|[0-9]{1,15})")


class Fault(Exception):
    """A program that cannot be read, or a run that went wrong."""


def numeral(text, line):
    """Return the word that a number in the program stands for."""
    if not text.isascii() or not NUMERAL.fullmatch(text):
        raise Fault(f"line {line}: not a register, number or label: {text[:40]!r}")
    value = int(text, 16 if "x" in text else 10)
    if abs(value) > MASK:
        raise Fault(f"line {line}: {text} does not fit into {BITS} bits")
    return value & MASK


def statements(source):
    """Return the labels (with the number of the instruction that follows) and the instructions with their lines."""
    labels, found = {}, []
    for line, text in enumerate(source.split("\n"), 1):
        text = text.split(";")[0].strip()
        while label := re.match(r"([A-Za-z_][A-Za-z0-9_]*):", text, re.ASCII):
            if label[1] in labels:
                raise Fault(f"line {line}: the label {label[1]} is there twice")
            labels[label[1]] = len(found)
            text = text[label.end() :].strip()
        if text:
            name, _, rest = text.partition(" ")
            found.append((line, name, [part.strip() for part in rest.split(",")] if rest.strip() else []))
    return labels, found


class Program:
    """A program made ready: per instruction its number, three operand slots and its line."""

    def __init__(self, source):
        labels, found = statements(source)
        if len(found) > INSTRUCTIONS:
            raise Fault(f"{len(found)} instructions, there is room for {INSTRUCTIONS}")
        #: Slots: the registers, then the constants of the program.
        self.slots = [0] * REGISTERS
        self.code = [self.instruction(labels, *statement) for statement in found]
        self.lines = [line for line, _, _ in found]

    def instruction(self, labels, line, name, operands):
        form = FORMS.get(name)
        if form is None:
            raise Fault(f"line {line}: no such instruction: {name[:40]!r}")
        if len(operands) != len(form):
            raise Fault(f"line {line}: {name} takes {len(form)} operands, not {len(operands)}")
        slots = []
        for kind, text in zip(form, operands, strict=True):
            if kind == "l":
                if text not in labels:
                    raise Fault(f"line {line}: no such label: {text[:40]!r}")
                slots.append(labels[text])
            elif re.fullmatch(r"r([0-9]|1[01])", text, re.ASCII):
                slots.append(int(text[1:]))
            elif kind == "r":
                raise Fault(f"line {line}: the result needs a register, not {text[:40]!r}")
            else:
                self.slots.append(numeral(text, line))
                slots.append(len(self.slots) - 1)
        return (NUMBER[name], *slots, *[0] * (3 - len(slots)))


def compute(op, a, b):
    """Return the result of an operation on two words."""
    if op == 0:
        return (a + b) & MASK
    if op == 1:
        return (a - b) & MASK
    if op == 3:
        return a & b
    if op == 4:
        return a | b
    if op == 6:
        return (a << b) & MASK if b < BITS else 0
    if op == 7:
        return a >> b if b < BITS else 0
    if op == 2:
        return (a * b) & MASK
    if op == 5:
        return a ^ b
    if op == 8:
        return a if a < b else b
    if op == 9:
        return a if a > b else b
    if op == 10:
        return 1 if a < b else 0
    return 1 if a == b else 0


def run(program, words, limit, profile=None):
    """Run a program on an input. Return (output, ticks); raise Fault where it goes wrong or exceeds the limit."""
    if len(words) > MEMORY - INPUT_AT:
        raise Fault("the input is too long")
    memory = [0] * MEMORY
    memory[INPUT_AT : INPUT_AT + len(words)] = words
    value = list(program.slots)
    ready = [0] * len(value)  # the tick at which a register may be named again; constants always may
    went = [False] * len(program.code)  # which way each jump went
    code, end, output = program.code, len(program.code), []
    gates_free, gates_row, shelf_free = [0, 0], [-1, -1], 0
    tick = at = 0
    while tick < limit:
        if at >= end:
            raise Fault("ran past the last instruction")
        here, before = at, tick
        op, d, a, b = code[at]
        at += 1
        if op < 22 and ready[d] > tick:
            tick = ready[d]
        if op < 12:
            if ready[a] > tick:
                tick = ready[a]
            if ready[b] > tick:
                tick = ready[b]
            value[d] = compute(op, value[a], value[b])
            ready[d] = tick + (4 if op == 2 else 1)
            tick += 1
        elif op < 16:
            if ready[a] > tick:
                tick = ready[a]
            if op == 12:
                if ready[b] > tick:
                    tick = ready[b]
                if value[a]:
                    value[d] = value[b]
            elif op == 13:
                value[d] = value[a]
            else:
                value[d] = bin(value[a]).count("1") if op == 14 else (value[a].bit_length() - 1) & MASK
            ready[d] = tick + (1 if op < 14 else 2)
            tick += 1
        elif op < 18:
            if ready[a] > tick:
                tick = ready[a]
            if ready[b] > tick:
                tick = ready[b]
            where = (value[a] + value[b]) & MASK
            if where >= YARD:
                if where >= MEMORY:
                    raise Fault(f"line {program.lines[here]}: there is no memory at {where}")
                row = where // ROW
                gate = row & 1
                if gates_free[gate] > tick:
                    tick = gates_free[gate]
                if gates_row[gate] == row:
                    gates_free[gate], dry = tick + 1, tick + 4
                else:
                    gates_row[gate] = row
                    gates_free[gate], dry = tick + 10, tick + 13
            elif where >= SHELF:
                if shelf_free > tick:
                    tick = shelf_free
                dry = tick + 5
                if op == 17:
                    shelf_free = tick + 4
            else:
                dry = tick + 2
            if op == 16:
                value[d] = memory[where]
                ready[d] = dry
            else:
                memory[where] = value[d]
            tick += 1
        elif op < 22:
            if ready[a] > tick:
                tick = ready[a]
            x, y = value[d], value[a]
            if op == 18:
                goes = x < y
            elif op == 19:
                goes = x >= y
            elif op == 20:
                goes = x == y
            else:
                goes = x != y
            if goes:
                at = b
            if goes == went[here]:
                tick += 1
            else:
                went[here] = goes
                tick += 6
        elif op == 22:
            at = d
            tick += 2
        elif op == 23:
            if ready[d] > tick:
                tick = ready[d]
            if len(output) == OUTPUTS:
                raise Fault(f"more than {OUTPUTS} words of output")
            output.append(value[d])
            tick += 1
        else:
            return output, tick + 1
        if profile is not None:
            profile[program.lines[here]] = profile.get(program.lines[here], 0) + tick - before
    raise Fault(f"not at its end within {limit} ticks")


def main():
    parser = argparse.ArgumentParser(description="Run a program on the cases of a file.")
    parser.add_argument("program")
    parser.add_argument("cases")
    parser.add_argument("--limit", type=int, default=5_000_000)
    parser.add_argument("--lines", action="store_true")
    given = parser.parse_args()
    with open(given.program) as file:
        source = file.read()
    with open(given.cases) as file:
        cases = json.load(file)
    profile = {}
    try:
        program = Program(source)
    except Fault as fault:
        raise SystemExit(str(fault)) from None
    for case in cases:
        profile = {}
        try:
            output, ticks = run(program, case["input"], given.limit, profile if given.lines else None)
        except Fault as fault:
            print(f"{case['name']}: {fault}")
            continue
        verdict = "right" if output == case["output"] else f"WRONG: {output[:20]} instead of {case['output'][:20]}"
        print(f"{case['name']}: {ticks} ticks, {verdict}")
    if given.lines:
        for number, line in enumerate(source.split("\n"), 1):
            print(f"{profile.get(number, 0):9d}  {line}")


if __name__ == "__main__":
    main()
