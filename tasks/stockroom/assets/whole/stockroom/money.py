"""Money as whole cents."""


def to_cents(text):
    """Return the cents of a decimal text, half a cent rounded up."""
    return round(float(text) * 100)
