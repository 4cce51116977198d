"""Makes the contents of files: notes, tables of numbers, and bytes without any pattern."""

WORDS = [
    "anchor",
    "basalt",
    "copper",
    "dredge",
    "eddy",
    "furrow",
    "gravel",
    "harrow",
    "inlet",
    "jigsaw",
    "kettle",
    "lantern",
    "mortar",
    "notch",
    "oyster",
]
WORDS += ["paddle", "quarry", "rudder", "sluice", "tallow", "urchin", "vessel", "willow", "yarrow", "zephyr"]
STEMS = [
    "ledger",
    "survey",
    "tide",
    "crew",
    "cargo",
    "sounding",
    "invoice",
    "permit",
    "chart",
    "rota",
    "stock",
    "repair",
    "tariff",
    "buoy",
    "log",
    "berth",
]


def name(rng, used, kind):
    """Return a file name that nobody has used yet."""
    while True:
        found = f"{rng.choice(STEMS)}-{rng.randint(10, 99)}.{kind}"
        if found not in used:
            used.add(found)
            return found


def contents(rng, kind, size):
    """Return *size* bytes of a kind: txt, csv or bin."""
    if kind == "bin":
        return rng.getrandbits(8 * size).to_bytes(size, "big")
    lines, length = [], 0
    while length < size:
        if kind == "csv":
            line = f"{len(lines)},{rng.choice(WORDS)},{rng.randint(0, 99999)},{rng.randint(0, 999) / 10}\n"
        else:
            line = " ".join(rng.choice(WORDS) for _ in range(rng.randint(4, 11))) + ".\n"
        lines.append(line)
        length += len(line)
    return "".join(lines).encode()[:size]
