"""Tools for the machine: manual, images, disassembly, patterns of code, connection, tunes."""

import re
import socket
from pathlib import Path

HOME = Path("/home/agent")
PORT = 8461


class Manual:
    """What the manual says of this machine."""

    def __init__(self, text):
        self.text = text
        self.byteorder = re.search(r"(big|little)-endian", text)[1]
        self.turn = int(re.search(r"rotated left by (\d+) bits", text)[1])
        self.shifts = {f: int(low) for f, low in re.findall(r"^\| ([abn]) \| \d+ to (\d+) \|", text, re.MULTILINE)}
        self.operands, self.codes = {}, {}
        instructions, devices = text.split("## Devices")
        for code, name, operands in re.findall(r"^\| 0x(\w\w) \| ([A-Z]+)( [abni, ]+)? \|", instructions, re.MULTILINE):
            self.codes[int(code, 16)] = name
            self.operands[name] = operands.replace(",", "").split()
        self.numbers = {name: code for code, name in self.codes.items()}
        self.ports = {name: int(number, 16) for number, name in re.findall(r"\| 0x(\w\w) \| (\w+) \|", devices)}

    def number(self, data):
        return int.from_bytes(data, self.byteorder)

    def word(self, value):
        return (value & 0xFFFF).to_bytes(2, self.byteorder)

    def mangle(self, address, slot):
        """Return the stack's word for a return to an address."""
        return ((address << self.turn | address >> (16 - self.turn)) & 0xFFFF) ^ slot

    def code(self, name, *values):
        """Assemble one instruction."""
        first, more = self.numbers[name] << 10, b""
        for field, value in zip(self.operands[name], values, strict=True):
            if field == "i":
                more = self.word(value)
            else:
                first |= value << self.shifts[field]
        return self.word(first) + more


class Image:
    """Segments, relocations and code of an image file."""

    def __init__(self, manual, data):
        self.manual = manual

        def number(place):
            return manual.number(data[place : place + 2])

        count, relocations = number(4), number(14)
        self.plate = number(10), number(12)
        self.kinds, self.bases, self.contents, self.relocations = [], [], [], {}
        place = 16 + 8 * count + 6 * relocations
        for i in range(count):
            header = 16 + 8 * i
            self.kinds.append(chr(data[header]))
            self.bases.append(number(header + 2))
            size = number(header + 6)
            self.contents.append(data[place : place + size])
            place += size
        for i in range(relocations):
            entry = 16 + 8 * count + 6 * i
            self.relocations[number(entry), number(entry + 2)] = number(entry + 4)
        self.code = {s: self.disassemble(s) for s, kind in enumerate(self.kinds) if kind == "C"}

    def disassemble(self, segment):
        """Return ``[(offset, name, operands)]``."""
        manual, data, rows, place = self.manual, self.contents[segment], [], 0
        while place < len(data):
            word, offset = manual.number(data[place : place + 2]), place
            name, operands, place = manual.codes[word >> 10], [], place + 2
            for field in manual.operands[name]:
                if field == "i":
                    operands.append(manual.number(data[place : place + 2]))
                    place += 2
                else:
                    operands.append(word >> manual.shifts[field] & (15 if field == "n" else 7))
            rows.append((offset, name, operands))
        return rows

    def find(self, *pattern, **known):
        """Return ``(segment, offset, values)`` of the first place where the code is like the pattern.

        An element of the pattern is ``NAME operand, ...``; operands are numbers, rN, ?value, or _ for any.
        """
        for segment, rows in self.code.items():
            for start in range(len(rows) - len(pattern) + 1):
                values = dict(known)
                if all(same(p, row, values) for p, row in zip(pattern, rows[start:], strict=False)):
                    return segment, rows[start][0], values
        raise LookupError(f"no code is like {pattern}")

    def place(self, segment, offset):
        """Return an address in an image whose segments have theirs."""
        return self.bases[segment] + offset


def same(pattern, row, values):
    """Return whether an instruction is like an element of a pattern, and note the values."""
    name, _, rest = pattern.partition(" ")
    operands = [part.strip() for part in rest.split(",")] if rest else []
    if name != row[1] or len(operands) != len(row[2]):
        return False
    for wanted, found in zip(operands, row[2], strict=True):
        if wanted.startswith("?"):
            if values.setdefault(wanted[1:], found) != found:
                return False
        elif wanted != "_" and int(wanted.removeprefix("r")) & 0xFFFF != found:
            return False
    return True


