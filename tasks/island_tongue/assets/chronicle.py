"""The chronicle: two dialects, five periods, a script, a glossary with mistakes, and what is asked of them."""

import collections
import functools
import itertools
import json
import random
import re
from pathlib import Path

import english
import grammar
import sounds
import world

AFFIXES = {
    "number": {"sg": "", "two": "tO", "pl": "mUs"},
    "owner": {"": "", "my": "An", "thy": "Ok", "its": "sA", "our": "vUL"},
    "case": {"subject": "", "agent": "sU", "object": "Ut", "of": "nA", "to": "hOn", "at": "LU", "with": "dAm"},
    "tense": {"past": "hU", "present": "", "future": "gAs"},
    "not": "mA",
    "never": "LOt",
    "honour": "zAn",
    "person": {"I": "Ok", "thou": "Am", "it": "", "we": "vOs", "ye": "nUt", "they": "UL"},
    "object": {"": "", "h": "go", "l": "ve", "t": "sa"},
    "adjective": {"h": "tu", "l": "min", "t": "ga"},
    "same": "pU",
    "other": "kAL",
    "evidence": {"seen": ("re", "er"), "told": ("ku", "uk"), "guessed": ("lan", "nal")},
    "base": 5,
    "base word": "pond",
    "lacking": "zim",
    "digits": ("", "ul", "veg", "sok", "tarn"),
    "pronouns": {
        "I": ("lom", True),
        "thou": ("kes", False),
        "you": ("kezan", False),
        "your-grace": ("ruvan", True),
        "it": ("mir", False),
        "we": ("vosul", True),
        "ye": ("nuk", True),
        "they": ("dyrel", False),
    },
}
#: Nouns of different classes that the script writes alike.
HOMOGRAPHS = (("priest", "fish"), ("hunter", "goat"), ("weaver", "snake"), ("bee", "brother"), ("river", "village"))
VOICES = {"p": "b", "b": "p", "t": "d", "d": "t", "k": "g", "g": "k", "s": "z", "z": "s"}
#: The first year of each period but the first.
CHANGES = (140, 205, 260, 320)
FIRST, LAST = 70, 390
DIALECTS = ("north", "south")
TEXTS, SENTENCES, DATED, PARALLEL, COGNATES = 60, 25, 40, 60, 80
ITEMS = {"english": 40, "north": 25, "south": 15, "sounds": 25, "cognates": 40, "gaps": 30}


def rng_of(purpose):
    return random.Random(f"island_tongue:chronicle:7:{purpose}")


def period_of(year):
    return 1 + sum(year >= change for change in CHANGES)


@functools.cache
def lexicon():
    """Return the words; some nouns are written like a noun of another class."""
    words = world.lexicon(rng_of("words"), (2, 4, 4))
    taken = {stem[0] for entry in words.values() for stem in entry["stems"]}
    for one, other in HOMOGRAPHS:
        form, back = words[one]["stems"][0]
        words[one]["stems"] = [(form, back)] * 2
        places = [place for place, letter in enumerate(form.rstrip("*")[:-1]) if letter in VOICES]
        twins = [form[:place] + VOICES[form[place]] + form[place + 1 :] for place in places]
        twin = next(twin for twin in twins if twin not in taken)
        words[other]["stems"] = [(twin, back)] * 2
        taken.add(twin)
    return words


@functools.cache
def language(period):
    return grammar.Grammar(AFFIXES, lexicon(), period)


def say(sentence, dialect, year):
    """Return the words of a sentence as they sound."""
    words = language(period_of(year)).sentence(sentence)
    return [sounds.south(word) for word in words] if dialect == "south" else words


def write(sentence, dialect, year):
    return [sounds.script(word) for word in say(sentence, dialect, year)]


@functools.cache
def reader(dialect, period):
    """Return a reader of the script; it takes a while to make and is used to choose and to test only."""
    heard = functools.cache(sounds.south) if dialect == "south" else str
    # The forms of words change with the last period only.
    table = reader(dialect, 1).table if 1 < period < 5 else None
    return grammar.Reader(language(period), lambda word: sounds.script(heard(word)), table)


