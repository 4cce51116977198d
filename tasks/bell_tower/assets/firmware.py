"""The sources of the firmware, and how the seed turns them into an image."""

import random
import re

from assembler import assemble
from isa import Isa

#: What every firmware has to write to the serial line and to read from it.
TEXT = """
putc:                        ; writes A
    push B
    ldi B, {SERIAL}
    out B, A
    pop B
    ret
---
puts:                        ; writes the text at A
    push E
    mov E, A
_next:
    ldb A, E, 0
    ceqi A, 0
    bt _end
    call putc
    inc E, 1
    jmp _next
_end:
    pop E
    ret
---
newline:
    ldi A, 10
    call putc
    ret
---
hexdigit:
    cloi A, 10
    bt _low
    addi A, 39
_low:
    addi A, 48
    call putc
    ret
---
print_hex:                   ; writes A in four digits
    push E
    push F
    mov E, A
    ldi F, 4
_next:
    rol E, 4
    mov A, E
    andi A, 15
    call hexdigit
    dec F, 1
    ceqi F, 0
    bf _next
    pop F
    pop E
    ret
---
num:                         ; reads a number of one or two digits at A, perhaps with a sign
    push E
    ldi E, 0
    ldb B, A, 0
    ceqi B, 45
    bf _digits
    ldi E, 1
    inc A, 1
_digits:
    ldb C, A, 0
    addi C, -48
    cloi C, 10
    bf _none
    ldb B, A, 1
    addi B, -48
    cloi B, 10
    bf _sign
    ldi D, 10
    mul C, D
    add C, B
_sign:
    mov A, C
    ceqi E, 0
    bt _end
    ldi C, 0
    sub C, A
    mov A, C
_end:
    pop E
    ret
_none:
    ldi A, 99
    pop E
    ret
---
readline:                    ; reads a line to `line`; A := its length
    push E
    ldi B, {SERIAL}
    ldi E, line
    ldi C, 0
_next:
    in A, B
    ceqi A, 10
    bt _end
    cloi C, {LINE}
    bf _next
    stb A, E, 0
    inc E, 1
    inc C, 1
    jmp _next
_end:
    ldi A, 0
    stb A, E, 0
    mov A, C
    pop E
    ret
"""
MAIN = """
boot:
    ldi S, stack
    addi S, {LIFT}
    {GUARDS}
    ldi C, st_sp
    stw S, C, 2
    ldi A, t_hello
    call puts
main:
    ldi A, t_prompt
    call puts
    call readline
    ceqi A, 0
    bt main
    cloi A, {LINE}
    bf main_long
    ldi E, line
    ldb F, E, 0
    ldi G, commands
main_next:
    ldw A, G, 0
    ceqi A, 0
    bt main_what
    ceq A, F
    bt main_go
    inc G, 4
    jmp main_next
main_go:
    ldw B, G, 2
    mov A, E
    inc A, 2
    callr B
    jmp main
main_what:
    ldi A, t_what
    call puts
    jmp main
main_long:
    ldi A, t_long
    call puts
    jmp main
---
c_help:
    ldi A, t_help
    call puts
    ret
---
c_exit:
    ldi A, t_bye
    call puts
    halt
---
c_count:                     ; how many strokes there were
    ldi C, st_count
    ldw A, C, 2
    call print_hex
    call newline
    ret
"""
BELLS = """
c_pitch:
    call num
    clti A, 12
    bf out_of_range
    shl A, 2
    ldi B, bells
    add B, A
    ldw A, B, 2
    xori A, {PITCH}
    rol A, {TURN}
    call print_hex
    call newline
    ret
---
c_weight:
    call num
    cloi A, 12
    bf out_of_range
    shl A, 2
    ldi B, bells
    add B, A
    ldw A, B, 0
    call print_hex
    call newline
    ret
---
out_of_range:
    ldi A, t_range
    call puts
    ret
---
c_ring:
    call num
    cloi A, 12
    bf out_of_range
    ldi C, st_count
    ldw D, C, 2
    inc D, 1
    stw D, C, 2
    ldi A, t_dong
    call puts
    ret
---
c_name:                      ; greets; the name is cut to 15 characters first
    push E
    mov E, A
    ldi C, 0
    stb C, A, 15
    mov C, S
    addi S, 16
_next:
    ldb D, E, 0
    stb D, C, 0
    inc E, 1
    inc C, 1
    ceqi D, 0
    bf _next
    ldi A, t_greet
    call puts
    mov A, S
    addi A, -16
    call puts
    call newline
    addi S, -16
    pop E
    ret
---
strike:                      ; nothing calls this
    ldi B, {STRIKER}
    call io_in
    ceqi A, 0
    bt _end
    call putc
    jmp strike
_end:
    call newline
    ret
"""
IO = """
io_in:
    in A, B
    ret
---
io_out:
    out B, A
    ret
"""
TUNE = """
verify:                      ; A: symbols; A := how many units follow the check, or 0xffff
    push E
    push F
    mov E, A
    inc A, 2
    ldi D, {SUM}
    ldi F, 0
_next:
    ldb C, A, 0
    ceqi C, 0
    bt _end
    addi C, -97
    cloi C, 16
    bf _bad
    rol D, {SUMTURN}
    xor D, C
    inc A, 1
    inc F, 1
    jmp _next
_end:
    mov C, F
    andi C, 1
    ceqi C, 0
    bf _bad
    mov C, D
    shr C, 8
    xor D, C
    andi D, 255
    ldb C, E, 0
    addi C, -97
    cloi C, 16
    bf _bad
    ldi B, symbols
    add B, C
    ldb B, B, 0
    shl B, 4
    ldb C, E, 1
    addi C, -97
    cloi C, 16
    bf _bad
    ldi A, symbols
    add A, C
    ldb A, A, 0
    or A, B
    ceq A, D
    bf _bad
    mov A, F
    shr A, 1
    pop F
    pop E
    ret
_bad:
    ldi A, 0xffff
    pop F
    pop E
    ret
---
unit:                        ; G := the next unit at A, E: the key
    ldb D, A, 0
    addi D, -97
    ldi G, symbols
    add G, D
    ldb D, G, 0
    shl D, 4
    push D
    ldb D, A, 1
    addi D, -97
    ldi G, symbols
    add G, D
    ldb G, G, 0
    pop D
    or D, G
    mov G, D
    xor G, E
    shl E, 1
    add E, D
    addi E, {STEP}
    andi E, 255
    inc A, 2
    ret
---
decode:                      ; A: symbols, B: where to, C: units; A := how many bytes there are
    push E
    push F
    push G
    ldi E, {KEY}
    ldi F, 0
_next:
    ceqi C, 0
    bt _end
    dec C, 1
    call unit
    ceqi G, {ESCAPE}
    bt _escape
_store:
    stb G, B, 0
    inc B, 1
    inc F, 1
    jmp _next
_escape:
    ceqi C, 0
    bt _end
    dec C, 1
    call unit
    ceqi G, 0
    bf _run
    ldi G, {ESCAPE}
    jmp _store
_run:
    dec B, 1
    ldb D, B, 0
    inc B, 1
_again:
    stb D, B, 0
    inc B, 1
    inc F, 1
    dec G, 1
    ceqi G, 0
    bf _again
    jmp _next
_end:
    mov A, F
    pop G
    pop F
    pop E
    {CHECK}
    ret
---
c_tune:
    push E
    push F
    mov E, A
    call verify
    cloi A, {UNITS}
    bf _bad
    mov F, A
    mov B, S
    addi S, {BUFFER}
    {PROTECT}
    mov A, E
    inc A, 2
    mov C, F
    call decode
    {UNPROTECT}
    push A
    ldi A, t_played
    call puts
    pop A
    call print_hex
    call newline
    addi S, {BUFFERBACK}
    pop F
    pop E
    ret
_bad:
    ldi A, t_bad
    call puts
    pop F
    pop E
    ret
"""
SMASHED = """
---
smashed:
    ldi A, t_smashed
    call puts
    halt
"""
GUARDS = """
    ldi B, {CHANCE}
    call io_in
    ldi C, st_one
    stw A, C, 2
    call io_in
    ldi C, st_two
    stw A, C, 2
"""
PROTECT = """
    ldi C, st_one
    ldw D, C, 2
    xor D, S
    push D
    ldi C, st_two
    ldw D, C, 2
    push D
"""
CHECK = """
    mov B, S
    addi B, -6
    ldi C, st_one
    ldw D, C, 2
    xor D, B
    ldw C, B, 0
    ceq C, D
    bf smashed
    ldi C, st_two
    ldw D, C, 2
    ldw C, B, 2
    ceq C, D
    bf smashed
"""
DIGEST = """
mix_xor:
    push C
    ldw C, B, 0
    xor A, C
    pop C
    ret
---
mix_add:
    push C
    ldb C, B, 0
    add A, C
    pop C
    ret
---
mix_sub:
    push B
    push C
    ldb C, B, 1
    mov B, A
    sub A, C
    pop C
    pop B
    ret
---
c_digest:                    ; a digest of a text
    mov B, A
    ldi A, {DIGEST}
_next:
    ldb D, B, 0
    ceqi D, 0
    bt _end
    ldb D, B, 1
    ceqi D, 0
    bt _end
    call mix_xor
    call mix_add
    call mix_sub
    rol A, 5
    inc B, 2
    jmp _next
_end:
    call print_hex
    call newline
    ret
---
c_probe:                     ; shows a word by its address of four digits
    ldi C, 0
    ldi D, 4
_next:
    ldb B, A, 0
    addi B, -48
    cloi B, 10
    bt _digit
    addi B, -39
    cloi B, 16
    bf _bad
_digit:
    shl C, 4
    or C, B
    inc A, 1
    dec D, 1
    ceqi D, 0
    bf _next
    mov A, C
    ldi B, {FADDR}
    call io_out
    ldi B, {FDATA}
    call io_in
    call print_hex
    call newline
    ret
_bad:
    ldi A, t_bad
    call puts
    ret
"""
#: Words before the table of the bells, in an order that the seed decides: records of two words.
RECORDS = """
st_sp:
    .word {ID1}, 0
---
st_count:
    .word {ID2}, 0
---
plate:
    .space 32
---
spare:
    .space {SPARE}
---
commands:
    {COMMANDS}
    .word 0, 0
"""
GUARD_RECORDS = """
---
st_one:
    .word {ID3}, 0
---
st_two:
    .word {ID4}, 0
"""
STRINGS = """
t_hello:
    .text "{TASK}, twelve bells. h for help.\\n"
---
t_prompt:
    .text "> "
---
t_what:
    .text "no such command\\n"
---
t_long:
    .text "line too long\\n"
---
t_help:
    .text "{HELP}\\n"
---
t_bye:
    .text "bye\\n"
---
t_range:
    .text "no such bell\\n"
---
t_dong:
    .text "dong\\n"
---
t_greet:
    .text "the ringers greet "
---
t_bad:
    .text "not well formed\\n"
---
t_played:
    .text "played "
---
t_smashed:
    .text "the rope is frayed\\n"
---
symbols:
    .byte {SYMBOLS}
---
line:
    .space {LINEROOM}
"""
LATCH = """
.entry boot
.segment code C
boot:
    ldi S, stack
ask:
    ldi A, t_ask
    call puts
    call readline
    ceqi A, 10
    bf refuse
    ldi E, line
    ldi F, expected
    ldi G, {KEY}
    ldi C, 10
compare:
    ldb A, E, 0
    xor A, G
    addi A, {STEP}
    andi A, 255
    ldb G, F, 0
    ceq A, G
    bf refuse
    inc E, 1
    inc F, 1
    dec C, 1
    ceqi C, 0
    bf compare
open:
    ldi B, {VKEY}
    ldi A, {COMBINATION}
    out B, A
    ldi B, {VDATA}
show:
    in A, B
    ceqi A, 0
    bt boot
    rol A, 8
    push A
    call putc
    pop A
    shr A, 8
    call putc
    jmp show
refuse:
    ldi A, t_no
    call puts
    jmp ask
{TEXT}
.segment data D
t_ask:
    .text "\\nword? "
t_no:
    .text "no"
expected:
    .byte {EXPECTED}
line:
    .space {LINEROOM}
.segment pile S
stack:
    .space 256
"""
LATCH_ROUTINES = ("putc", "puts", "readline")
COMMANDS = {
    "h": ("c_help", "h"),
    "p": ("c_pitch", "p BELL"),
    "w": ("c_weight", "w BELL"),
    "r": ("c_ring", "r BELL"),
    "n": ("c_name", "n NAME"),
    "k": ("c_count", "k"),
    "t": ("c_tune", "t TUNE"),
    "d": ("c_digest", "d TEXT"),
    "q": ("c_probe", "q ADDRESS"),
    "x": ("c_exit", "x"),
}
#: Bytes of the tune's buffer, and instructions between two lines that are read.
BUFFERS = {"clapper": 48, "carillon": 64}
BUDGETS = {"latch": 50_000, "clapper": 50_000, "carillon": 5200}


