"""Works through the chronicle.

Words come from the glossary, mended with the parallel text; classes, honours, periods and lost words from the texts
themselves. What the affixes and the sounds of the south are is stated in the modules beside this one.
"""

import collections
import functools
import itertools
import json
import re
from pathlib import Path

import english
import grammar
import learn
import sounds
from affixes import CHRONICLE

HOME = Path("/home/agent")
PERIODS = (1, 2, 3, 4, 5)


class Work:
    """All that is found out; ``skip`` names what is left undone, for the controls."""

    def __init__(self, skip=()):
        self.skip = skip
        self.items = json.loads((HOME / "items.json").read_text())
        self.parallel = [line.split("\t") for line in (HOME / "parallel.tsv").read_text().splitlines()]
        self.words = learn.blank(learn.vocabulary((HOME / "english.md").read_text()))
        self.read_glossary()
        self.texts = read_texts()
        self.find_classes()
        self.find_honours()

    # words

    def read_glossary(self):
        entries = {}
        for line in (HOME / "glossary.tsv").read_text().splitlines():
            parts, word = line.split("\t")
            entries[word] = parts.split(" / ")
        stems = {word: stems_of(parts, self.words[word]["kind"]) for word, parts in entries.items()}
        meant = {} if "glossary" in self.skip else self.find_mistakes(stems)
        self.mistakes = {entries[given][0]: word for word, given in meant.items() if word != given}
        for word in self.words:
            self.words[word]["stems"] = stems[meant.get(word, word)]

    def find_mistakes(self, stems):
        """Return, for the words that the parallel text has, the word under which the glossary gives their forms."""
        votes = collections.defaultdict(collections.Counter)
        kinds = {word: entry["kind"] for word, entry in self.words.items()}
        for dialect, period, _, sound, text in self.parallel:
            recorder = learn.Recorder(CHRONICLE, self.words, int(period))
            sentence = english.Parser(self.words).parse(text)
            for slot, token in zip(recorder.sentence(sentence), sound.split(), strict=True):
                if not isinstance(slot, tuple) or slot[0] == "particle":
                    continue
                for other, (first, last) in stems.items():
                    suffixes = slot[4]
                    honoured = [*suffixes[:-1], CHRONICLE["honour"], *suffixes[-1:]]
                    made = any(
                        makes((first, last)[slot[2]], (*slot[:4], s), token, dialect) for s in (suffixes, honoured)
                    )
                    votes[slot[1]][other] += made and kinds[other] == kinds[slot[1]]
        return {word: max(count, key=lambda other: (count[other], other == word)) for word, count in votes.items()}

    # classes and honours

    def find_classes(self):
        """Tell the classes of nouns by the adjectives before them, in the texts and in the parallel text."""
        lines = [(text["dialect"], line) for text in self.texts for line in text["lines"]]
        lines += [(row[0], row[2].split()) for row in self.parallel]
        votes = self.classes_in_parallel()
        for dialect in ("north", "south"):
            spell = self.spelling(dialect)
            g = grammar.Grammar(CHRONICLE, self.words)
            nouns, adjectives = collections.defaultdict(set), collections.defaultdict(set)
            for word, entry in self.words.items():
                if entry["kind"] == "noun":
                    for number, owner, case in itertools.product(
                        CHRONICLE["number"], CHRONICLE["owner"], CHRONICLE["case"]
                    ):
                        nouns[spell(g.noun(word, number, owner, case))].add(word)
                elif entry["kind"] == "adjective":
                    for kind in "hlt":
                        adjectives[spell(g.adjective(word, kind))].add(kind)
            for one, two in ((a, b) for d, line in lines if d == dialect for a, b in itertools.pairwise(line)):
                if len(nouns.get(two, ())) == 1 == len(adjectives.get(one, ())):
                    votes[min(nouns[two])][min(adjectives[one])] += 1
        for word, count in votes.items():
            self.words[word]["class"] = count.most_common(1)[0][0]

    def classes_in_parallel(self):
        """Count the classes that the marks of adjectives and verbs show where the translation tells the noun."""
        votes = collections.defaultdict(collections.Counter)
        for period in PERIODS:
            pairs = [(row[3], row[4]) for row in self.parallel if int(row[1]) == period]
            learn.count_classes(pairs, CHRONICLE, self.words, votes, period)
        return votes

    def find_honours(self):
        """Tell who is honoured by the parallel text, and else by what makes sentences of known periods readable."""
        told = self.honours_in_parallel()
        for word, entry in self.words.items():
            if entry["kind"] != "noun" or entry["class"] == "t" or "honours" in self.skip:
                continue
            balance = told[word]
            for text, line in self.sentences_with(word) if not balance else ():
                reader = self.reader(text["dialect"], text["period"])
                for entry["revered"] in (False, True):
                    balance += (1 if entry["revered"] else -1) * bool(reader.read(line))
            entry["revered"] = balance > 0

    def honours_in_parallel(self):
        """Count for each noun how often a verb whose subject it is has the mark of honour, less how often not."""
        votes = collections.Counter()
        for dialect, period, _, sound, text in self.parallel:
            if int(period) == 5:
                continue
            ((sentence, slots),) = learn.align([(sound, text)], CHRONICLE, self.words, int(period))
            subject = sentence["main"].get("subject", {}).get("noun")
            slot, token = [pair for pair in slots if isinstance(pair[0], tuple) and pair[0][0] == "verb"][-1]
            if subject:
                stem = self.words[slot[1]]["stems"][slot[2]]
                honoured = [*slot[4][:-2], CHRONICLE["honour"], slot[4][-1]]
                for suffixes, vote in ((slot[4], -1), (honoured, 1)):
                    votes[subject] += vote * makes(stem, (*slot[:4], suffixes), token, dialect)
        return votes

    def sentences_with(self, word, most=14):
        """Return short sentences of the first periods in which a word may be the subject."""
        found = []
        for text in self.texts:
            if text["period"] not in (1, 2, 3):
                continue
            table = self.reader(text["dialect"], text["period"]).table
            for line in text["lines"]:
                meanings = [meaning for token in line for meaning in table.get(token, ())]
                if len(line) < 9 and any(m[:2] == ("noun", word) and m[4] in ("subject", "agent") for m in meanings):
                    found.append((text, line))
        return sorted(found, key=lambda pair: len(pair[1]))[:most]

    # reading

    @functools.cache  # noqa: B019
    def spelling(self, dialect):
        rules = () if "south" not in self.skip else sounds.RULES
        return functools.cache(lambda word: sounds.script(sounds.south(word, rules) if dialect == "south" else word))

    @functools.cache  # noqa: B019
    def language(self, period):
        return grammar.Grammar(CHRONICLE, self.words, 1 if "periods" in self.skip else period)

    @functools.cache  # noqa: B019
    def reader(self, dialect, period):
        # The forms of words change with the last period only.
        table = self.reader(dialect, 1).table if 1 < period < 5 else None
        return grammar.Reader(self.language(period), self.spelling(dialect), table)

    @functools.cache  # noqa: B019
    def read(self, dialect, period, line):
        return self.reader(dialect, period).read(line.split())

    def say(self, sentence, dialect, period):
        words = self.language(period).sentence(sentence)
        return [
            sounds.south(word, sounds.RULES if "south" in self.skip else ()) if dialect == "south" else word
            for word in words
        ]

    # answers

    def date(self):
        """Find the periods of the texts that have none: the one in which most of their sentences can be read."""
        for text in self.texts:
            if text["period"] is None:
                left = list(PERIODS)
                for line in sorted((line for line in text["lines"] if "[...]" not in line), key=len):
                    able = [p for p in left if len(left) > 1 and self.read(text["dialect"], p, " ".join(line))]
                    left = able or left
                text["period"] = left[0]

    def gaps(self):
        """Find the lost words: what the same sentence, read in the other dialect, has in their place."""
        lost = {}
        for part, (number, place) in self.items["gaps"].items():
            text = self.texts[number - 1]
            pattern = text["lines"][place - 1]
            spell = self.spelling(text["dialect"])
            for other in self.texts:
                if other["dialect"] == text["dialect"]:
                    continue
                for line in other["lines"]:
                    # A copy has about as many words; numbers and subjects make small differences.
                    if abs(len(line) - len(pattern)) > 2 or "[...]" in line or not self.alike(line, pattern):
                        continue
                    for sentence in self.read(other["dialect"], other["period"], " ".join(line)):
                        words = [spell(word) for word in self.language(text["period"]).sentence(sentence)]
                        if len(words) == len(pattern) and all(
                            p in (w, "[...]") for w, p in zip(words, pattern, strict=True)
                        ):
                            lost[part] = words[pattern.index("[...]")]
        return lost

    @staticmethod
    def alike(line, pattern):
        """Tell whether two sentences may be copies: their words begin alike for the most part."""
        starts = collections.Counter(word[:2].replace("C", "T").replace("K", "T") for word in line)
        shared = starts & collections.Counter(word[:2].replace("C", "T").replace("K", "T") for word in pattern)
        return sum(shared.values()) * 2 >= len(pattern) - 3

    def answer(self):
        result = {"glossary": self.mistakes}
        parser = english.Parser(self.words)
        for name, (dialect, period, line) in (self.items["english"] | self.items["sounds"]).items():
            found = self.read(dialect, period, line)
            if found:
                said = " ".join(self.say(found[0], dialect, period))
                result[name] = english.write(found[0]) if name.startswith("english") else said
        for dialect in ("north", "south"):
            for name, (period, text) in self.items[dialect].items():
                result[name] = " ".join(self.say(parser.parse(text), dialect, period))
        if "south" not in self.skip:
            result |= {name: sounds.south(word) for name, word in self.items["cognates"].items()}
        if "dates" not in self.skip:
            self.date()
            result |= {name: self.texts[number - 1]["period"] for name, number in self.items["periods"].items()}
        if "gaps" not in self.skip:
            result |= self.gaps()
        return result


