"""Translates the letters: stems, classes and honours come from the sentences with translations."""

import json
from pathlib import Path

import affixes
import english
import grammar
import learn

HOME = Path("/home/agent")


def material():
    pairs = [line.split("\t") for line in (HOME / "letters.tsv").read_text().splitlines()]
    words = learn.blank(learn.vocabulary((HOME / "english.md").read_text()))
    learn.find_classes(pairs, affixes.LETTERS, words)
    learn.find_honours(pairs, affixes.LETTERS, words)
    learn.find_stems(pairs, affixes.LETTERS, words)
    return {word: entry for word, entry in words.items() if all(entry["stems"])}


def answer(words):
    items = json.loads((HOME / "items.json").read_text())
    language = grammar.Grammar(affixes.LETTERS, words)
    reader, parser = grammar.Reader(language), english.Parser(words)
    result = {}
    for name, text in items["to English"].items():
        found = reader.read(text.split())
        result[name] = english.write(found[0]) if found else ""
    for name, text in items["to the language"].items():
        try:
            result[name] = " ".join(language.sentence(parser.parse(text)))
        except KeyError as unknown:
            print(f"{name}: {unknown} was never met")
    return result


def solve():
    (HOME / "answer.json").write_text(json.dumps(answer(material())))


if __name__ == "__main__":
    solve()
