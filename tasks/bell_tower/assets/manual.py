"""Writes the manual of a task's machine."""

from pathlib import Path

from devices import OPENING
from firmware import BUDGETS, fill
from isa import INSTRUCTIONS, WIDTHS

PLATE = """\
Segments are at the addresses that the file names, each at the beginning of a page.

The plate is eight records of two words. When a machine is switched on, its maker's text of 16 characters is written
to it, two characters to the second word of each record, in their order (the first of them at the lower address). It
is not in the image file."""
SHUFFLED = """\
The addresses in the file are 0. Whenever a machine is switched on, that is, for each connection, the loader draws new
pages for the segments, in any order and with any gaps, each segment from the beginning of a page, and then adds to
the words that the relocations name the address of the segment that they name.

The plate is eight records of two words. When a machine is switched on, its maker's text of 16 characters is written
to it, two characters to the second word of each record, in their order (the first of them at the lower address). It
is not in the image file."""
FIXED = "Segments are at the addresses that the file names, each at the beginning of a page."
SERIAL = "serial line. IN waits for a byte and gives it; OUT sends the low byte. Lines end with byte 10."
WATCHDOG = " The watchdog allows {budget} instructions from the first byte of a line to the first byte of the next."
VKEY = "vault. It opens when the number {combination:#06x} is written here, and is locked for good by any other number."
VDATA = (
    "vault. Each IN gives the next two characters of what it holds, the first of them in the high byte, and 0 after the"
    " last of them and where the vault is not open."
)
VNONCE = "vault. IN gives a number, another one for each line: it changes when the first byte of a line is read."
VKEY_GUARDED = (
    "vault. It opens when the answer to its number is written here, and is locked for good by any other. The answer is"
    " the number {first}, and that {second}. It gives {opening} words and closes, and it closes when the first byte of"
    " a line is read; opened again, it goes on where it was."
)
STRIKER = "striker. Each IN gives the next of 16 characters, and 0 after the last."
CHANCE = "chance. Each IN gives another number that nobody can know before."
FLASH = {
    "FADDR": "flash. The offset of a word in the image file is written here.",
    "FDATA": "flash. IN gives that word, as it is in the image file.",
}


def ports_of(isa, task):
    """Return what is said of the ports, by name."""
    texts = {"SERIAL": SERIAL + WATCHDOG.format(budget=BUDGETS[task]), "VDATA": VDATA}
    if task == "carillon":
        first, second = (f"{operation} {constant:#06x}" for operation, constant in isa.answer)
        texts["VKEY"] = VKEY_GUARDED.format(first=first, second=second, opening=OPENING)
        texts |= {"VNONCE": VNONCE, "CHANCE": CHANCE, **FLASH}
    else:
        texts["VKEY"] = VKEY.format(combination=isa.combination)
    if task != "latch":
        texts["STRIKER"] = STRIKER
    return texts


def manual(isa, task):
    """Return the manual."""
    fields = []
    for field, shift in sorted(isa.shifts.items(), key=lambda item: -item[1]):
        meaning = "a number from 0 to 15" if field == "n" else "a register"
        fields.append(f"| {field} | {shift + WIDTHS[field] - 1} to {shift} | {meaning} |")
    rows = [
        f"| {code:#04x} | {name} {', '.join(INSTRUCTIONS[name][0])}".rstrip() + f" | {INSTRUCTIONS[name][1]} |"
        for code, name in sorted(isa.names.items())
    ]
    ports = sorted((isa.ports[name], name, text) for name, text in ports_of(isa, task).items())
    values = {
        "ENDIAN": f"{isa.byteorder}-endian",
        "FIRST": "high" if isa.byteorder == "big" else "low",
        "STOPPED": "" if task == "carillon" else " with the reason, the address of the next instruction and r7",
        "DATA_RIGHTS": "read and written" if task == "carillon" else "read, written and executed",
        "FIELDS": "\n".join(fields),
        "INSTRUCTIONS": "\n".join(rows),
        "TURN": isa.turn,
        "NO_PLATE": "; both are 0 where there is none" if task == "latch" else "",
        "LOADER": {"latch": FIXED, "clapper": PLATE, "carillon": SHUFFLED}[task],
        "PORTS": "\n".join(f"| {number:#04x} | {name} | {text} |" for number, name, text in ports),
    }
    return fill((Path(__file__).with_name("MANUAL.md")).read_text(), values)
