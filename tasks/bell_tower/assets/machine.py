"""Emulates the machine. All of it is numbers: what a program does reaches the machine's own memory and no more."""

READ, WRITE, EXECUTE = 1, 2, 4
WORD = 0xFFFF


class Fault(Exception):
    """The machine stops; the text says why."""


def signed(word):
    return word - 0x10000 if word & 0x8000 else word


class Machine:
    """Processor and memory; ``ports`` maps numbers to pairs of functions, for reading and for writing."""

    def __init__(self, isa, ports, budget):
        self.isa, self.ports, self.budget = isa, ports, budget
        self.memory, self.rights = bytearray(0x10000), [0] * 256
        self.registers, self.pc, self.flag, self.spent = [0] * 8, 0, False, 0
        self.byteorder = isa.byteorder
        self.shift_a, self.shift_b, self.shift_n = (isa.shifts[field] for field in "abn")
        self.handlers = [None] * 64
        for name, code in isa.opcodes.items():
            self.handlers[code] = getattr(self, "do_" + name.lower())

    def run(self):
        """Execute until a fault."""
        while True:
            self.spent += 1
            if self.spent > self.budget:
                raise Fault("watchdog")
            word = self.fetch()
            handler = self.handlers[word >> 10]
            if handler is None:
                raise Fault("instruction")
            handler(word >> self.shift_a & 7, word >> self.shift_b & 7, word >> self.shift_n & 15)

    def fetch(self):
        """Return the next word of the program."""
        pc = self.pc
        if pc & 1:
            raise Fault("alignment")
        if not self.rights[pc >> 8] & EXECUTE:
            raise Fault("execute")
        self.pc = pc + 2 & WORD
        return int.from_bytes(self.memory[pc : pc + 2], self.byteorder)

    def load(self, address):
        """Return a word of memory."""
        if address & 1:
            raise Fault("alignment")
        if not self.rights[address >> 8] & READ:
            raise Fault("read")
        return int.from_bytes(self.memory[address : address + 2], self.byteorder)

    def store(self, address, word):
        """Write a word of memory."""
        if address & 1:
            raise Fault("alignment")
        if not self.rights[address >> 8] & WRITE:
            raise Fault("write")
        self.memory[address : address + 2] = word.to_bytes(2, self.byteorder)

    def push(self, word):
        slot = self.registers[7]
        self.store(slot, word)
        self.registers[7] = slot + 2 & WORD

    def pop(self):
        self.registers[7] = slot = self.registers[7] - 2 & WORD
        return self.load(slot)

    def call(self, address):
        self.push(self.isa.mangle(self.pc, self.registers[7]))
        self.pc = address

    # One method for each instruction; what they do is in isa.INSTRUCTIONS.

    def do_halt(self, _a, _b, _n):
        raise Fault("halt")

    def do_nop(self, _a, _b, _n):
        pass

    def do_ret(self, _a, _b, _n):
        word = self.pop()
        self.pc = self.isa.unmangle(word, self.registers[7])

    def do_ldi(self, a, _b, _n):
        self.registers[a] = self.fetch()

    def do_addi(self, a, _b, _n):
        self.registers[a] = self.registers[a] + self.fetch() & WORD

    def do_andi(self, a, _b, _n):
        self.registers[a] &= self.fetch()

    def do_xori(self, a, _b, _n):
        self.registers[a] ^= self.fetch()

    def do_ceqi(self, a, _b, _n):
        self.flag = self.registers[a] == self.fetch()

    def do_clti(self, a, _b, _n):
        self.flag = signed(self.registers[a]) < signed(self.fetch())

    def do_cloi(self, a, _b, _n):
        self.flag = self.registers[a] < self.fetch()

    def do_mov(self, a, b, _n):
        self.registers[a] = self.registers[b]

    def do_add(self, a, b, _n):
        self.registers[a] = self.registers[a] + self.registers[b] & WORD

    def do_sub(self, a, b, _n):
        self.registers[a] = self.registers[a] - self.registers[b] & WORD

    def do_xor(self, a, b, _n):
        self.registers[a] ^= self.registers[b]

    def do_and(self, a, b, _n):
        self.registers[a] &= self.registers[b]

    def do_or(self, a, b, _n):
        self.registers[a] |= self.registers[b]

    def do_mul(self, a, b, _n):
        self.registers[a] = self.registers[a] * self.registers[b] & WORD

    def do_ceq(self, a, b, _n):
        self.flag = self.registers[a] == self.registers[b]

    def do_clt(self, a, b, _n):
        self.flag = signed(self.registers[a]) < signed(self.registers[b])

    def do_clo(self, a, b, _n):
        self.flag = self.registers[a] < self.registers[b]

    def do_inc(self, a, _b, n):
        self.registers[a] = self.registers[a] + n & WORD

    def do_dec(self, a, _b, n):
        self.registers[a] = self.registers[a] - n & WORD

    def do_shl(self, a, _b, n):
        self.registers[a] = self.registers[a] << n & WORD

    def do_shr(self, a, _b, n):
        self.registers[a] >>= n

    def do_rol(self, a, _b, n):
        self.registers[a] = (self.registers[a] << n | self.registers[a] >> (16 - n)) & WORD

    def do_ldw(self, a, b, n):
        self.registers[a] = self.load(self.registers[b] + n & WORD)

    def do_stw(self, a, b, n):
        self.store(self.registers[b] + n & WORD, self.registers[a])

    def do_ldb(self, a, b, n):
        address = self.registers[b] + n & WORD
        if not self.rights[address >> 8] & READ:
            raise Fault("read")
        self.registers[a] = self.memory[address]

    def do_stb(self, a, b, n):
        address = self.registers[b] + n & WORD
        if not self.rights[address >> 8] & WRITE:
            raise Fault("write")
        self.memory[address] = self.registers[a] & 0xFF

    def do_bt(self, _a, _b, _n):
        target = self.fetch()
        if self.flag:
            self.pc = target

    def do_bf(self, _a, _b, _n):
        target = self.fetch()
        if not self.flag:
            self.pc = target

    def do_jmp(self, _a, _b, _n):
        self.pc = self.fetch()

    def do_jmpr(self, a, _b, _n):
        self.pc = self.registers[a]

    def do_call(self, _a, _b, _n):
        self.call(self.fetch())

    def do_callr(self, a, _b, _n):
        self.call(self.registers[a])

    def do_push(self, a, _b, _n):
        self.push(self.registers[a])

    def do_pop(self, a, _b, _n):
        self.registers[a] = self.pop()

    def do_in(self, a, b, _n):
        if self.registers[b] not in self.ports:
            raise Fault("port")
        self.registers[a] = self.ports[self.registers[b]][0]() & WORD

    def do_out(self, a, b, _n):
        if self.registers[a] not in self.ports:
            raise Fault("port")
        self.ports[self.registers[a]][1](self.registers[b])