def read_texts():
    texts = []
    for block in (HOME / "chronicle.txt").read_text().strip().split("\n\n"):
        heading, *lines = block.splitlines()
        dialect, period = re.fullmatch(r"text \d+, (\w+), period (.)", heading).groups()
        lines = [line.split()[1:] for line in lines]
        texts.append({"dialect": dialect, "period": None if period == "?" else int(period), "lines": lines})
    return texts


def stems_of(parts, kind):
    """Return the two stems of a word from the forms that the glossary gives."""
    a = CHRONICLE
    if kind == "adjective":
        return [learn.choose([(a["adjective"]["h"], [], parts[0])])] * 2
    if kind == "noun":
        first = [("", [], parts[0]), ("", [a["case"]["object"]], parts[1])]
        last = [("", [a["number"]["two"]], parts[2])]
    else:
        last = [("", [], parts[0]), ("", [a["person"]["I"]], parts[1])]
        first = [("", [a["tense"]["past"]], parts[2])]
    one = learn.choose(first + last)
    return [one, one] if one else [learn.choose(first), learn.choose(last)]


def makes(stem, slot, token, dialect):
    """Tell whether a stem makes a token in a place; the class and the honour are not known yet."""
    kind, suffixes = slot[0], slot[4]
    befores = {"noun": [""], "adjective": list(CHRONICLE["adjective"].values())}.get(
        kind, list(CHRONICLE["object"].values())
    )
    for before in befores:
        word = grammar.prefix(before, grammar.build(stem, suffixes))
        if (sounds.south(word) if dialect == "south" else word) == token:
            return True
    return False


def solve(skip=()):
    (HOME / "answer.json").write_text(json.dumps(Work(skip).answer()))


if __name__ == "__main__":
    solve()
