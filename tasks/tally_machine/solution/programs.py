"""Writes good programs for the Tally. Unrolled and interleaved code is made by functions, the rest is text."""

PEAK_END = ("sub r1, r1, 2        ; the first value that has no two after it", "sub r1, r1, 1        ; the last value")

#: A stack of the values that still wait for a larger one, packed as value * 1024 + number. It grows from address 0 up
#: to where the input was read already; its top is in r4, and what is greater than every value lies at its bottom.
AHEAD = """
        ld r1, 512, 0
        set r2, 0
        set r4, -1
        set r5, 0
        set r8, 0
        set r9, 0
        ld r3, r2, 513
each:   shl r3, r3, 10
        jge r4, r3, push
pop:    and r6, r4, 1023
        sub r5, r5, 1
        shr r7, r4, 10
        ld r4, r5, 0
        sub r6, r2, r6
        mul r7, r7, r6
        max r9, r9, r6
        add r8, r8, r7
        jlt r4, r3, pop
push:   st r4, r5, 0
        or r4, r3, r2
        ld r3, r2, 514
        add r5, r5, 1
        add r2, r2, 1
        jlt r2, r1, each
        out r8
        out r9
        halt
"""


def lines(*parts):
    """Return a program's text from single instructions and lists of them."""
    text = []
    for part in parts:
        text += [part] if isinstance(part, str) else part
    return "\n".join(text) + "\n"


#: Sets up the masks of the symbols at 0 to 15 (one bit for each symbol of the needles), r4 the first bits of the
#: needles, r5 the last ones, r1 and r2 the beginning and the end of the text.
MASKS = """
        ld r7, 512, 0
        ld r2, 512, 1
        set r4, 0
        set r5, 0
        set r6, 1
        set r8, 0
        add r1, r7, 514
        set r10, r1
bits:   ld r9, r8, 514
        or r4, r4, r6
        add r8, r8, 1
        add r1, r1, r9
        sub r9, r9, 1
        shl r6, r6, r9
        or r5, r5, r6
        shl r6, r6, 1
        jlt r8, r7, bits
        set r6, 1
mask:   ld r7, r10, 0
        ld r8, r7, 0
        add r10, r10, 1
        or r8, r8, r6
        shl r6, r6, 1
        st r8, r7, 0
        jlt r10, r1, mask
        add r2, r2, r1
        set r0, 0
        set r3, 0
"""
#: One symbol of the text after the other.
SINGLE = """
        jge r1, r2, end
one:    ld r7, r1, 0
        add r1, r1, 1
        shl r3, r3, 1
        or r3, r3, r4
        ld r7, r7, 0
        and r3, r3, r7
        and r7, r3, r5
        cnt r7, r7
        add r0, r0, r7
        jlt r1, r2, one
end:    out r0
        halt
"""


def pair(now, then, ahead):
    """Return the code for two symbols, whose masks are in *now*; those of the next two are fetched into *then*."""
    return [
        f"ld {then[0]}, r1, {ahead}",
        "shl r3, r3, 1",
        f"ld {then[1]}, r1, {ahead + 1}",
        "add r0, r0, r7",
        "or r3, r3, r4",
        f"and r3, r3, {now[0]}",
        "shl r3, r3, 1",
        f"ld {then[0]}, {then[0]}, 0",
        "and r7, r3, r6",
        f"ld {then[1]}, {then[1]}, 0",
        "or r3, r3, r4",
        f"and r3, r3, {now[1]}",
        f"and {now[1]}, r3, r5",
        f"or r7, r7, {now[1]}",
        "cnt r7, r7",
    ]


def needles():
    """Bits for all needles at once, two symbols a count, as a needle's last bit never has a last bit beside it."""
    ones, others = ("r9", "r10"), ("r11", "r8")
    body = []
    for number in range(8):
        now, then = (ones, others) if number % 2 == 0 else (others, ones)
        body += pair(now, then, 2 * number + 2)
    return lines(
        MASKS,
        ["shl r6, r5, 1", "set r7, 0", "sub r2, r2, 15", "jge r1, r2, rest"],
        ["ld r9, r1, 0", "ld r10, r1, 1", "ld r9, r9, 0", "ld r10, r10, 0"],
        "more:",
        body,
        ["add r1, r1, 16", "jlt r1, r2, more", "add r0, r0, r7", "rest: add r2, r2, 15"],
        SINGLE,
    )


def needles_plain():
    return lines(MASKS, SINGLE)


#: Where the values are copied to: always in rows of the other gate than those that they come from.
COPY = 513 + 97 * 16


