"""The grammar of the island's language: sounds, forms of words, and the order of words in a sentence.

A stem is ``(form, back)``: back tells which vowels its suffixes take. A form that ends in ``*`` loses its last vowel
before a suffix that begins with one.
"""

import itertools

BACK, FRONT = "aou", "eiy"
VOWELS = BACK + FRONT
VOICED = {"p": "b", "t": "d", "k": "g"}
NASAL = {"p": "m", "b": "m", "t": "n", "d": "n", "k": "q", "g": "q"}
PERSONS = ("I", "thou", "it", "we", "ye", "they")


def is_back(form):
    """Tell which vowels a stem takes as far as its form tells; None where it has no other vowel than i."""
    vowels = {letter for letter in form if letter in VOWELS}
    return None if vowels <= {"i"} else not vowels & {"e", "y"} and bool(vowels & set(BACK))


def dress(suffix, stem, back):
    """Return a suffix with its vowels, and with its liquid unlike the stem's last one."""
    if "L" in suffix:
        liquids = [letter for letter in stem if letter in "lr"]
        suffix = suffix.replace("L", "r" if liquids[-1:] == ["l"] else "l")
    return "".join({"A": "ea", "O": "io", "U": "yu"}[c][back] if c in "AOU" else c for c in suffix)


def attach(stem, suffix, trace=None):
    """Join a stem and a suffix that has its vowels; the names of the rules at work are added to ``trace``."""
    if not suffix:
        return stem
    last, first, rule = stem[-1], suffix[0], None
    whole = stem + suffix
    if last in VOWELS and first in VOWELS:
        if last == first:
            rule, whole = "same vowels", stem + suffix[1:]
        elif last in "ae":
            rule, whole = "open vowel lost", stem[:-1] + suffix
        else:
            rule, whole = "glide", stem + ("j" if last in "iy" else "v") + suffix
    elif last in VOICED and first in VOWELS:
        rule, whole = "voiced between vowels", stem[:-1] + VOICED[last] + suffix
    elif last in NASAL and first in "mn":
        rule, whole = "nasal before nasal", stem[:-1] + NASAL[last] + suffix
    elif last in VOICED and first in "bdgvz":
        rule, whole = "voiced before voiced", stem[:-1] + VOICED[last] + suffix
    elif last == "n" and first in "pbmv":
        rule, whole = "lips", stem[:-1] + "m" + suffix
    elif first == "h" and last not in VOWELS:
        rule, whole = "h doubles", stem + last + suffix[1:]
    elif last == first == "s":
        rule, whole = "ts", stem[:-1] + "t" + suffix
    if trace is not None and rule:
        trace.append(rule)
    return whole


def surroundings(first):
    """Return what kind of sound follows a stem: "plain" where it leaves a stem's end as it is."""
    for name, sounds in (("vowel", VOWELS), ("nasal", "mn"), ("voiced", "bdgvz"), ("h", "h"), ("s", "s")):
        if first and first in sounds:
            return name
    return "plain"


def build(stem, suffixes, trace=None):
    """Return a word: a stem ``(form, back)`` with suffixes in their bare form."""
    form, back = stem
    word = form.rstrip("*")
    suffixes = [suffix for suffix in suffixes if suffix]
    if trace is not None:
        trace.append(("stem", stem, surroundings(dress(suffixes[0], word, back)[0] if suffixes else "")))
        trace += [("harmony", stem)] if any(letter in "AOU" for suffix in suffixes for letter in suffix) else []
    for suffix in suffixes:
        worn = dress(suffix, word, back)
        if word + "*" == form and worn[0] in VOWELS:
            word = word[:-2] + word[-1]
            if trace is not None:
                trace.append("vowel lost")
        word = attach(word, worn, trace)
    return word


def prefix(before, word, trace=None):
    """Put a prefix before a word."""
    return attach(before, word, trace) if before else word