def fill(template, values):
    """Put values for the {NAMES}; what is put in may have names too."""
    while re.search(r"\{[A-Z]\w*\}", template):
        template = re.sub(r"\{([A-Z]\w*)\}", lambda found: str(values[found[1]]), template)
    return template


def constants(rng, isa, task):
    """Return what the sources leave to the seed."""
    buffer = BUFFERS.get(task, 0)
    symbols = rng.sample(range(16), 16)
    values = dict(isa.ports)
    values |= {
        "COMBINATION": isa.combination,
        "TASK": task,
        "BUFFER": buffer,
        "BUFFERBACK": -buffer,
        "UNITS": buffer + 1,
    }
    values |= {"LINE": 2 * buffer + 6 if buffer else 40, "SYMBOLS": ", ".join(map(str, symbols))}
    values |= {"LINEROOM": values["LINE"] + 18, "LIFT": 2 * rng.randrange(2, 12), "SPARE": 4 * rng.randrange(3, 20)}
    values |= {"KEY": rng.randrange(1, 256), "STEP": rng.randrange(1, 256), "ESCAPE": rng.randrange(1, 255)}
    values |= {"SUM": rng.randrange(0x10000), "SUMTURN": rng.choice([3, 5, 7]), "DIGEST": rng.randrange(0x10000)}
    values |= {"PITCH": rng.randrange(1, 0x10000), "TURN": rng.randrange(3, 14)}
    values |= {f"ID{i}": rng.randrange(1, 0x7F) for i in range(1, 5)}
    names = [name for name in COMMANDS if task == "carillon" or name not in "dq"]
    rng.shuffle(names)
    values["COMMANDS"] = "\n".join(f".word {ord(name)}, {COMMANDS[name][0]}" for name in names)
    values["HELP"] = ", ".join(COMMANDS[name][1] for name in sorted(names))
    guarded = task == "carillon"
    values |= {"GUARDS": GUARDS if guarded else "", "PROTECT": PROTECT if guarded else "", "TEXT": TEXT}
    values |= {"CHECK": CHECK if guarded else "", "UNPROTECT": "addi S, -4" if guarded else ""}
    return values


