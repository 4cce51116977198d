"""What is around the processor: the loader, the serial line, and the devices with the secrets."""

import hashlib
import hmac
import random

from firmware import BUDGETS, build, layout
from isa import combine
from machine import EXECUTE, READ, WRITE, Fault, Machine

#: How many words the vault of carillon gives for one opening.
OPENING = 4


def token(seed, task, stage, digits=16):
    """Return the token of a stage."""
    return hmac.new(f"bell_tower:{seed}".encode(), f"{task}:{stage}".encode(), hashlib.sha256).hexdigest()[:digits]


def tokens(seed, task):
    """Return what proves each stage of a task, by its name."""
    if task == "latch":
        return {"flag": f"flag{{{token(seed, task, 'flag')}}}"}
    proofs = {"stage1": token(seed, task, "plate"), "stage2": token(seed, task, "striker")}
    if task == "clapper":
        return {**proofs, "stage3": f"flag{{{token(seed, task, 'flag')}}}"}
    return {**proofs, "stage3": token(seed, task, "vault", 8), "stage4": f"flag{{{token(seed, task, 'flag', 24)}}}"}


def vault_content(proofs):
    """Return the text in the vault, of an even length."""
    text = proofs.get("stage3", "") + proofs.get("stage4", "") or proofs["flag"]
    return text + " " * (len(text) % 2)


class Tower:
    """One task's machines; every connection has one of its own."""

    def __init__(self, seed, task):
        self.seed, self.task = seed, task
        self.isa, self.program = build(seed, task)
        self.image, self.proofs = self.program.image(), tokens(seed, task)

    def connect(self, number, read_byte, write):
        """Return the machine of a connection, ready to run."""
        rng = random.Random(f"{self.seed}:{self.task}:connection:{number}")
        devices = Devices(self, rng, read_byte, write)
        machine = Machine(self.isa, devices.ports(), BUDGETS[self.task])
        devices.machine = machine
        self.load(machine, rng)
        return machine

    def load(self, machine, rng):
        """Put the program into memory, at pages of this connection where the task wants that."""
        segments, byteorder = self.program.segments, self.isa.byteorder
        shuffle = self.task == "carillon"
        bases = layout(rng, segments) if shuffle else [segment.base for segment in segments]
        for segment, base in zip(segments, bases, strict=True):
            data_rights = READ | WRITE | (0 if shuffle else EXECUTE)
            for page in range(base >> 8, (base + segment.size + 255) >> 8):
                machine.rights[page] = READ | EXECUTE if segment.kind == "C" else data_rights
            machine.memory[base : base + len(segment.data)] = segment.data
        for segment, offset, target in self.program.relocations:
            place = bases[segment] + offset
            word = int.from_bytes(machine.memory[place : place + 2], byteorder) + bases[target]
            machine.memory[place : place + 2] = (word & 0xFFFF).to_bytes(2, byteorder)
        if self.program.plate:
            segment, offset = self.program.labels[self.program.plate]
            for i in range(8):
                place = bases[segment] + offset + 4 * i + 2
                machine.memory[place : place + 2] = self.proofs["stage1"][2 * i : 2 * i + 2].encode()
        segment, offset = self.program.labels[self.program.entry]
        machine.pc = bases[segment] + offset


class Devices:
    """The devices of one machine."""

    def __init__(self, tower, rng, read_byte, write):
        self.tower, self.rng, self.read_byte, self.write = tower, rng, read_byte, write
        self.machine = None
        self.at_start_of_line, self.struck, self.place, self.flash = True, 0, 0, 0
        self.left, self.blocked, self.number = 0, False, 0
        self.guarded = tower.task == "carillon"
        self.vault = vault_content(tower.proofs).encode()
        self.new_line()

    def ports(self):
        """Return the ports that the task's machine has."""
        nothing = (lambda: 0), (lambda _word: None)
        port = self.tower.isa.ports
        ports = {port["SERIAL"]: (self.receive, lambda word: self.write(word & 0xFF))}
        ports[port["VKEY"]] = nothing[0], self.vault_key
        ports[port["VDATA"]] = self.vault_data, nothing[1]
        if self.tower.task != "latch":
            ports[port["STRIKER"]] = self.strike, nothing[1]
        if self.guarded:
            ports[port["VNONCE"]] = (lambda: self.number), nothing[1]
            ports[port["CHANCE"]] = (lambda: self.rng.randrange(0x10000)), nothing[1]
            ports[port["FADDR"]] = nothing[0], self.flash_address
            ports[port["FDATA"]] = self.flash_data, nothing[1]
        return ports

    def new_line(self):
        """A new line begins: the vault closes, and asks something else."""
        self.number = self.rng.randrange(0x10000)
        if self.guarded:
            self.left = 0

    def receive(self):
        """Give the next byte of the serial line."""
        byte = self.read_byte()
        if self.at_start_of_line:
            self.machine.spent = 0
            self.new_line()
        self.at_start_of_line = byte == 10
        return byte

    def strike(self):
        """Give the next character of the striker's text, 0 after the last."""
        text, self.struck = self.tower.proofs["stage2"], self.struck + 1
        return ord(text[self.struck - 1]) if self.struck <= len(text) else 0

    def vault_key(self, word):
        """Try to open the vault."""
        isa = self.tower.isa
        if word != (combine(isa.answer, self.number) if self.guarded else isa.combination):
            self.blocked = True
        elif not self.blocked:
            self.left = OPENING if self.guarded else len(self.vault)

    def vault_data(self):
        """Give the next two characters of what is in the vault, the first of them in the high byte."""
        if self.left == 0 or self.place >= len(self.vault):
            return 0
        self.left, self.place = self.left - 1, self.place + 2
        return int.from_bytes(self.vault[self.place - 2 : self.place], "big")

    def flash_address(self, word):
        self.flash = word

    def flash_data(self):
        """Give the word of the image file at the address that was set."""
        return int.from_bytes(self.tower.image[self.flash : self.flash + 2].ljust(2, b"\0"), self.tower.isa.byteorder)


def run(machine, task):
    """Run a machine until it stops; return what it says last."""
    try:
        machine.run()
    except Fault as fault:
        if task == "carillon":
            return "\n!STOPPED\n"
        return f"\n!STOPPED {fault} pc={machine.pc:04x} r7={machine.registers[7]:04x}\n"
    raise AssertionError("a machine runs until it stops")
