"""Numerals of the market: sixes, ropes of 24 and sails of 576, with exceptions; and receipts that use them."""

import random

ONES = ("", "em", "tol", "ruv", "kas", "din")
WARES = {"pots": "lomei", "nets": "sagu", "knives": "tirri", "mats": "obal", "drums": "hekku", "lamps": "vint"}


def below_rope(number):
    """Return the words of a number below 24 but 23."""
    sixes, ones = divmod(number, 6)
    if number == 7:
        return ["sefi"]
    words = [ONES[sixes] + "mor" if sixes > 1 else "moru"] if sixes else []
    return words + ([ONES[ones]] if ones else [])


def words(number):
    """Return the name of a number from 1 to 3000."""
    if number % 24 == 23:
        # One less than so many ropes.
        return words(number + 1) + " ani"
    sails, rest = divmod(number, 576)
    ropes, units = divmod(rest, 24)
    parts = ([words(sails)] if sails > 1 else []) + ["pelo"] if sails else []
    parts += ([words(ropes)] if ropes > 1 else []) + ["hanta"] if ropes else []
    low = below_rope(units)
    # Ones that follow a rope or a sail at once are linked to it.
    return " ".join(parts + (["na"] if parts and 0 < units < 6 else []) + low)


def receipts():
    """Return ``(ware, count, price)`` of each receipt, and what of it cannot be read in English."""
    rng = random.Random("island_tongue:market:2")
    fixed = [
        (7, 3),
        (23, 2),
        (5, 31),
        (9, 23),
        (8, 72),
        (2, 300),
        (4, 6),
        (24, 24),
        (1, 47),
        (12, 24),
        (19, 31),
        (3, 9),
        (24, 23),
        (7, 24),
        (3, 193),
        (2, 71),
    ]
    drawn = [(rng.randrange(2, 40), rng.randrange(2, 40)) for _ in range(14)]
    rows = [(rng.choice(list(WARES)), *pair) for pair in fixed + drawn]
    rng.shuffle(rows)
    return [(*row, place % 3 if place % 4 == 1 else None) for place, row in enumerate(rows)]


def text():
    """Return the bilingual receipts."""
    blocks = []
    for place, (ware, count, price, hidden) in enumerate(receipts(), 1):
        numbers = (count, price, count * price)
        seen = ["..." if which == hidden else str(number) for which, number in enumerate(numbers)]
        blocks.append(
            f"receipt {place}\n  {seen[0]} {ware} at {seen[1]} shells each: {seen[2]} shells\n"
            f"  {WARES[ware]} {words(count)} / viru {words(price)} / {words(numbers[2])}\n"
        )
    return "\n".join(blocks)


def tasks():
    """Return numbers to read, and numbers to name, that occur in no receipt."""
    known = {n for _, count, price, _ in receipts() for n in (count, price, count * price)}
    rng = random.Random("island_tongue:market:items")
    kinds = [
        lambda n: n % 24 == 23 and n > 100,
        lambda n: n % 24 == 7 and n > 50,
        lambda n: 0 < n % 24 < 6 and n > 24,
        lambda n: n > 1152,
        lambda n: n % 24 == 12,
        lambda n: n % 24 == 23 and n > 576,
        lambda n: n // 24 % 24 in (7, 23) and n % 24 == 0,
        lambda n: n < 150 and n % 24 > 8,
        lambda n: n // 24 in (7, 31) and n % 24 != 23,
        lambda n: n > 600 and n % 24 > 7,
    ]
    items = []
    for kind in kinds * 2:
        items.append(rng.choice([n for n in range(8, 2600) if kind(n) and n not in known and n not in items]))
    return items[:10], items[10:]
