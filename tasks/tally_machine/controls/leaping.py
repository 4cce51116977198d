"""From right to left, leaping along the places found before; they are kept in the yard, so that gates are busy."""

from pathlib import Path

Path("/home/agent/ahead.tal").write_text(
    """
        ld r1, 512, 0
        set r8, 0
        set r9, 0
        set r2, r1
each:   sub r2, r2, 1
        ld r3, r2, 513
        add r4, r2, 1
look:   jge r4, r1, none
        ld r5, r4, 513
        jlt r3, r5, found
        ld r4, r4, 2048      ; the first larger one after that
        jmp look
found:  sub r6, r4, r2
        mul r7, r3, r6
        add r8, r8, r7
        max r9, r9, r6
none:   st r4, r2, 2048
        jne r2, 0, each
        out r8
        out r9
        halt
"""
)