class Grammar:
    """A language: its affixes, its words and the rules of a period.

    ``words`` has for each English word a dictionary: kind; stems (two for nouns: of one and of several; two for verbs:
    past and other; one for adjectives); class (nouns: h, l or t); revered (nouns).
    """

    def __init__(self, affixes, words, period=1):
        self.affixes, self.words, self.period = affixes, words, period

    # words

    def noun(self, word, number, owner, case, trace=None):
        """Return a form of a noun; a number above 2 in digits leaves the noun bare of case."""
        a, stem = self.affixes, self.words[word]["stems"][number != "sg"]
        return build(stem, [a["number"][number], a["owner"][owner], a["case"][case]], trace)

    def numeral(self, number, case, trace=None):
        """Return a numeral that ends its phrase."""
        base, digits = self.affixes["base"], self.affixes["digits"]
        many, ones = divmod(number + (number % base == base - 1 and number > base), base)
        if ones == 0 and number % base:
            parts = [*([digits[many]] if many > 1 else []), self.affixes["base word"], self.affixes["lacking"]]
        else:
            parts = [digits[many]] if many > 1 else []
            parts += ([self.affixes["base word"]] if many else []) + ([digits[ones]] if ones else [])
        last = parts[-1]
        back = True if is_back(last) is None else is_back(last)
        return [*parts[:-1], build((last, back), [self.affixes["case"][case]], trace)]

    def adjective(self, word, kind, trace=None):
        return prefix(self.affixes["adjective"][kind], self.words[word]["stems"][0][0], trace)

    def verb(self, word, tense, negative, person, level, kind, trace=None):
        """Return a finite verb; ``kind`` is the class of its object, if any, ``level`` tells whether it honours."""
        a = self.affixes
        never = negative and tense == "future"
        middle = [a["never"]] if never else [a["not"] if negative else "", a["tense"][tense]]
        honour = a["honour"] if level and self.period < 5 else ""
        stem = self.words[word]["stems"][0 if tense == "past" else 1]
        return prefix(a["object"][kind], build(stem, [*middle, honour, a["person"][person]], trace), trace)

    def converb(self, word, negative, same, person, kind, trace=None):
        """Return the verb of a clause that goes before; a subject of its own is agreed with."""
        a = self.affixes
        ending = [a["same"]] if same else [a["other"], a["person"][person]]
        stem = self.words[word]["stems"][1]
        return prefix(a["object"][kind], build(stem, [a["not"] if negative else "", *ending], trace), trace)

    # phrases

    def kind(self, phrase):
        """Return the class of a phrase; pronouns are human."""
        return self.words[phrase["noun"]]["class"] if "noun" in phrase else "h"

    def person(self, phrase):
        """Return ``(person, level)`` of a subject."""
        if "pronoun" in phrase:
            return {"you": ("thou", True), "your-grace": ("it", True)}.get(
                phrase["pronoun"], (phrase["pronoun"], False)
            )
        return ("it" if phrase["number"] == "sg" else "they"), self.words[phrase["noun"]].get("revered", False)

    def phrase(self, phrase, case, trace=None):
        """Return the words of a noun phrase; subjects that the verb shows are left out."""
        if "pronoun" in phrase:
            if case in ("subject", "agent") and phrase["pronoun"] != "your-grace":
                return []
            stem = self.affixes["pronouns"][phrase["pronoun"]]
            return [build(stem, [self.affixes["case"][case]], trace)]
        words = []
        if "of" in phrase:
            words += self.phrase(phrase["of"], "of", trace)
        if "adjective" in phrase:
            words.append(self.adjective(phrase["adjective"], self.kind(phrase), trace))
        number, owner = phrase["number"], phrase.get("owner", "")
        if number == "two" and self.period > 1:
            number = 2
        if isinstance(number, int):
            bare = self.noun(phrase["noun"], "sg", owner, "subject", trace)
            return [*words, bare, *self.numeral(number, case, trace)]
        return [*words, self.noun(phrase["noun"], number, owner, case, trace)]

    def clause(self, clause, trace=None, before=None):
        """Return the words of a clause; ``before`` is its relation to the main clause where it goes before."""
        past = clause.get("tense") == "past" and before is None and self.period < 3
        split = past and "object" in clause
        words, late = [], []
        if "object" in clause:
            # Pronouns keep the object's case also where the subject is an agent.
            bare = split and "pronoun" not in clause["object"]
            found = self.phrase(clause["object"], "subject" if bare else "object", trace)
            # What is known goes first.
            (words if clause["object"].get("known", False) else late).extend(found)
        if before != "same":
            words += self.phrase(clause["subject"], "agent" if split else "subject", trace)
        for role in ("at", "with", "to"):
            if role in clause:
                words += self.phrase(clause[role], role, trace)
        kind = self.kind(clause["object"]) if "object" in clause else ""
        if before:
            person = None if before == "same" else self.person(clause["subject"])[0]
            verb = self.converb(clause["verb"], clause["negative"], before == "same", person, kind, trace)
            return [*words, *late, verb]
        person, level = self.person(clause["subject"])
        verb = self.verb(clause["verb"], clause["tense"], clause["negative"], person, level, kind, trace)
        return [*words, *late, verb]

    def particle(self, evidence, verb):
        """Return the particle of evidence; it leans on the verb before it."""
        return self.affixes["evidence"][evidence][0 if verb[-1] in VOWELS else 1]

    def sentence(self, sentence, trace=None):
        """Return the words of a sentence."""
        words = []
        if "before" in sentence:
            words += self.clause(sentence["before"], trace, sentence["relation"])
        main = self.clause(sentence["main"], trace)
        particle = self.particle(sentence["evidence"], main[-1])
        if self.period > 3:
            # In later times the particle stands before the verb, and has its full form.
            return [*words, *main[:-1], self.affixes["evidence"][sentence["evidence"]][1], main[-1]]
        return [*words, *main, particle]


