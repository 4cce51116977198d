"""Labels of the bins in a warehouse; SPEC.md says what they are."""

import re

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def check_letter(digits: str) -> str:
    """Return the check letter of the five digits."""
    total = sum(int(digit) * place**2 for place, digit in enumerate(digits))
    return LETTERS[total % len(LETTERS)]


def encode(aisle: int, shelf: int) -> str:
    """Return the label of a bin."""
    digits = f"{aisle:02d}{shelf:03d}"
    return f"{digits[:2]}-{digits[2:]}-{check_letter(digits)}"


def decode(label: str):
    """Return ``[aisle, shelf]``, or None where *label* is no valid label."""
    match = re.fullmatch(r"([0-9]{2})-([0-9]{3})-([A-Z])", label.upper())
    if match is None or match[3] != check_letter(match[1] + match[2]):
        return None
    return [int(match[1]), int(match[2])]