def counted(v, following, offset):
    """Return the code that counts the three digits of a value, copies it, and fetches the next one."""
    return [
        f"and r4, {v}, 63",
        "ld r5, r4, 0",
        f"shr r6, {v}, 6",
        f"st {v}, r1, {offset + COPY - 513}",
        "add r5, r5, 1",
        "st r5, r4, 0",
        "and r6, r6, 63",
        "ld r7, r6, 0",
        f"shr r4, {v}, 12",
        f"ld {following}, r1, {offset + 1}",
        "add r7, r7, 0x10000",
        "st r7, r6, 0",
        "ld r5, r4, 0",
        "add r5, r5, 0x100000000",
        "st r5, r4, 0",
    ]


def first_pass(v, following, offset):
    return [
        f"and r4, {v}, 63",
        "ld r5, r4, 0",
        f"ld {following}, r1, {offset + 1}",
        "and r6, r5, 0xffff",
        "add r5, r5, 1",
        f"st {v}, r6, 0",
        "st r5, r4, 0",
    ]


def second_pass(v, following, offset):
    return [
        f"shr r4, {v}, 6",
        "and r4, r4, 63",
        "ld r5, r4, 0",
        f"ld {following}, r1, {offset + 1}",
        "shr r6, r5, 16",
        "add r5, r5, 0x10000",
        "and r6, r6, 0xffff",
        "st r5, r4, 0",
        f"st {v}, r6, 0",
    ]


def third_pass(v, following, offset):
    """The place is the rank: nothing is stored any more, value * place is summed at once."""
    return [
        f"shr r4, {v}, 12",
        "ld r5, r4, 0",
        f"ld {following}, r1, {offset + 1}",
        "add r0, r0, r7",
        "shr r6, r5, 32",
        "add r5, r5, 0x100000000",
        f"mul r7, {v}, r6",
        "st r5, r4, 0",
    ]


def loop(label, step, times):
    """Return a loop over the values from r1 to r2, *times* values a round; r8 and r9 hold a value in turn."""
    body = []
    for number in range(times):
        body += step("r8" if number % 2 == 0 else "r9", "r9" if number % 2 == 0 else "r8", number)
    return ["ld r8, r1, 0", f"{label}:", *body, f"add r1, r1, {times}", f"jlt r1, r2, {label}"]


def ranks():
    """Radix sort by three digits of six bits; the three counters of a digit share a word of the hearth.

    The input is filled up with zeros to a multiple of four: they get the lowest places and count nothing.
    """
    prefix = []
    for number in range(8):
        register = f"r{3 + number % 2}"
        prefix += [f"ld {register}, r5, {number}", f"st r6, r5, {number}", f"add r6, r6, {register}"]
    return lines(
        ["ld r10, 512, 0", "set r1, 513", "add r11, r10, 3", "and r11, r11, -4", "add r2, r11, 513"],
        loop("count", counted, 4),
        ["sub r6, r10, r11", "add r6, r6, 1", "shl r6, r6, 32", f"add r6, r6, {64 + (4096 << 16)}", "set r5, 0"],
        ["prefix:", *prefix, "add r5, r5, 8", "jlt r5, 64, prefix"],
        [f"set r1, {COPY}", "add r2, r11, r1"],
        loop("first", first_pass, 4),
        ["set r1, 64", "add r2, r11, r1"],
        loop("second", second_pass, 4),
        ["set r1, 4096", "add r2, r11, r1", "set r0, 0", "set r7, 0"],
        loop("third", third_pass, 4),
        ["add r0, r0, r7", "out r0", "halt"],
    )


def ranks_plain():
    """The same sort as one would write it first: a round for each digit, with counts of its own."""
    passes = []
    for number, (source, target) in enumerate([(513, 2048), (2048, 4096), (4096, 2048)]):
        digit = [f"shr r4, r3, {6 * number}", "and r4, r4, 63", "ld r5, r4, 0"]
        passes += ["set r2, 0", f"clear{number}: st 0, r2, 0", "add r2, r2, 1", f"jlt r2, 64, clear{number}"]
        passes += ["set r2, 0", f"count{number}: ld r3, r2, {source}", *digit, "add r5, r5, 1", "st r5, r4, 0"]
        passes += ["add r2, r2, 1", f"jlt r2, r1, count{number}"]
        passes += ["set r2, 0", f"set r6, {target}", f"sums{number}: ld r3, r2, 0", "st r6, r2, 0", "add r6, r6, r3"]
        passes += ["add r2, r2, 1", f"jlt r2, 64, sums{number}"]
        passes += ["set r2, 0", f"move{number}: ld r3, r2, {source}", *digit, "st r3, r5, 0", "add r5, r5, 1"]
        passes += ["st r5, r4, 0", "add r2, r2, 1", f"jlt r2, r1, move{number}"]
    total = ["set r2, 0", "set r6, 0", "more: ld r3, r2, 2048", "add r2, r2, 1", "mul r3, r3, r2"]
    total += ["add r6, r6, r3", "jlt r2, r1, more", "out r6", "halt"]
    return lines("ld r1, 512, 0", passes, total)


