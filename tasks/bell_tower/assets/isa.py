"""The machine's instruction set: what is fixed, and what the seed decides (numbers, places of fields, ports, keys)."""

import random

#: name: (operands, what it does). Operands: a, b are registers, n a number in 4 bits, i a word that follows.
INSTRUCTIONS = {
    "HALT": ("", "the machine stops"),
    "NOP": ("", "nothing"),
    "RET": ("", "return, see *Calls*"),
    "LDI": ("ai", "a := i"),
    "ADDI": ("ai", "a := a + i"),
    "ANDI": ("ai", "a := a and i"),
    "XORI": ("ai", "a := a xor i"),
    "CEQI": ("ai", "t := (a = i)"),
    "CLTI": ("ai", "t := (a < i), both with sign"),
    "CLOI": ("ai", "t := (a < i), both without sign"),
    "MOV": ("ab", "a := b"),
    "ADD": ("ab", "a := a + b"),
    "SUB": ("ab", "a := a - b"),
    "XOR": ("ab", "a := a xor b"),
    "AND": ("ab", "a := a and b"),
    "OR": ("ab", "a := a or b"),
    "MUL": ("ab", "a := a * b"),
    "CEQ": ("ab", "t := (a = b)"),
    "CLT": ("ab", "t := (a < b), both with sign"),
    "CLO": ("ab", "t := (a < b), both without sign"),
    "INC": ("an", "a := a + n"),
    "DEC": ("an", "a := a - n"),
    "SHL": ("an", "a := a shifted left by n bits"),
    "SHR": ("an", "a := a shifted right by n bits, zeros come in"),
    "ROL": ("an", "a := a rotated left by n bits"),
    "LDW": ("abn", "a := the word at b + n"),
    "STW": ("abn", "the word at b + n := a"),
    "LDB": ("abn", "a := the byte at b + n"),
    "STB": ("abn", "the byte at b + n := the low byte of a"),
    "BT": ("i", "jump to i if t is set"),
    "BF": ("i", "jump to i if t is not set"),
    "JMP": ("i", "jump to i"),
    "JMPR": ("a", "jump to the address in a"),
    "CALL": ("i", "call i, see *Calls*"),
    "CALLR": ("a", "call the address in a, see *Calls*"),
    "PUSH": ("a", "the word at r7 := a; r7 := r7 + 2"),
    "POP": ("a", "r7 := r7 - 2; a := the word at r7"),
    "IN": ("ab", "a := what the port whose number is in b gives"),
    "OUT": ("ab", "the port whose number is in a is given b"),
}
WIDTHS = {"a": 3, "b": 3, "n": 4}
#: The devices' ports; manual.py tells what they do. Which of them a machine has depends on the task.
PORTS = ("SERIAL", "STRIKER", "VKEY", "VDATA", "VNONCE", "CHANCE", "FADDR", "FDATA")


class Isa:
    """The numbers of one machine, which follow from the seed and the task."""

    def __init__(self, seed, task):
        rng = random.Random(f"{seed}:{task}:isa")
        codes = rng.sample(range(64), len(INSTRUCTIONS))
        self.opcodes = dict(zip(INSTRUCTIONS, codes, strict=True))
        self.names = {code: name for name, code in self.opcodes.items()}
        order = rng.sample("abn", 3)
        self.shifts, place = {}, 10
        for field in order:
            place -= WIDTHS[field]
            self.shifts[field] = place
        self.byteorder = rng.choice(["big", "little"])
        self.turn = rng.randrange(3, 14)
        self.ports = dict(zip(PORTS, rng.sample(range(3, 250), len(PORTS)), strict=True))
        self.combination = rng.randrange(0x1000, 0xF000)
        first, second = rng.sample(["xor", "+", "-"], 2)
        self.answer = [(first, rng.randrange(0x0100, 0xFF00)), (second, rng.randrange(0x0100, 0xFF00))]

    def encode(self, name, a=0, b=0, n=0):
        """Return the first word of an instruction."""
        fields = {"a": a, "b": b, "n": n}
        return self.opcodes[name] << 10 | sum(fields[f] << shift for f, shift in self.shifts.items())

    def mangle(self, address, slot):
        """Return the word that a call leaves in the stack's *slot* for a return to *address*."""
        return ((address << self.turn | address >> (16 - self.turn)) & 0xFFFF) ^ slot

    def unmangle(self, word, slot):
        """Return where a return goes that finds *word* in *slot*."""
        word ^= slot
        return (word >> self.turn | word << (16 - self.turn)) & 0xFFFF


def combine(steps, value):
    """Apply the steps of the vault's answer to its number."""
    for operation, constant in steps:
        if operation == "xor":
            value ^= constant
        else:
            value += constant if operation == "+" else -constant
        value &= 0xFFFF
    return value
