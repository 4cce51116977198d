"""Labels of the bins in a warehouse; SPEC.md says what they are."""

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
    parts = label.upper().split("-")
    if len(parts) != 3:
        return None
    digits = parts[0] + parts[1]
    if len(digits) != 5 or parts[2] != check_letter(digits):
        return None
    return [int(parts[0]), int(parts[1])]