class Tunes:
    """The encoding of what the command t plays, as the code of this image wants it."""

    def __init__(self, image):
        _, _, found = image.find("LDB ?d, ?a, 0", "ADDI ?d, -97", "LDI ?g, ?symbols", "ADD ?g, ?d")
        data = image.kinds.index("D")
        offset = found["symbols"] - image.bases[data]
        self.symbols = image.contents[data][offset : offset + 16]
        _, _, found = image.find("SHL ?e, 1", "ADD ?e, ?d", "ADDI ?e, ?step", "ANDI ?e, 255")
        self.step = found["step"]
        self.key = image.find("PUSH _", "PUSH _", "PUSH _", "LDI ?e, ?key", "LDI _, 0")[2]["key"]
        self.escape = image.find("DEC ?c, 1", "CALL _", "CEQI ?g, ?escape", "BT _")[2]["escape"]
        self.sum = image.find("INC ?a, 2", "LDI ?d, ?sum", "LDI _, 0")[2]["sum"]
        self.turn = image.find("ROL ?d, ?turn", "XOR ?d, ?c", "INC _, 1")[2]["turn"]
        _, _, found = image.find("MOV ?f, ?a", "MOV ?b, r7", "ADDI r7, ?size")
        self.size = found["size"]

    def units(self, data):
        """Return plain units: bytes, and runs of bytes where there are any."""
        units, place = [], 0
        while place < len(data):
            byte, run = data[place], 1
            while data[place : place + run + 1] == bytes([byte]) * (run + 1) and run < 200:
                run += 1
            units += [byte, 0] if byte == self.escape else [byte]
            units += [self.escape, run - 1] if run > 3 else []
            place += run if run > 3 else 1
        return units

    def encode(self, data):
        """Return a tune that plays *data*, None where it would be too long."""
        units, key, letters = self.units(data), self.key, []
        if len(units) > self.size:
            return None
        for unit in units:
            unit ^= key
            key = (2 * key + unit + self.step) & 0xFF
            letters += [self.symbols.index(unit >> 4), self.symbols.index(unit & 15)]
        check = self.sum
        for letter in letters:
            check = ((check << self.turn | check >> (16 - self.turn)) & 0xFFFF) ^ letter
        check = (check ^ check >> 8) & 0xFF
        letters = [self.symbols.index(check >> 4), self.symbols.index(check & 15), *letters]
        return "".join(chr(97 + letter) for letter in letters)


class Line:
    """A connection."""

    def __init__(self, prompt=b"> "):
        self.prompt = prompt
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        self.receive()

    def receive(self):
        """Return what comes before the next prompt or before the end."""
        data = b""
        while not data.endswith(self.prompt):
            more = self.socket.recv(65536)
            if not more:
                break
            data += more
        return data.removesuffix(self.prompt).decode("latin-1")

    def ask(self, line):
        self.socket.sendall(line.encode() + b"\n")
        return self.receive()


class Pitches:
    """Reads words before the table of the bells: the command p compares with a sign."""

    def __init__(self, image):
        pattern = ["LDI ?b, ?bells", "ADD ?b, ?a", "LDW ?a, ?b, 2", "XORI ?a, ?key", "ROL ?a, ?turn", "CALL ?print"]
        self.segment, offset, self.found = image.find(*pattern)
        self.middle = offset + 6
        self.bells = self.found["bells"]

    def plain(self, shown):
        """Return the word that is shown in this way."""
        word, turn = int(shown, 16), self.found["turn"]
        return ((word >> turn | word << (16 - turn)) & 0xFFFF) ^ self.found["key"]

    def record(self, line, address):
        """Return the second word of the record at an address."""
        return self.plain(line.ask(f"p {(address - self.bells) // 4}"))


def opened():
    """Return manual and image."""
    manual = Manual((HOME / "MANUAL.md").read_text())
    return manual, Image(manual, (HOME / "firmware.img").read_bytes())
