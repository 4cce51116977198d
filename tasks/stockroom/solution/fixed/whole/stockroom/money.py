"""Money as whole cents."""

from decimal import ROUND_HALF_UP, Decimal


def to_cents(text):
    """Return the cents of a decimal text, half a cent rounded up."""
    return int((Decimal(text) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
