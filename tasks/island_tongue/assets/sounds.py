"""The southern dialect's sounds from the northern ones, and the script, which leaves much unsaid."""

VOWELS = "aoueiy"
SCRIPT = {
    letter: sign
    for sign, letters in {
        "A": "ae", "O": "oi", "U": "uy", "P": "pb", "T": "td", "K": "kg", "S": "sz",
        "M": "m", "N": "nq", "L": "l", "R": "r", "V": "vf", "H": "h", "J": "j", "C": "c",
    }.items()
    for letter in letters
}  # fmt: skip
FINAL = {"b": "p", "d": "t", "g": "k", "v": "f", "z": "s"}
WEAK = {"b": "v", "d": "r", "g": ""}
RULES = ("soft", "weak", "merged", "dropped", "hard", "raised", "breath", "turned")


def soft(word):
    """k and t become c before i and y."""
    return "".join("c" if c in "kt" and word[i + 1 : i + 2] in ("i", "y") else c for i, c in enumerate(word))


def weak(word):
    """b, d and g between vowels become v, r and nothing."""
    between = [0 < i < len(word) - 1 and word[i - 1] in VOWELS and word[i + 1] in VOWELS for i in range(len(word))]
    return "".join(WEAK.get(c, c) if inside else c for c, inside in zip(word, between, strict=True))


def merged(word):
    """Two of the same vowel become one."""
    return "".join(c for i, c in enumerate(word) if not (c in VOWELS and word[i + 1 : i + 2] == c))


def dropped(word):
    """a and e are lost at the end of words of three vowels or more."""
    return word[:-1] if word[-1] in "ae" and sum(c in VOWELS for c in word) > 2 else word


def hard(word):
    """Voiced sounds lose their voice at the end."""
    return word[:-1] + FINAL.get(word[-1], word[-1])


def raised(word):
    """e becomes i before m, n and q."""
    return "".join("i" if c == "e" and word[i + 1 : i + 2] in ("m", "n", "q") else c for i, c in enumerate(word))


def breath(word):
    """p becomes f at the beginning."""
    return "f" + word[1:] if word[0] == "p" else word


def turned(word):
    """l becomes r after a consonant other than l."""
    before = [word[i - 1] if i else "a" for i in range(len(word))]
    return "".join("r" if c == "l" and b not in VOWELS + "l" else c for c, b in zip(word, before, strict=True))


def south(word, skip=(), used=None):
    """Return the southern form of a northern word; the names of the rules at work are added to ``used``."""
    for name in RULES:
        changed = globals()[name](word) if name not in skip else word
        if used is not None and changed != word:
            used.append(name)
        word = changed
    return word


def script(word):
    """Return how a word is written: no voice, no harmony, nothing twice."""
    signs = ""
    for letter in word:
        sign = SCRIPT[letter]
        signs += sign if signs[-1:] != sign else ""
    return signs