def shuffled(rng, text, pad=False):
    """Return the routines of a text in an order of the seed's; *pad* puts a few words between them."""
    parts = [part.strip("\n") for part in text.split("---\n")]
    rng.shuffle(parts)
    return "\n".join(part + ("\n    nop" * rng.randrange(4) if pad else "") for part in parts) + "\n"


def tower(rng, task):
    """Return the source of the tasks with a whole bell tower."""
    if task == "carillon":
        code = {"core": MAIN, "bells": BELLS, "digest": DIGEST, "tune": TUNE + SMASHED, "text": TEXT, "io": IO}
    else:
        code = {"code": "---\n".join([MAIN, BELLS, TUNE, TEXT, IO])}
    segments = [f".segment s_{name} C\n{shuffled(rng, text, pad=True)}" for name, text in code.items()]
    bells = "\n".join(f".word {rng.randrange(40, 900)}, {rng.randrange(200, 2000)}" for _ in range(12))
    records = shuffled(rng, RECORDS + (GUARD_RECORDS if task == "carillon" else ""))
    segments.append(f".segment s_data D\n{records}bells:\n{bells}\n{shuffled(rng, STRINGS)}")
    segments.append(".segment s_stack S\nstack:\n.space 512\n")
    rng.shuffle(segments)
    return ".entry boot\n.plate plate\n" + "\n".join(segments)