class Reader:
    """Reads sentences: a table of all forms, and a search for what makes the sentence."""

    def __init__(self, grammar, spell=lambda word: word, table=None):
        self.grammar, self.spell = grammar, spell
        self.table = {} if table is None else table
        if table is None:
            self.fill()

    def add(self, form, meaning):
        self.table.setdefault(self.spell(form), []).append(meaning)

    def fill(self):
        g = self.grammar
        a = g.affixes
        kinds = ("", "h", "l", "t")
        for word, entry in g.words.items():
            if entry["kind"] == "noun":
                for number, owner, case in itertools.product(a["number"], a["owner"], a["case"]):
                    self.add(g.noun(word, number, owner, case), ("noun", word, number, owner, case))
            elif entry["kind"] == "adjective":
                for kind in "hlt":
                    self.add(g.adjective(word, kind), ("adjective", word, kind))
            else:
                for negative, kind in itertools.product((False, True), kinds if entry["kind"] != "go" else ("",)):
                    for tense, person, level in itertools.product(a["tense"], PERSONS, (False, True)):
                        if level and (person not in ("thou", "it", "they") or g.period == 5):
                            continue
                        form = g.verb(word, tense, negative, person, level, kind)
                        self.add(form, ("verb", word, tense, negative, person, level, kind))
                    self.add(g.converb(word, negative, True, None, kind), ("same", word, negative, None, kind))
                    for person in PERSONS:
                        form = g.converb(word, negative, False, person, kind)
                        self.add(form, ("other", word, negative, person, kind))
        for pronoun, case in itertools.product(a["pronouns"], a["case"]):
            self.add(build(a["pronouns"][pronoun], [a["case"][case]]), ("pronoun", pronoun, case))
        for name, forms in a["evidence"].items():
            for form in set(forms):
                self.add(form, ("evidence", name))
        self.fill_numerals()

    def fill_numerals(self):
        g, base = self.grammar, self.grammar.affixes["base"]
        for number, case in itertools.product(range(2, base * base - 1), g.affixes["case"]):
            *first, last = g.numeral(number, case)
            self.add(last, ("numeral", tuple(self.spell(word) for word in first), number, case))

    def phrases(self, words, start):
        """Yield ``(phrase, case, end)`` for the noun phrases that may begin at a place."""
        for meaning in self.table.get(words[start], ()) if start < len(words) else ():
            if meaning[0] == "pronoun":
                yield {"pronoun": meaning[1]}, meaning[2], start + 1
            elif meaning[0] == "noun" and meaning[4] == "of" and meaning[2] == "sg" and not meaning[3]:
                for phrase, case, end in self.simple(words, start + 1, False):
                    yield phrase | {"of": {"noun": meaning[1], "number": "sg"}}, case, end
        yield from self.simple(words, start, False)

    def simple(self, words, start, adjective):
        for meaning in self.table.get(words[start], ()) if start < len(words) else ():
            if meaning[0] == "adjective" and not adjective:
                for phrase, case, end in self.simple(words, start + 1, True):
                    if self.grammar.kind(phrase) == meaning[2]:
                        yield phrase | {"adjective": meaning[1]}, case, end
            if meaning[0] != "noun":
                continue
            _, noun, number, owner, case = meaning
            phrase = {"noun": noun, "number": number} | ({"owner": owner} if owner else {})
            if not (number == "two" and self.grammar.period > 1):
                yield phrase, case, start + 1
            if number == "sg" and case == "subject":
                for value, case, end in self.number_at(words, start + 1):
                    yield phrase | {"number": value}, case, end

    def number_at(self, words, start):
        for end in range(start + 1, min(start + 4, len(words) + 1)):
            for meaning in self.table.get(words[end - 1], ()):
                if meaning[0] == "numeral" and meaning[1] == tuple(words[start : end - 1]):
                    if meaning[2] == 2 and self.grammar.period == 1:
                        # Two of a thing have a form of their own in the first period.
                        continue
                    value = "two" if meaning[2] == 2 else meaning[2]
                    yield value, meaning[3], end

    def arguments(self, words, start, end):
        """Yield the lists of phrases that fill a stretch."""
        if start == end:
            yield []
            return
        for phrase, case, middle in self.phrases(words, start):
            if middle <= end:
                for rest in self.arguments(words, middle, end):
                    yield [(phrase, case), *rest]

    def clauses(self, words, start, end, kinds):
        """Yield the clauses whose verb is the last word of a stretch."""
        for meaning in self.table.get(words[end - 1], ()):
            if meaning[0] not in kinds:
                continue
            for found in self.arguments(words, start, end - 1):
                yield from self.fit(meaning, found)

    def fit(self, meaning, found):
        """Yield the clauses of a verb and its phrases; whether they make the words is checked later."""
        clause = {"verb": meaning[1]}
        if meaning[0] == "verb":
            clause |= {"tense": meaning[2], "negative": meaning[3]}
            person, level, kind = meaning[4:]
        else:
            clause["negative"] = meaning[2]
            person, level, kind = meaning[3], None, meaning[4]
        roles = {}
        for place, (phrase, case) in enumerate(found):
            if case in ("at", "with", "to"):
                if case in roles:
                    return
                roles[case] = phrase
            else:
                roles.setdefault("core", []).append((place, phrase, case))
        core = roles.pop("core", [])
        verb_kind = self.grammar.words[meaning[1]]["kind"]
        for object_place in range(-1, len(core)):
            if (object_place < 0) == bool(kind) or bool(kind) == (verb_kind == "go"):
                continue
            rest = [item for place, item in enumerate(core) if place != object_place]
            if len(rest) > 1 or (verb_kind == "give") != ("to" in roles):
                continue
            whole = clause | roles
            if object_place >= 0:
                item = core[object_place]
                others = [place for place in range(len(found)) if place != item[0]]
                # Where nothing else shows it, the place among the phrases does not tell whether it is known.
                for known in {item[0] == 0, False} if others else (False,):
                    if "pronoun" in item[1]:
                        whole = whole | {"object": item[1]}
                        yield from self.subjects(whole, rest, meaning, person, level)
                        break
                    with_object = whole | {"object": item[1] | ({"known": True} if known else {})}
                    yield from self.subjects(with_object, rest, meaning, person, level)
            else:
                yield from self.subjects(whole, rest, meaning, person, level)

    def subjects(self, clause, rest, meaning, person, level):
        if meaning[0] == "same":
            if not rest:
                yield clause
        elif rest:
            yield clause | {"subject": rest[0][1]}
        elif meaning[0] == "verb" and level and person == "thou":
            yield clause | {"subject": {"pronoun": "you"}}
        else:
            yield clause | {"subject": {"pronoun": person}}
            if person == "thou" and (meaning[0] == "other" or self.grammar.period == 5):
                yield clause | {"subject": {"pronoun": "you"}}

    def read(self, words):
        """Return all sentences that make these words."""
        results = []
        place = len(words) - 2 if self.grammar.period > 3 else len(words) - 1
        for meaning in self.table.get(words[place], ()) if place >= 0 and len(words) > 1 else ():
            if meaning[0] != "evidence":
                continue
            rest = words[:place] + words[place + 1 :]
            for cut in range(len(rest)):
                for main in self.clauses(rest, cut, len(rest), ("verb",)):
                    sentence = {"evidence": meaning[1], "main": main}
                    if cut:
                        for before in self.clauses(rest, 0, cut, ("same", "other")):
                            relation = "other" if "subject" in before else "same"
                            self.check(sentence | {"before": before, "relation": relation}, words, results)
                    else:
                        self.check(sentence, words, results)
        return results

    def check(self, sentence, words, results):
        if self.grammar.period and sentence not in results:
            made = [self.spell(word) for word in self.grammar.sentence(sentence)]
            if made == words:
                results.append(sentence)
