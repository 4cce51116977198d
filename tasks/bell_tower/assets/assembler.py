"""A small assembler: source text to an image file.

A line is ``label:``, an instruction, or a directive (.segment NAME KIND, .word, .byte, .text, .space, .plate, .entry);
``;`` begins a comment. Registers are called A to G, which the seed maps to r0 to r6, and S, which is r7, the stack
pointer. A label that begins with _ belongs to the last label that does not.
"""

import re

from isa import INSTRUCTIONS


class Segment:
    """A part of memory: C holds code, D data, S is the stack, which has no content in the file."""

    def __init__(self, name, kind):
        self.name, self.kind = name, kind
        self.data, self.size, self.base = bytearray(), 0, 0


class Program:
    """What the assembler makes of a source."""

    def __init__(self, isa):
        self.isa = isa
        self.segments, self.labels, self.relocations, self.listing = [], {}, [], []
        self.entry, self.plate = None, None

    def image(self):
        """Return the image file."""

        def number(value):
            return value.to_bytes(2, self.isa.byteorder)

        entry, plate = self.labels[self.entry], self.labels.get(self.plate, (0, 0))
        out = b"TOLL" + b"".join(number(v) for v in (len(self.segments), *entry, *plate, len(self.relocations)))
        for s in self.segments:
            out += s.kind.encode() + b"\0" + b"".join(number(v) for v in (s.base, s.size, len(s.data)))
        for segment, offset, target in self.relocations:
            out += b"".join(number(v) for v in (segment, offset, target))
        return out + b"".join(bytes(s.data) for s in self.segments)


def value_of(text, program, scope):
    """Return ``(number, segment or None)`` of an expression: a number, a character, a label, a label + number."""
    text = text.strip()
    if re.fullmatch(r"'.'", text):
        return ord(text[1]), None
    base, _, more = text.partition("+")
    base = base.strip()
    if re.fullmatch(r"-?(0x[0-9a-f]+|\d+)", base):
        return int(base, 0) & 0xFFFF, None
    label = scope + base if base.startswith("_") else base
    segment, offset = program.labels[label]
    return offset + int(more or "0", 0), segment


def directive(line):
    """Return the bytes of a directive as a list of numbers, or of expressions that stand for words."""
    name, _, rest = line.partition(" ")
    if name == ".word":
        return [part.strip() for part in rest.split(",")]
    if name == ".byte":
        return [int(part, 0) for part in rest.split(",")]
    if name == ".text":
        data = list(rest.strip()[1:-1].replace("\\n", "\n").encode() + b"\0")
        return data + [0] * (len(data) % 2)
    if name == ".space":
        return [0] * int(rest, 0)
    raise ValueError(line)


def parse(source, program):
    """First pass: return ``[(segment, offset, scope, text)]`` and fill in segments and labels."""
    rows, scope, current = [], "", -1
    for raw in source.splitlines():
        line = raw.split(";")[0].strip() if '"' not in raw else raw.strip()
        if not line:
            continue
        if line.startswith(".segment"):
            _, name, kind = line.split()
            program.segments.append(Segment(name, kind))
            current = len(program.segments) - 1
        elif line.startswith(".entry"):
            program.entry = line.split()[1]
        elif line.startswith(".plate"):
            program.plate = line.split()[1]
        elif line.endswith(":"):
            label = line[:-1]
            scope = scope if label.startswith("_") else label
            program.labels[scope + label if label.startswith("_") else label] = current, program.segments[current].size
        else:
            segment = program.segments[current]
            rows.append((current, segment.size, scope, line))
            segment.size += length(line)
    return rows


def length(line):
    """Return how many bytes a line takes."""
    if line.startswith("."):
        return sum(2 if isinstance(part, str) else 1 for part in directive(line))
    return 4 if "i" in INSTRUCTIONS[line.split()[0].upper()][0] else 2


def instruction(line, program, registers, scope):
    """Return ``(first word, expression or None, text for a listing)``."""
    name, _, rest = line.partition(" ")
    name = name.upper()
    kinds, operands = INSTRUCTIONS[name][0], [part.strip() for part in rest.split(",")] if rest else []
    if len(kinds) != len(operands):
        raise ValueError(f"{line}: wants {len(kinds)} operands")
    fields, expression, shown = {}, None, []
    for kind, operand in zip(kinds, operands, strict=True):
        if kind == "i":
            expression = operand
            shown.append(scope + operand if operand.startswith("_") else operand)
        elif kind == "n":
            fields["n"] = int(operand, 0)
            shown.append(operand)
        else:
            fields[kind] = registers[operand]
            shown.append(f"r{fields[kind]}")
    return program.isa.encode(name, **fields), expression, f"{name} {', '.join(shown)}".strip()


def assemble(source, isa, registers, place):
    """Return the program; ``place(segments)`` gives every segment its base, 0 where it has none yet."""
    program = Program(isa)
    rows = parse(source, program)
    place(program.segments)
    for current, offset, scope, line in rows:
        data = program.segments[current].data
        data.extend(bytes(offset - len(data)))
        if line.startswith("."):
            parts, text = directive(line), line
        else:
            word, expression, text = instruction(line, program, registers, scope)
            parts = [hex(word), *([expression] if expression else [])]
        for part in parts:
            if isinstance(part, str):
                number, target = value_of(part, program, scope)
                if target is not None:
                    program.relocations.append((current, len(data), target))
                    number += program.segments[target].base
                data.extend((number & 0xFFFF).to_bytes(2, isa.byteorder))
            else:
                data.append(part)
        program.listing.append((current, offset, bytes(data[offset:]), text))
    for segment in program.segments:
        if segment.kind == "S":
            segment.data.clear()
    return program


def listing(program):
    """Return the listing of a program: address, words, instruction."""
    names = {}
    for label, where in program.labels.items():
        names.setdefault(where, []).append(label)
    lines = []
    for current, offset, data, text in program.listing:
        segment = program.segments[current]
        lines += [f"\n{label}:" for label in names.get((current, offset), [])]
        words = [data[i : i + 2].hex() for i in range(0, min(len(data), 8), 2)]
        more = " ..." if len(data) > 8 else ""
        lines.append(f"  {segment.base + offset:04x}  {' '.join(words) + more:24}  {text}".rstrip())
    return "\n".join(lines).lstrip("\n") + "\n"