def one_reading(sentence, dialect, year):
    words = write(sentence, dialect, year)
    return len({english.write(found) for found in reader(dialect, period_of(year)).read(words)}) == 1


def candidate(purpose, number):
    """Return ``(sentence, dialect, year)``, the same for the same purpose and number."""
    rng = rng_of(f"{purpose}:{number}")
    dialect, year = rng.choice(DIALECTS), rng.randrange(FIRST, LAST)
    if purpose in DIALECTS:
        dialect = purpose
    speaker = world.Speaker(rng, lexicon(), period_of(year), AFFIXES["base"])
    return speaker.sentence(), dialect, year


@functools.cache
def chosen():
    """Return the numbers of the candidates that were found to be right for what is asked."""
    return json.loads(Path(__file__).with_name("chosen.json").read_text())


def picked(purpose):
    return [candidate(purpose, number) for number in chosen()[purpose]]


@functools.cache
def texts():
    """Return the texts: dialect, year, dated or not, sentences with copies of some among them, and gaps."""
    rng, result = rng_of("texts:3"), []
    dated = set(rng.sample(range(TEXTS), DATED))
    # Every period has its texts, in no order that would tell the period of one from its neighbours'.
    years = [FIRST + (number * 37 + rng.randrange(6)) % (LAST - FIRST) for number in range(TEXTS)]
    rng.shuffle(years)
    for number in range(TEXTS):
        year = years[number]
        dialect = DIALECTS[rng.randrange(2)]
        speaker = world.Speaker(rng, lexicon(), period_of(year), AFFIXES["base"])
        sentences = [speaker.sentence() for _ in range(SENTENCES)]
        result.append({"dialect": dialect, "year": year, "dated": number in dated, "sentences": sentences, "gaps": {}})
    add_copies(rng, result)
    return result


def add_copies(rng, result):
    """Put sentences into two texts each, of different dialects, with a gap in one of them."""
    places = {number: rng.sample(range(SENTENCES), SENTENCES) for number in range(TEXTS)}
    for sentence, dialect, year in picked("gaps"):
        # The whole copy is the candidate itself; its text is of its dialect and its period.
        whole = [n for n, t in enumerate(result) if t["dialect"] == dialect and period_of(t["year"]) == period_of(year)]
        other = [n for n, t in enumerate(result) if t["dialect"] != dialect and t["dated"]]
        whole, other = rng.choice(whole), rng.choice(other)
        result[whole]["sentences"][places[whole].pop()] = sentence
        place = places[other].pop()
        result[other]["sentences"][place] = sentence
        words = say(sentence, result[other]["dialect"], result[other]["year"])
        result[other]["gaps"][place] = rng.choice([n for n, word in enumerate(words) if len(word) > 5] or [0])


@functools.cache
def gaps():
    """Return ``(text, sentence, signs)`` of each gap, in the order of the texts."""
    found = []
    for number, text in enumerate(texts(), 1):
        for place, gap in sorted(text["gaps"].items()):
            found.append((number, place + 1, write(text["sentences"][place], text["dialect"], text["year"])[gap]))
    return found


@functools.cache
def cognates():
    """Return pairs of words of the two dialects, names of places and such; the last ones are asked for."""
    rng, used, pairs = rng_of("cognates"), set(), []
    shapes = ("CVCV", "CVCVC", "CVCCVCV", "CVCVCV", "CVCVCVC", "VCVCV", "CVCCVC", "CVCCVC", "CVCCV")
    while len(pairs) < COGNATES + ITEMS["cognates"]:
        north = world.draw_form(rng, used, shapes)
        if north[3] not in sounds.VOWELS + "l" and north[2] not in sounds.VOWELS and rng.random() < 0.6:
            north = north[:3] + "l" + north[4:]
        rules = []
        south = sounds.south(north, used=rules)
        if re.search("[kt]e[mnq]", north):
            # What e becomes here comes too late to make c of the sound before it.
            rules.append("too late")
        met = [set(pair[2]) for pair in pairs[:COGNATES]]
        asked = len(pairs) >= COGNATES
        if asked and (north == south or any(sum(set(two) <= m for m in met) < 2 for two in together(rules))):
            continue
        if len(rules) > 1 or (rng.random() < 0.35 and not asked):
            pairs.append((north, south, rules))
    return pairs[:COGNATES], pairs[COGNATES:]


