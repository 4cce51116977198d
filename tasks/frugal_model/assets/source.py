"""Writes the sheets: an invented log in an invented language, with structure at several ranges.

A sheet has a head line that names three persons and then lines of three kinds: an ordinary line (counter, clauses,
check letter), a line that quotes an earlier one, and a line of dots. `PLANS` says which of it a task has.
"""

import functools
import random

VOWELS, ONSETS = "aeio", "bdfgklmnprstvz"
BRACKETS = ("()", "[]", "<>")
CHECKS = "KLMNPQ"
PERSONS = 14

PLANS = {
    "budget": {
        "sheets": {"train": 320, "fresh": 6, "stale": 34, "seen": 20, "final": 36},
        "topics": 1, "nouns": 60, "verbs": 40, "depth": 0, "quote": 0.0, "dots": 0.0, "names": 0.35, "turns": 0.0,
    },
    "frontier": {
        "sheets": {"train": 230, "fresh": 6, "stale": 34, "seen": 20, "final": 36},
        "topics": 3, "nouns": 26, "verbs": 18, "depth": 3, "quote": 0.13, "dots": 0.09, "names": 0.3, "turns": 0.94,
    },
}  # fmt: skip


def pick(rng, items):
    """Return one of *items*."""
    return items[int(rng.random() * len(items))]


def steep(rng, items):
    """Return one of *items*, the first ones more often than the last ones."""
    return items[int(len(items) * rng.random() ** 1.8)]


def stem(rng, syllables):
    """Return letters that end in a consonant."""
    return "".join(pick(rng, ONSETS) + pick(rng, VOWELS) for _ in range(syllables)) + pick(rng, ONSETS)


def person(rng):
    """Return a name."""
    return stem(rng, 2) + pick(rng, VOWELS)


@functools.cache
def lexicon(task):
    """Return, for each topic, its nouns (they end in a vowel) and its verbs (they end in a consonant)."""
    rng, plan, used = random.Random(f"frugal_model:{task}:lexicon"), PLANS[task], set()

    def fresh(count, tail):
        words = []
        while len(words) < count:
            word = stem(rng, 1 if rng.random() < 0.6 else 2) + tail()
            if word not in used:
                used.add(word)
                words.append(word)
        return words

    return [(fresh(plan["nouns"], lambda: pick(rng, VOWELS)), fresh(plan["verbs"], str)) for _ in range(plan["topics"])]


class Sheet:
    """One sheet in the making."""

    def __init__(self, task, rng, persons):
        self.rng, self.plan, self.lexicon = rng, PLANS[task], lexicon(task)
        self.names = []
        while len(self.names) < 3:
            name = pick(rng, persons) if persons else person(rng)
            if all(name[0] != other[0] for other in self.names):
                self.names.append(name)
        self.turn, self.words, self.pairs = 0, 0, 0

    def name(self):
        """Return a person: mostly the one that comes after the person named last."""
        place = self.turn if self.rng.random() < self.plan["turns"] else int(3 * self.rng.random())
        self.turn = (place + 1) % 3
        return "'" + self.names[place]

    def clause(self, topic, depth):
        """Return subject, perhaps an aside in brackets, the verb that agrees with the subject, perhaps an object."""
        rng, (nouns, verbs) = self.rng, self.lexicon[topic]
        subject = self.name() if rng.random() < self.plan["names"] else steep(rng, nouns)
        parts = [subject]
        if depth < self.plan["depth"] and rng.random() < 0.4:
            opening, closing = pick(rng, BRACKETS)
            aside = " ".join(self.clause(topic, depth + 1) for _ in range(1 + (rng.random() < 0.35)))
            self.pairs += 1
            parts.append(opening + aside + closing)
        parts.append(steep(rng, verbs) + subject[-1] + "n")
        self.words += 2
        if rng.random() < 0.4:
            parts.append(steep(rng, nouns) + "m")
            self.words += 1
        return " ".join(parts)

    def ordinary(self, counter):
        """Return a line without its counter: the topic hangs on the counter, the check on what the line holds."""
        self.words = self.pairs = 0
        clauses = [self.clause(counter % len(self.lexicon), 0) for _ in range(1 + int(2.2 * self.rng.random()))]
        check = CHECKS[(self.words + 2 * self.pairs + counter) % len(CHECKS)]
        return f"{' '.join(clauses)} {check}"

    def text(self):
        """Return the whole sheet."""
        rng, plan = self.rng, self.plan
        lines, said = ["@" + " ".join("'" + name for name in self.names)], []
        counter, step = int(64 * rng.random()), 1 + int(7 * rng.random())
        for _ in range(14 + int(14 * rng.random())):
            kind = rng.random()
            if len(said) >= 3 and kind < plan["quote"]:
                back = 1 + int(3 * rng.random())
                lines.append(f"={back} {said[-back]}")
            elif said and kind < plan["quote"] + plan["dots"]:
                lines.append("." * self.words)
            else:
                said.append(self.ordinary(counter))
                lines.append(f"{counter // 8}{counter % 8} {said[-1]}")
                counter = (counter + step) % 64
        return "\n".join(lines) + "\n"


def sheets(task, part):
    """Return the sheets of a part of a task's text; `valid`, as handed out, has many sheets of `train`."""
    if part == "valid":
        rng = random.Random(f"frugal_model:{task}:valid")
        known = sheets(task, "train")
        chosen = sheets(task, "fresh") + rng.sample(known, PLANS[task]["sheets"]["stale"])
        rng.shuffle(chosen)
        return chosen
    rng = random.Random(f"frugal_model:{task}:{part}")
    # The sheets of `train` share a few persons, who are in no other sheet: they look worth learning, and are not.
    persons = [person(rng) for _ in range(PERSONS)] if part == "train" else []
    return [Sheet(task, rng, persons).text() for _ in range(PLANS[task]["sheets"][part])]
