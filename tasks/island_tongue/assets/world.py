"""Words and sentences: lexicons drawn from a seed, random sentences, and what of the grammar they show."""

import itertools

import grammar

HUMANS = ["priest", "elder", "chief", "healer", "child", "hunter", "weaver", "stranger", "brother", "potter"]
REVERED = ("priest", "elder", "chief", "healer")
LIVING = ["fish", "bird", "dog", "goat", "snake", "reed", "tree", "bee", "river"]
THINGS = ["boat", "stone", "house", "village", "hill", "net", "pot", "knife", "cloth", "salt", "bread", "drum", "road"]
GO = ["sleep", "come", "sing", "weep", "fall", "wait"]
TAKE = ["see", "eat", "take", "break", "find", "love", "fear", "carry"]
GIVE = ["give", "show", "send"]
ADJECTIVES = ["old", "new", "big", "red", "white", "good"]
PLACES = ["river", "house", "village", "hill", "boat", "road"]
EVIDENCE = ("seen", "told", "guessed")

LETTERS = {
    "number": {"sg": "", "two": "dU", "pl": "LAr"},
    "owner": {"": "", "my": "Om", "thy": "As", "its": "zU", "our": "nUk"},
    "case": {"subject": "", "agent": "hA", "object": "An", "of": "mU", "to": "kAt", "at": "sO", "with": "gOL"},
    "tense": {"past": "tA", "present": "", "future": "nU"},
    "not": "pO",
    "never": "mAz",
    "honour": "vOr",
    "person": {"I": "Un", "thou": "As", "it": "", "we": "mOk", "ye": "tOs", "they": "OL"},
    "object": {"": "", "h": "ma", "l": "zi", "t": "u"},
    "adjective": {"h": "ka", "l": "li", "t": "pon"},
    "same": "kO",
    "other": "dUn",
    "evidence": {"seen": ("ta", "at"), "told": ("mi", "im"), "guessed": ("so", "sol")},
    "base": 7,
    "base word": "sev",
    "lacking": "rud",
    "digits": ("", "on", "tai", "lem", "buk", "hir", "nos"),
    "pronouns": {
        "I": ("nem", False),
        "thou": ("sut", True),
        "you": ("savor", True),
        "your-grace": ("vasul", True),
        "it": ("ed", False),
        "we": ("mok", True),
        "ye": ("tozor", True),
        "they": ("elil", False),
    },
}


def draw_form(rng, used, shapes):
    """Draw a stem that sounds like the island's."""
    while True:
        vowels = rng.choice((grammar.BACK, grammar.BACK, "eiy", "ei", "i"))
        shape = rng.choice(shapes)
        form = "".join(rng.choice("ptkbdgmnszlrvh" if c == "C" else vowels) for c in shape)
        clash = any(pair in form for pair in ("nm", "hl", "hr")) or any(
            first in "ptkbdgh" and second in "ptkbdgmnhsz" for first, second in itertools.pairwise(form)
        )
        if form[-1] not in "hv" and not clash and form not in used and not any(form[:4] == u[:4] for u in used):
            used.add(form)
            return form


def stem(rng, used, shapes=("CVC", "CVCV", "CVCVC", "CVCVC", "CVCCV", "CVCCVC")):
    form = draw_form(rng, used, shapes)
    back = grammar.is_back(form)
    if back is None:
        # Stems with no other vowel than i: which vowels they take must be learnt.
        back = rng.random() < 0.5
    # Some of the stems on a vowel between single consonants lose it.
    loses = len(form) > 4 and form[-2] in grammar.VOWELS and form[-4] in grammar.VOWELS and form[-3] in "lrmnszv"
    return (form + ("*" if loses and rng.random() < 0.7 else ""), back)


def lexicon(rng, odd=(2, 3, 3)):
    """Return words with stems; ``odd`` is how many humans, other nouns and verbs have a second stem."""
    used, words = set(), {}
    for kind, names in (("h", HUMANS), ("l", LIVING), ("t", THINGS)):
        for name in names:
            one = stem(rng, used, ("CVC", "CVCV", "CVCVC", "CVCVC", "VCVC", "VCCV", "CVCCV"))
            words[name] = {"kind": "noun", "class": kind, "stems": [one, one], "revered": name in REVERED}
    for kind, names in (("go", GO), ("take", TAKE), ("give", GIVE)):
        for name in names:
            one = stem(rng, used)
            words[name] = {"kind": kind, "stems": [one, one]}
    for name in ADJECTIVES:
        words[name] = {"kind": "adjective", "stems": [stem(rng, used)]}
        words[name]["stems"][0] = (words[name]["stems"][0][0].rstrip("*"), True)
    pools = (HUMANS, LIVING + THINGS, GO + TAKE + GIVE)
    for pool, count in zip(pools, odd, strict=True):
        for name in rng.sample(pool, count):
            words[name]["stems"] = [words[name]["stems"][0], stem(rng, used)]
    return words


