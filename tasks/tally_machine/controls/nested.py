"""Keeps the two nested loops and trims what is inside: four later values a round, loaded before any is looked at."""

from pathlib import Path

registers = ("r5", "r6", "r7", "r11")
look = [f"ld {register}, r4, {513 + number}" for number, register in enumerate(registers)]
look += [f"jlt r3, {register}, found{number}" for number, register in enumerate(registers)]
found = []
for number in range(4):
    found += [f"found{number}: add r6, r4, {number}", "jmp found"]
program = [
    *["ld r1, 512, 0", "set r2, 0", "set r8, 0", "set r9, 0", "st 0xffffff, r1, 513"],
    *["each: ld r3, r2, 513", "add r4, r2, 1", "look:", *look, "add r4, r4, 4", "jmp look", *found],
    *["found: jge r6, r1, next", "sub r6, r6, r2", "mul r7, r3, r6", "add r8, r8, r7", "max r9, r9, r6"],
    *["next: add r2, r2, 1", "jlt r2, r1, each", "out r8", "out r9", "halt"],
]
Path("/home/agent/ahead.tal").write_text("\n".join(program) + "\n")