def together(rules):
    """Return the rules at work in a word, alone and in pairs."""
    return [*((rule,) for rule in rules), *itertools.combinations(sorted(set(rules)), 2)]


@functools.cache
def glossary():
    """Return ``(parts, English)`` of each word, and the mistakes: the English of some words is that of others."""
    rng, words, entries = rng_of("glossary"), lexicon(), []
    g = language(1)
    for word, entry in words.items():
        if entry["kind"] == "noun":
            parts = [g.noun(word, n, "", case) for n, case in (("sg", "subject"), ("sg", "object"), ("two", "subject"))]
        elif entry["kind"] == "adjective":
            parts = [g.adjective(word, "h")]
        else:
            parts = [
                g.verb(word, t, False, p, False, "") for t, p in (("present", "it"), ("present", "I"), ("past", "it"))
            ]
        entries.append((parts, word))
    wrong = {}
    sure = sorted(word for word, count in counted_words().items() if count > 2)
    for kind in ("noun", "noun", "noun", "noun", "take", "adjective"):
        one, other = rng.sample([w for w in sure if words[w]["kind"] == kind and w not in wrong], 2)
        wrong |= {one: other, other: one}
    entries.sort(key=lambda entry: entry[0])
    return [(parts, wrong.get(word, word)) for parts, word in entries], {
        parts[0]: word for parts, word in entries if word in wrong
    }


@functools.cache
def counted_words():
    """Return how often the parallel text has each word."""
    counts = collections.Counter()
    for sentence, _, _ in parallel():
        shown = world.parts(sentence, AFFIXES["base"])
        counts.update({part.split()[1] for part in shown if part.split()[0] in ("noun", "verb", "adjective")})
    return counts


@functools.cache
def parallel():
    return [candidate("parallel", number) for number in range(PARALLEL)]


@functools.cache
def counted():
    """Return how often the parallel text shows each affix and each rule."""
    counts = collections.Counter()
    for sentence, _, year in parallel():
        trace = []
        language(period_of(year)).sentence(sentence, trace)
        counts.update([*world.parts(sentence, AFFIXES["base"]), *(thing for thing in trace if isinstance(thing, str))])
    return counts


def decidable(sentence, year):
    """Tell whether all affixes and rules of a sentence are in the parallel text; words are in the glossary."""
    trace = []
    language(period_of(year)).sentence(sentence, trace)
    things = [part for part in world.parts(sentence, AFFIXES["base"]) if part.split()[0] not in WORDS]
    return all(counted()[thing] >= 2 for thing in things + [thing for thing in trace if isinstance(thing, str)])


WORDS = ("noun", "verb", "adjective", "class", "honour")


def choose():
    """Find the candidates that can be asked: decidable, of one reading, of some length. Run by hand."""
    found = {}
    for purpose in ("english", "north", "south", "sounds", "gaps"):
        found[purpose], number = [], 0
        while len(found[purpose]) < ITEMS[purpose]:
            number += 1
            sentence, dialect, year = candidate(purpose, number)
            known = 4 <= len(say(sentence, dialect, year)) <= 14 and decidable(sentence, year)
            if purpose == "gaps":
                # "you" has no form of its own in the last period.
                known = known and "you" not in english.write(sentence).replace("your", "").split()
            if known and one_reading(sentence, dialect, year):
                found[purpose].append(number)
    return found


if __name__ == "__main__":
    Path(__file__).with_name("chosen.json").write_text(json.dumps(choose()) + "\n")