def spans():
    """Blocks of 16 values: lowest up to each value and from each on (packed, at 0), and of the blocks in between."""
    # What is loaded is used four instructions later, so that nothing waits.
    back = [f"ld r{8 + number % 4}, r3, {514 + number}" for number in (15, 14, 13, 12)]
    for number in range(15, -1, -1):
        register = f"r{8 + number % 4}"
        back += [f"shl {register}, {register}, 24", f"min r5, r5, {register}", f"st r5, r3, {number}"]
        back += [f"ld {register}, r3, {514 + number - 4}"] if number >= 4 else []
    forth = ["ld r8, r3, 514", "ld r9, r3, 0"]
    for number in range(16):
        value, packed = ("r8", "r9") if number % 2 == 0 else ("r10", "r11")
        following = ("r10", "r11") if number % 2 == 0 else ("r8", "r9")
        if number < 15:
            forth += [f"ld {following[1]}, r3, {number + 1}", f"ld {following[0]}, r3, {514 + number + 1}"]
        forth += [f"min r6, r6, {value}", f"or {packed}, {packed}, r6", f"st {packed}, r3, {number}"]
    between = []
    for number in range(4):
        between += [f"ld r{8 + number}, r5, {480 + number}"]
    for number in range(4):
        between += [f"st r6, r7, {2048 + number}", f"min r6, r6, r{8 + number}"]
    return lines(
        ["ld r1, 512, 0", "ld r2, 512, 1", "set r3, 0", "set r4, 480"],
        ["block: set r5, -1", "set r6, 0xffffff", *back, *forth],
        ["st r6, r4, 0", "add r4, r4, 1", "add r3, r3, 16", "jlt r3, r1, block"],
        ["sub r4, r4, 480", "set r3, 0", "set r0, 0"],
        ["pairs: add r5, r3, 1", "set r6, 0xffffff", "add r7, r0, r5"],
        ["along:", *between, "add r5, r5, 4", "add r7, r7, 4", "jlt r5, r4, along"],
        ["add r0, r0, 32", "add r3, r3, 1", "jlt r3, r4, pairs"],
        SPANS_QUERIES,
    )


SPANS_QUERIES = """
        add r1, r1, 514
        add r2, r2, r2
        add r2, r2, r1
        set r8, 0
        set r9, 0
        ld r3, r1, 0
        ld r4, r1, 1
query:  add r1, r1, 2
        shr r5, r3, 4
        shr r6, r4, 4
        jeq r5, r6, within
        shl r5, r5, 5
        add r5, r5, r6
        ld r7, r5, 2048
        ld r10, r3, 0
        ld r11, r4, 0
        ld r3, r1, 0
        ld r4, r1, 1
        shr r10, r10, 24
        and r11, r11, 0xffffff
        min r10, r10, r11
        min r7, r7, r10
        add r8, r8, r7
        xor r9, r9, r7
        jlt r1, r2, query
        jmp end
within: ld r7, r3, 514
        add r11, r3, 3
        jlt r4, r11, last
four:   ld r5, r3, 515
        ld r6, r3, 516
        ld r10, r3, 517
        min r7, r7, r5
        min r7, r7, r6
        min r7, r7, r10
        add r3, r3, 3
        add r11, r11, 3
        jge r4, r11, four
last:   jge r3, r4, got
        add r3, r3, 1
        ld r5, r3, 514
        min r7, r7, r5
        jmp last
got:    ld r3, r1, 0
        ld r4, r1, 1
        add r8, r8, r7
        xor r9, r9, r7
        jlt r1, r2, query
end:    out r8
        out r9
        halt
"""

