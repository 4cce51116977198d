"""What each service keeps to itself, and the word that an attacker must bring. Everything follows from the seed."""

import random
import string
from pathlib import Path

SEED = int((Path(__file__).resolve().parents[1] / "seed.txt").read_text())
FIRST = ["rust", "moss", "fern", "slate", "cobalt", "ochre", "velvet", "copper", "hollow", "silent", "amber", "winter"]
FIRST += ["nine", "seven", "salt", "iron", "paper", "glass", "harbor", "meadow", "crooked", "distant", "lunar", "tidal"]
SECOND = ["lantern", "heron", "cellar", "anchor", "bridge", "kettle", "ladder", "mirror", "needle", "orchard", "pillar"]
SECOND += [
    "quarry",
    "ribbon",
    "saddle",
    "thimble",
    "umbrella",
    "vessel",
    "window",
    "acorn",
    "barrel",
    "candle",
    "drawer",
]
ROOMS = ["boathouse", "bakehouse", "gatehouse", "mill", "smokehouse", "toolshed"]
KEEPERS = ["night porter", "head cook", "ferryman", "gardener", "lamplighter"]


def flag(rng):
    """Return a word of the form ``flag{word-word-dddd}``."""
    return f"flag{{{rng.choice(FIRST)}-{rng.choice(SECOND)}-{rng.randrange(10000):04d}}}"


def key(rng, length):
    """Return a key that cannot be guessed."""
    return "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(length))


def keystream(rng, word):
    """The note is longer than what any text shows of its key stream at one go."""
    return {"key": key(rng, 20), "note": f"Note 1: the {rng.choice(ROOMS)} key hangs behind {word}"}


def extension(rng, word):
    """The key is so long that trying lengths from the shortest on outlasts a connection."""
    return {"key": key(rng, rng.randint(29, 33)), "word": word}


def padding(rng, word):
    """The text fills seven or eight blocks."""
    return {"key": key(rng, 20), "text": f"kept for the {rng.choice(KEEPERS)}: {word}"}


MAKERS = {"keystream": keystream, "extension": extension, "padding": padding}


def of(task):
    """Return ``(word, secrets)`` of a task."""
    rng = random.Random(f"{SEED}:{task}")
    word = flag(rng)
    return word, MAKERS[task](rng, word)
