"""The letters: sentences with translations, and held-out ones that can be worked out from them."""

import collections
import functools
import random

import english
import grammar
import world

TRAINING, READ, WRITE = 150, 40, 20
#: How often what a held-out sentence needs must have been met; 4 times where nothing is said.
LEAST = {"noun": 2, "verb": 2, "adjective": 2, "times": 2, "ones": 2, "honour": 2, "class": 1}


def seen(language, sentence):
    """Return all that a sentence shows, as things that can be counted."""
    trace = []
    words = language.sentence(sentence, trace)
    return words, [*world.parts(sentence), *trace]


def decidable(shown, counts):
    """Tell whether what a held-out sentence needs can be learnt from what was counted in the material."""
    for thing in shown:
        if isinstance(thing, tuple) and thing[0] == "stem":
            stem = thing[1]
            met = [counts["stem", stem, around] for around in ("plain", "vowel", "nasal", "voiced", "h", "s")]
            if sum(met) < 2 or met[0] < 1:
                return False
            if thing[2] == "vowel" and len(stem[0]) > 4 and met[1] < 1:
                return False
        elif isinstance(thing, tuple):
            if grammar.is_back(thing[1][0].rstrip("*")) is None and counts[thing] < 1:
                return False
        elif counts[thing] < LEAST.get(thing.split()[0], 4):
            return False
    return True


def draw(speaker, reader):
    """Draw sentences of some length that can be read in one way only."""
    while True:
        sentence = speaker.sentence()
        words = reader.grammar.sentence(sentence)
        if 4 <= len(words) <= 14 and len({english.write(found) for found in reader.read(words)}) == 1:
            yield sentence


@functools.cache
def material():
    """Return the training sentences, those to read, and those to write, each as ``(words, English)``."""
    words = world.lexicon(random.Random("island_tongue:letters:4"))
    language = grammar.Grammar(world.LETTERS, words)
    sentences = draw(world.Speaker(random.Random("island_tongue:letters:sentences"), words), grammar.Reader(language))
    training = [next(sentences) for _ in range(TRAINING)]
    counts, forms = collections.Counter(), set()
    for sentence in training:
        made, shown = seen(language, sentence)
        counts.update(shown)
        forms |= set(made)
    held = []
    while len(held) < READ + WRITE:
        sentence = next(sentences)
        made, shown = seen(language, sentence)
        # Most of what is asked has at least two words that never occur in the material in that form.
        fresh = sum(word not in forms for word in made)
        if decidable(shown, counts) and fresh >= 2:
            held.append(sentence)
    pairs = [(" ".join(language.sentence(sentence)), english.write(sentence)) for sentence in training + held]
    return pairs[:TRAINING], pairs[TRAINING : TRAINING + READ], pairs[TRAINING + READ :]