class Speaker:
    """Draws sentences."""

    def __init__(self, rng, words, period=1, base=7):
        self.rng, self.words, self.period, self.base = rng, words, period, base

    def noun(self, pool, plain=False, known=None):
        rng = self.rng
        phrase = {"noun": rng.choice(pool), "number": "sg"}
        if not plain:
            phrase["number"] = rng.choices(("sg", "two", "pl", 0), (50, 16, 20, 14))[0]
            phrase["number"] = phrase["number"] or rng.choice(
                [n for n in range(3, min(self.base * self.base - 2, 45)) if n != 2]
            )
            if rng.random() < 0.25:
                phrase["owner"] = rng.choice(("my", "thy", "its", "our"))
            if rng.random() < 0.3:
                phrase["adjective"] = rng.choice(ADJECTIVES)
            elif rng.random() < 0.15:
                phrase["of"] = {"noun": rng.choice(HUMANS + THINGS), "number": "sg"}
        if known:
            phrase["known"] = True
        return phrase

    def subject(self, before=False):
        rng = self.rng
        if rng.random() < 0.62:
            return self.noun(rng.choice((HUMANS, HUMANS, LIVING)))
        names = ["I", "it", "we", "ye", "they", "your-grace"]
        if not before:
            names += ["thou"] if self.period == 5 else ["thou", "you"]
        return {"pronoun": rng.choice(names)}

    def clause(self, before=None):
        rng = self.rng
        kind, pool = rng.choice((("go", GO), ("take", TAKE), ("take", TAKE), ("give", GIVE)))
        clause = {"verb": rng.choice(pool), "negative": rng.random() < 0.25}
        if before is None:
            clause["tense"] = rng.choice(("past", "past", "present", "future"))
        if before != "same":
            clause["subject"] = self.subject(before is not None)
        if kind == "give":
            clause["to"] = self.noun(HUMANS) if rng.random() < 0.75 else {"pronoun": rng.choice(("I", "they", "you"))}
        if rng.random() < 0.3:
            clause["at"] = self.noun(PLACES)
        if rng.random() < 0.15:
            clause["with"] = self.noun(HUMANS + THINGS)
        if kind != "go":
            shown = "noun" in clause.get("subject", {}) or clause.get("subject") == {"pronoun": "your-grace"}
            if not shown and not {"to", "at", "with"} & set(clause):
                # The place of an object that stands alone would not tell whether it is known.
                clause["at"] = self.noun(PLACES)
            if rng.random() < 0.12:
                clause["object"] = {"pronoun": rng.choice(("I", "thou", "it", "we", "they"))}
            else:
                clause["object"] = self.noun(HUMANS[4:] + LIVING + THINGS, known=rng.random() < 0.5)
        return clause

    def sentence(self):
        rng = self.rng
        sentence = {}
        if rng.random() < 0.22:
            sentence["relation"] = rng.choice(("same", "other"))
            sentence["before"] = self.clause(sentence["relation"])
        sentence["main"] = self.clause()
        future = sentence["main"]["tense"] == "future"
        sentence["evidence"] = rng.choice(EVIDENCE[1:] if future else EVIDENCE)
        return sentence


def parts(sentence, base=7):
    """Yield what a sentence shows of words and affixes, as names that can be counted."""
    for role in ("before", "main"):
        if role not in sentence:
            continue
        clause = sentence[role]
        tense = clause.get("tense", sentence.get("relation"))
        yield from (f"verb {clause['verb']} {'past' if tense == 'past' else 'other'}", f"tense {tense}")
        if clause["negative"]:
            yield f"not {'never' if tense == 'future' else 'not'}"
        for place in ("subject", "object", "to", "at", "with"):
            if place in clause:
                yield from phrase_parts(clause[place], place, base)
        if "noun" in clause.get("subject", {}) and role == "main":
            yield f"honour {clause['subject']['noun']}"
        if "object" in clause:
            yield f"class {clause['object'].get('noun')}"
            yield f"known {clause['object'].get('known', False)}"
    yield f"evidence {sentence['evidence']}"


def phrase_parts(phrase, role, base):
    yield f"role {role}"
    if "pronoun" in phrase:
        yield f"pronoun {phrase['pronoun']} {'dropped' if role == 'subject' else 'said'}"
        return
    number = phrase["number"]
    yield f"noun {phrase['noun']} {'one' if number == 'sg' or isinstance(number, int) else 'several'}"
    if isinstance(number, int):
        lacks = number > base and number % base == base - 1
        many, ones = divmod(number + lacks, base)
        yield from (f"times {many}", f"ones {ones}", "count lacking" if lacks else "count plain")
    else:
        yield f"number {number}"
    if "owner" in phrase:
        yield f"owner {phrase['owner']}"
    if "adjective" in phrase:
        yield f"adjective {phrase['adjective']}"
        yield f"class {phrase['noun']}"
    if "of" in phrase:
        yield "role of"
        yield f"noun {phrase['of']['noun']} one"