def password(seed):
    """Return the word that opens the latch."""
    rng = random.Random(f"{seed}:latch:password")
    return "".join(rng.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(10))


def latch_table(word, key, step):
    """Return what the latch compares with."""
    table = []
    for character in word.encode():
        key = ((character ^ key) + step) & 0xFF
        table.append(key)
    return table


def layout(rng, segments):
    """Return pages for segments, drawn so that none meets another or the ends of memory."""
    taken, bases = set(range(1)) | {255}, []
    for segment in segments:
        count = -(-segment.size // 256)
        while True:
            first = rng.randrange(1, 255)
            pages = set(range(first, first + count))
            if not taken & pages and max(pages) < 255:
                break
        taken |= pages
        bases.append(first << 8)
    return bases


def build(seed, task):
    """Return ``(isa, program)`` of a task. In carillon all segments are at 0: they are placed for each connection."""
    isa = Isa(seed, task)
    rng = random.Random(f"{seed}:{task}:firmware")
    registers = dict(zip("ABCDEFGS", [*rng.sample(range(7), 7), 7], strict=True))
    values = constants(rng, isa, task)
    if task == "latch":
        values["EXPECTED"] = ", ".join(map(str, latch_table(password(seed), values["KEY"], values["STEP"])))
        routines = TEXT.split("---\n")
        values["TEXT"] = "".join(part for part in routines if part.split(":")[0].strip() in LATCH_ROUTINES)
        source = LATCH
    else:
        source = tower(rng, task)

    def place(segments):
        if task != "carillon":
            for segment, base in zip(segments, layout(rng, segments), strict=True):
                segment.base = base

    program = assemble(fill(source, values), isa, registers, place)
    if task != "carillon":
        program.relocations.clear()
    return isa, program