#: Lowest values of all runs of 1, 2, 4, ... values, 512 words each from 2048 on; a span is covered by two runs.
SPANS_PLAIN = """
        ld r1, 512, 0
        ld r2, 512, 1
        set r3, 0
copy:   ld r4, r3, 514
        st r4, r3, 2048
        add r3, r3, 1
        jlt r3, r1, copy
        set r4, 1
        set r5, 2048
        set r10, r1
level:  sub r10, r10, r4
        jge r10, r1, ask
        jeq r10, 0, ask
        add r6, r5, r4
        set r3, 0
        add r7, r5, 512
run:    ld r8, r5, r3
        ld r9, r6, r3
        min r8, r8, r9
        st r8, r7, r3
        add r3, r3, 1
        jlt r3, r10, run
        set r5, r7
        add r4, r4, r4
        jlt r4, r1, level
ask:    add r1, r1, 514
        add r2, r2, r2
        add r2, r2, r1
        set r8, 0
        set r9, 0
query:  ld r3, r1, 0
        ld r4, r1, 1
        sub r5, r4, r3
        add r5, r5, 1
        top r6, r5
        shl r7, r6, 9
        shl r6, 1, r6
        sub r4, r4, r6
        add r4, r4, 1
        add r7, r7, 2048
        ld r3, r7, r3
        ld r4, r7, r4
        min r3, r3, r4
        add r8, r8, r3
        xor r9, r9, r3
        add r1, r1, 2
        jlt r1, r2, query
        out r8
        out r9
        halt
"""


def tiles(simple):
    """Three columns of the right matrix share a word, as no sum exceeds 16 bits; matrices below 18 go the old way."""
    packing = []
    for j in range(0, 6, 2):
        x, y = ["r1", "r2", "r3"], ["r4", "r5", "r6"]
        packing += [f"ld {r}, r10, {3 * j + n}" for n, r in enumerate([*x, *y])]
        for (first, second, third), place in ((x, j), (y, j + 1)):
            packing += [f"shl {second}, {second}, 16", f"shl {third}, {third}, 32", f"or {first}, {first}, {second}"]
            packing += [f"or {first}, {first}, {third}", f"st {first}, r11, {place}"]
    items, row = 18 * 6, ["ld r7, r6, 0"]
    for step in range(items + 3):
        if step < items:
            row.append(f"ld r{8 + step % 4}, {step}, 0")
        if 2 <= step < items + 2:
            item = step - 2
            register = f"r{8 + item % 4}"
            row.append(f"mul {f'r{item}' if item < 6 else register}, {register}, r7")
            if item % 6 == 5 and item < items - 1:
                row.append(f"ld r7, r6, {item // 6 + 1}")
        if step >= 9:
            item = step - 3
            row.append(f"add r{item % 6}, r{item % 6}, r{8 + item % 4}")
    fold = [f"xor r0, r0, r{n}" for n in range(1, 6)]
    fold += ["shr r1, r0, 16", "shr r2, r0, 32", "xor r0, r0, r1", "xor r0, r0, r2", "and r0, r0, 0xffff", "out r0"]
    return lines(
        ["ld r1, 512, 0", "jne r1, 18, row", "set r10, 837", "set r11, 0"],
        ["pack:", *packing, "add r10, r10, 18", "add r11, r11, 6", "jlt r11, 108, pack", "set r6, 513"],
        ["wide:", *row, *fold, "add r6, r6, 18", "jlt r6, 837, wide", "halt"],
        simple.replace("row:", "set r3, 0\nrow: mul r2, r1, r1", 1),
    )


#: The right matrix is turned round into the shelf, and addresses are counted up.
TILES_PLAIN = """
        ld r1, 512, 0
        mul r2, r1, r1
        add r2, r2, 513
        set r3, 0
turn:   set r4, 0
        add r5, r3, 64
cell:   ld r6, r2, 0
        add r2, r2, 1
        st r6, r5, 0
        add r5, r5, r1
        add r4, r4, 1
        jlt r4, r1, cell
        add r3, r3, 1
        jlt r3, r1, turn
        mul r2, r1, r1
        set r3, 513
        add r11, r2, r3
row:    set r5, 64
        set r9, 0
        add r10, r2, 64
column: set r4, r3
        add r8, r5, r1
        set r0, 0
place:  ld r6, r5, 0
        ld r7, r4, 0
        add r5, r5, 1
        add r4, r4, 1
        mul r6, r6, r7
        add r0, r0, r6
        jlt r5, r8, place
        xor r9, r9, r0
        jlt r5, r10, column
        out r9
        add r3, r3, r1
        jlt r3, r11, row
        halt
"""

#: In a word of 48 bits: 46 symbols of the first row and a guard that hands a carry on. The masks lie in the hearth.
WEAVE_MASKS = """
        ld r1, 512, 0
        ld r2, 512, 1
        add r5, r1, 514
        ld r11, r5, 0
        add r6, r5, r2
        st 64, r5, 0         ; whatever is read too far counts for no symbol
        set r3, 514
"""


