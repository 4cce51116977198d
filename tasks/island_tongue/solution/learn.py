"""Learns stems from sentences whose translation is known. What the affixes are is stated in `affixes.py`."""

import collections

import english
import grammar

RAISED = {"b": "p", "d": "t", "g": "k"}
DENTED = {"m": "pbn", "n": "td", "q": "kg", "t": "s"}


class Recorder(grammar.Grammar):
    """Tells what each word of a sentence is made of instead of making it."""

    def noun(self, word, number, owner, case, _trace=None):
        a = self.affixes
        suffixes = [a["number"][number], a["owner"][owner], a["case"][case]]
        return ("noun", word, int(number != "sg"), "", suffixes)

    def adjective(self, word, kind, _trace=None):
        return ("adjective", word, 0, self.affixes["adjective"][kind], [])

    def verb(self, word, tense, negative, person, level, kind, _trace=None):
        a = self.affixes
        never = negative and tense == "future"
        middle = [a["never"]] if never else [a["not"] if negative else "", a["tense"][tense]]
        suffixes = [*middle, a["honour"] if level and self.period < 5 else "", a["person"][person]]
        return ("verb", word, int(tense != "past"), a["object"][kind], suffixes)

    def converb(self, word, negative, same, person, kind, _trace=None):
        a = self.affixes
        ending = [a["same"]] if same else [a["other"], a["person"][person]]
        return ("verb", word, 1, a["object"][kind], [a["not"] if negative else "", *ending])

    def particle(self, evidence, _verb):
        return ("particle", evidence)


def candidates(token, before, suffixes):
    """Return the stems from which the rules make a token."""
    bodies = [token[len(before) :]] if token.startswith(before) else []
    if before[-1:] == "n":
        bodies += [token[len(before) :]] if token.startswith(before[:-1] + "m") else []
        bodies += ["h" + token[len(before) + 1 :]] if token.startswith(before + "n") else []
    found = []
    for body in bodies:
        for end in range(2, len(body) + 1):
            for form in shapes(body[:end]):
                for back in {grammar.is_back(form)} - {None} or (True, False):
                    for star in ("", "*"):
                        stem = (form + star, back)
                        if grammar.prefix(before, grammar.build(stem, suffixes)) == token and stem not in found:
                            found.append(stem)
    return found


def shapes(piece):
    """Yield what a stem may have been before the rules changed its end."""
    lasts = [piece[-1], RAISED.get(piece[-1], ""), *DENTED.get(piece[-1], "")]
    for last in filter(None, lasts):
        yield piece[:-1] + last
        for vowel in grammar.VOWELS:
            yield piece[:-1] + vowel + last
    yield piece + "a"
    yield piece + "e"


def fits(stem, uses):
    return all(grammar.prefix(before, grammar.build(stem, suffixes)) == token for before, suffixes, token in uses)


def choose(uses):
    """Return a stem that explains all uses of it, None where there is none."""
    left = [stem for stem in candidates(uses[0][2], uses[0][0], uses[0][1]) if fits(stem, uses)]
    return min(left, key=lambda stem: ("*" in stem[0], len(stem[0]))) if left else None


def align(pairs, affixes, words, period=1):
    """Return, for each sentence, its meaning and the pairs of what a word is made of and the word."""
    recorder, parser = Recorder(affixes, words, period), english.Parser(words)
    result = []
    for text, meaning in pairs:
        sentence = parser.parse(meaning)
        result.append((sentence, list(zip(recorder.sentence(sentence), text.split(), strict=True))))
    return result


def clauses(sentence):
    return [sentence[role] for role in ("before", "main") if role in sentence]


def phrases(clause):
    return [clause[role] for role in ("subject", "object", "to", "with", "at") if role in clause]


def find_classes(pairs, affixes, words):
    """Find the class of each noun from the prefixes of adjectives and verbs."""
    votes = collections.defaultdict(collections.Counter)
    count_classes(pairs, affixes, words, votes)
    for word, entry in words.items():
        if entry["kind"] == "noun":
            entry["class"] = votes[word].most_common(1)[0][0] if votes[word] else "t"


def count_classes(pairs, affixes, words, votes, period=1):
    """Count for each noun the classes that the prefixes of its adjectives and verbs show."""
    for sentence, slots in align(pairs, affixes, words, period):
        tokens = {(slot[0], slot[1]): token for slot, token in slots if isinstance(slot, tuple)}
        for clause in clauses(sentence):
            for phrase in phrases(clause):
                if "adjective" in phrase:
                    vote(votes[phrase["noun"]], tokens["adjective", phrase["adjective"]], affixes["adjective"])
            if "noun" in clause.get("object", {}):
                vote(votes[clause["object"]["noun"]], tokens["verb", clause["verb"]], affixes["object"])


def vote(counter, token, prefixes):
    for kind, before in prefixes.items():
        if kind and (token.startswith(before) or (before[-1] == "n" and token.startswith(before[:-1] + "m"))):
            counter[kind] += 1


def find_honours(pairs, affixes, words, period=1):
    """Find which nouns are honoured by the verb, from verbs of which the stem is known from other subjects."""
    sure, open_ = collections.defaultdict(list), []
    for sentence, slots in align(pairs, affixes, words, period):
        verbs = [(slot, token) for slot, token in slots if isinstance(slot, tuple) and slot[0] == "verb"]
        for clause, (slot, token) in zip(clauses(sentence), verbs, strict=True):
            if "noun" in clause.get("subject", {}) and "tense" in clause:
                open_.append((clause["subject"]["noun"], slot, token))
            else:
                sure[slot[1], slot[2]].append((*slot[3:], token))
    votes = collections.Counter()
    for noun, (_, verb, which, before, suffixes), token in open_:
        stem = choose(sure[verb, which]) if sure[verb, which] else None
        if stem:
            honoured = [*suffixes[:-2], affixes["honour"], suffixes[-1]]
            votes[noun] += fits(stem, [(before, honoured, token)]) - fits(stem, [(before, suffixes, token)])
    for word, entry in words.items():
        entry["revered"] = votes[word] > 0


def find_stems(pairs, affixes, words, period=1):
    """Find the stems of all words."""
    uses = collections.defaultdict(list)
    for _, slots in align(pairs, affixes, words, period):
        for slot, token in slots:
            if isinstance(slot, tuple) and slot[0] != "particle":
                uses[slot[1], slot[2]].append((slot[3], slot[4], token))
    for word, entry in words.items():
        both = uses[word, 0] + uses[word, 1]
        one = choose(both) if both else None
        if one is not None or entry["kind"] == "adjective":
            entry["stems"] = [one, one]
        else:
            stems = [choose(uses[word, which]) if uses[word, which] else None for which in (0, 1)]
            entry["stems"] = [stem or stems[0] or stems[1] for stem in stems]


def blank(kinds):
    """Return words of which the kinds alone are known."""
    words = {}
    for kind, names in kinds.items():
        for name in names:
            words[name] = {"kind": kind, "class": "t", "revered": False, "stems": [("pa", True), ("pa", True)]}
    return words


def vocabulary(text):
    """Return the kinds of the words from the description of the English."""
    kinds = {}
    for title, kind in (
        ("Verbs without an object", "go"),
        ("Verbs with an object", "take"),
        ('Verbs with an object and "to"', "give"),
        ("Adjectives", "adjective"),
        ("Nouns", "noun"),
    ):
        kinds[kind] = text.split(f"\n{title}: ")[1].split(".")[0].replace(",", " ").split()
    return kinds