def weave_masks():
    """Return the code that makes the masks: symbol s of word w at 16 * w + s."""
    code = []
    for word in range(4):
        code += [f"jge r3, r5, masked{word}", "add r4, r3, 46", "min r4, r4, r5", "set r9, 1", "ld r7, r3, 0"]
        code += [f"mask{word}:"]
        for place, (now, then) in enumerate((("r7", "r8"), ("r8", "r7"))):
            base = 16 * word
            code += [f"ld r10, {now}, {base}", f"ld {then}, r3, {place + 1}", "or r10, r10, r9"]
            code += ["shl r9, r9, 1", f"st r10, {now}, {base}"]
        code += ["add r3, r3, 2", f"jlt r3, r4, mask{word}", f"masked{word}:"]
    return code


def weave_step(following):
    """Return the code for one symbol of the second row (in r7); the next one is fetched early."""
    code = ["ld r8, r7, 0", "ld r9, r7, 16", "ld r10, r7, 32"]
    code += ["and r8, r0, r8", "add r11, r0, r8", "lt r4, r11, r0", "sub r0, r0, r8", "ld r8, r7, 48"]
    code += ["or r0, r0, r11", f"ld r7, r5, {following}"]
    for v, m in (("r1", "r9"), ("r2", "r10"), ("r3", "r8")):
        code += [f"and {m}, {v}, {m}", f"add r11, {v}, {m}", "add r11, r11, r4"]
        code += [f"lt r4, r11, {v}"] if v != "r3" else []
        code += [f"sub {v}, {v}, {m}", f"or {v}, {v}, r11"]
    return code


def weave():
    body = [line for number in range(8) for line in weave_step(number + 1)]
    return lines(
        WEAVE_MASKS,
        weave_masks(),
        [f"set r{n}, -1" for n in range(4)],
        ["set r7, r11", "sub r6, r6, 7", "jge r5, r6, rest"],
        ["eight:", *body, "add r5, r5, 8", "jlt r5, r6, eight"],
        ["rest: add r6, r6, 7", "jge r5, r6, end"],
        ["single:", *weave_step(1), "add r5, r5, 1", "jlt r5, r6, single"],
        ["end: cnt r0, r0", "cnt r1, r1", "cnt r2, r2", "cnt r3, r3", "add r0, r0, r1", "add r2, r2, r3"],
        ["add r0, r0, r2", "sub r0, 192, r0", "out r0", "halt"],
    )


#: The same with words in memory: masks at 1024 + 4 * symbol, state at 0.
WEAVE_PLAIN = """
        ld r1, 512, 0
        ld r2, 512, 1
        set r3, 0
        set r5, 0
        set r6, 1
mask:   ld r4, r3, 514
        shl r4, r4, 2
        add r4, r4, r5
        ld r7, r4, 64
        or r7, r7, r6
        st r7, r4, 64
        shl r6, r6, 1
        jlt r6, 0x400000000000, same
        set r6, 1
        add r5, r5, 1
same:   add r3, r3, 1
        jlt r3, r1, mask
        st -1, 0, 0
        st -1, 1, 0
        st -1, 2, 0
        st -1, 3, 0
        add r3, r1, 514
        add r2, r2, r3
symbol: ld r4, r3, 0
        shl r4, r4, 2
        set r5, 0
        set r6, 0
word:   ld r7, r4, 64
        ld r8, r5, 0
        and r7, r7, r8
        add r9, r7, r8
        add r9, r9, r6
        lt r6, r9, r8
        sub r8, r8, r7
        or r8, r8, r9
        st r8, r5, 0
        add r4, r4, 1
        add r5, r5, 1
        jlt r5, 4, word
        add r3, r3, 1
        jlt r3, r2, symbol
        set r5, 0
        set r6, 192
count:  ld r8, r5, 0
        cnt r8, r8
        sub r6, r6, r8
        add r5, r5, 1
        jlt r5, 4, count
        out r6
        halt
"""


def best(name, delivered):
    """Return the best program for a name; *delivered* is the text of the program that came with the task."""
    if name == "peak":
        return delivered.replace(*PEAK_END)
    if name == "tiles":
        return tiles(delivered[delivered.index("row:") :])
    return {"ahead": lambda: AHEAD, "needles": needles, "ranks": ranks, "spans": spans, "weave": weave}[name]()


def plain(name):
    """Return a program with a better algorithm than the delivered one, written without a thought of the machine."""
    texts = {"spans": SPANS_PLAIN, "tiles": TILES_PLAIN, "weave": WEAVE_PLAIN}
    return texts[name] if name in texts else {"needles": needles_plain, "ranks": ranks_plain}[name]()
