"""Tests of the family, run in its sandbox once for each task."""

import collections
import json
import os
import random
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, "/root/assets")
import chronicle
import deliver
import english
import grammar
import letters
import market
import marks
import sounds
import world

ANSWER = Path("/home/agent/answer.json")


@pytest.fixture
def hand_in():
    """Return a function that writes the answer; what it wrote is taken away afterwards."""

    def write(content):
        ANSWER.write_text(content if isinstance(content, str) else json.dumps(content))

    yield write
    if ANSWER.is_dir() and not ANSWER.is_symlink():
        shutil.rmtree(ANSWER)
    else:
        ANSWER.unlink(missing_ok=True)


def truth(name):
    """Return the right answer of a task."""
    if name == "market":
        read, write = market.tasks()
        answer = {f"d{place:02d}": number for place, number in enumerate(read, 1)}
        return answer | {f"w{place:02d}": market.words(number) for place, number in enumerate(write, 1)}
    if name == "letters":
        _, read, write = letters.material()
        answer = {f"e{place:02d}": text for place, (_, text) in enumerate(read, 1)}
        return answer | {f"l{place:02d}": words for place, (words, _) in enumerate(write, 1)}
    answer = {item: right for _, item, _, right in deliver.chronicle_items()}
    return answer | {"glossary": chronicle.glossary()[1]}


def test_truth_scores_1(task_family, task, task_name, hand_in):
    hand_in(truth(task_name))
    assert task_family.score(task, "") == 1.0


def test_part_of_the_truth_scores_between(task_family, task, task_name, hand_in):
    answer = truth(task_name)
    hand_in(dict(list(answer.items())[: len(answer) // 2]))
    assert 0.3 < task_family.score(task, "") < 0.8


def test_items_as_delivered_score_0(task_family, task, hand_in):
    items = json.loads(Path("/home/agent/items.json").read_text())
    answer = {}
    for part in items.values():
        for name, question in part.items():
            answer[name] = question[-1] if isinstance(question, list) else question
    hand_in(answer)
    assert task_family.score(task, "") == 0.0
    hand_in(items)
    assert task_family.score(task, "") == 0.0


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "7", "[" * 60000, '{"a":' * 9000, "\x00", "x" * 300000, "\ud7ff"], ids=range(10)
)
def test_junk_scores_0(task_family, task, hand_in, content):
    hand_in(content)
    assert task_family.score(task, "") == 0.0


@pytest.mark.parametrize(
    "value", [None, True, [1, 2], {}, 1e400, float("nan"), 10**4000, "٣", "x " * 9000, -1], ids=range(10)
)
def test_values_of_wrong_types_score_0(task_family, task, task_name, hand_in, value):
    hand_in(json.dumps(dict.fromkeys(list(truth(task_name))[:10], value)))
    assert task_family.score(task, "") == 0.0
    hand_in({"glossary": value})
    assert task_family.score(task, "") == 0.0


def test_all_possibilities_joined_score_0(task_family, task, task_name, hand_in):
    if task_name == "chronicle":
        answer = truth("chronicle")
        answer["glossary"] = dict.fromkeys((parts[0] for parts, _ in chronicle.glossary()[0][:60]), "road")
        joined = {k: [v, v] if not isinstance(v, dict) else v for k, v in answer.items()}
    else:
        joined = {k: f"{v} {v}" for k, v in truth(task_name).items()}
    hand_in(joined)
    assert task_family.score(task, "") == 0.0


def test_what_is_no_regular_file_scores_0(task_family, task, task_name, hand_in, tmp_path):
    hand_in("{}")
    ANSWER.unlink()
    (tmp_path / "right.json").write_text(json.dumps(truth(task_name)))
    ANSWER.symlink_to(tmp_path / "right.json")
    assert task_family.score(task, "") == 0.0
    ANSWER.unlink()
    os.mkfifo(ANSWER)
    assert task_family.score(task, "") == 0.0
    ANSWER.unlink()
    ANSWER.mkdir()
    assert task_family.score(task, "") == 0.0


def test_instructions_name_what_was_delivered(task_family, task):
    text = task_family.get_instructions(task)
    for path in Path("/home/agent").iterdir():
        if path.suffix in (".txt", ".tsv", ".md") or path.name == "items.json":
            assert path.name in text
    assert "/home/agent/answer.json" in text
    assert "/root" not in text


def test_marks_of_sentences():
    assert marks.sentence(" a b  c ", "a b c") == 1
    assert marks.sentence("a b c d e f g h i x", "a b c d e f g h i j") == pytest.approx(1 / 3)
    assert marks.sentence("a b c x x x x x x x", "a b c d e f g h i j") == 0
    assert marks.sentence("a b c " * 200, "a b c") == 0
    assert marks.sentence(["a b c"], "a b c") == 0
    assert marks.distance("kitten", "sitting") == 3


def test_every_number_has_a_name_of_its_own(task_name):
    if task_name != "market":
        pytest.skip("the market's numbers")
    assert len({market.words(number) for number in range(1, 3001)}) == 3000


def test_receipts_show_every_word_and_exception(task_name):
    if task_name != "market":
        pytest.skip("the market's numbers")
    counts = collections.Counter(market.text().split())
    read, write = market.tasks()
    for number in read + write:
        assert all(counts[word] >= 2 for word in market.words(number).split())
    seen = {n for _, count, price, _ in market.receipts() for n in (count, price, count * price)}
    assert sum(n % 24 == 23 for n in seen) >= 3
    assert sum(n % 24 == 7 or n // 24 == 7 for n in seen) >= 3
    assert sum(n > 24 and 0 < n % 24 < 6 for n in seen) >= 3
    assert not seen & set(read + write)


def test_hidden_numbers_of_receipts_follow_from_the_others(task_name):
    if task_name != "market":
        pytest.skip("the market's numbers")
    assert all(block.count("...") <= 1 for block in market.text().split("\n\n"))


def test_what_the_letters_ask_is_attested(task_name):
    if task_name != "letters":
        pytest.skip("the letters")
    training, read, write = letters.material()
    assert (len(training), len(read), len(write)) == (150, 40, 20)
    words = world.lexicon(random.Random("island_tongue:letters:4"))
    language, parser = grammar.Grammar(world.LETTERS, words), english.Parser(words)
    counts, forms = collections.Counter(), set()
    for _, text in training:
        made, shown = letters.seen(language, parser.parse(text))
        counts.update(shown)
        forms |= set(made)
    for said, text in read + write:
        made, shown = letters.seen(language, parser.parse(text))
        assert " ".join(made) == said
        assert letters.decidable(shown, counts)
        assert len(set(made) - forms) >= 2


def test_letters_have_one_reading(task_name):
    if task_name != "letters":
        pytest.skip("the letters")
    words = world.lexicon(random.Random("island_tongue:letters:4"))
    reader = grammar.Reader(grammar.Grammar(world.LETTERS, words))
    training, read, write = letters.material()
    for said, text in training + read + write:
        assert {english.write(found) for found in reader.read(said.split())} == {text}


@pytest.mark.parametrize("number", range(5))
def test_other_lexicons_are_as_readable(task_name, number):
    if task_name != "letters":
        pytest.skip("the letters")
    words = world.lexicon(random.Random(f"other:{number}"))
    reader, parser = grammar.Reader(grammar.Grammar(world.LETTERS, words)), english.Parser(words)
    speaker, single = world.Speaker(random.Random(number), words), 0
    for _ in range(60):
        sentence = speaker.sentence()
        made, text = reader.grammar.sentence(sentence), english.write(sentence)
        assert reader.grammar.sentence(parser.parse(text)) == made
        found = {english.write(found) for found in reader.read(made)}
        assert text in found
        single += len(found) == 1
    assert single >= 42


PARTS = ("english", "north", "south", "sounds", "gaps")


@pytest.mark.parametrize("part", PARTS)
def test_what_the_chronicle_asks_has_one_reading_and_is_attested(task_name, part):
    if task_name != "chronicle":
        pytest.skip("the chronicle")
    assert len(set(chronicle.chosen()[part])) == chronicle.ITEMS[part]
    for sentence, dialect, year in chronicle.picked(part):
        assert chronicle.decidable(sentence, year)
        assert chronicle.one_reading(sentence, dialect, year)


def test_nouns_written_alike_are_told_apart_by_the_parallel_text(task_name):
    if task_name != "chronicle":
        pytest.skip("the chronicle")
    alike = collections.defaultdict(set)
    for word, entry in chronicle.lexicon().items():
        if entry["kind"] == "noun":
            for stem, _ in entry["stems"]:
                alike[sounds.script(stem.rstrip("*"))].add(word)
    groups = [group for group in alike.values() if len(group) > 1]
    assert len(groups) >= 5
    early = collections.Counter()
    for sentence, _, year in chronicle.parallel():
        early.update(part for part in world.parts(sentence, 5) if chronicle.period_of(year) < 5)
    for group in groups:
        assert all(chronicle.counted()[f"class {word}"] >= 1 for word in group)
        # Where it is known of one of two whether verbs honour it, the texts tell it of the other.
        open_words = [w for w in group if chronicle.lexicon()[w]["class"] != "t" and not early[f"honour {w}"]]
        assert len(open_words) <= 1


def test_texts_without_a_period_show_each_change(task_name):
    if task_name != "chronicle":
        pytest.skip("the chronicle")
    undated = [text for text in chronicle.texts() if not text["dated"]]
    assert len(undated) == chronicle.TEXTS - chronicle.DATED
    assert max(collections.Counter(chronicle.period_of(text["year"]) for text in undated).values()) <= 6
    for text in undated:
        period = chronicle.period_of(text["year"])
        for other in {period - 1, period + 1} & {1, 2, 3, 4, 5}:
            told = [
                chronicle.language(period).sentence(sentence) != chronicle.language(other).sentence(sentence)
                for sentence in text["sentences"]
                if "you" not in english.write(sentence).split()
            ]
            assert sum(told) >= 2


def test_parallel_text_and_texts_have_every_period_and_dialect(task_name):
    if task_name != "chronicle":
        pytest.skip("the chronicle")
    parallel = collections.Counter((dialect, chronicle.period_of(year)) for _, dialect, year in chronicle.parallel())
    assert len(parallel) == 10
    texts = {(t["dialect"], chronicle.period_of(t["year"])) for t in chronicle.texts() if t["dated"]}
    assert len(texts) == 10


def test_lost_words_have_a_whole_copy_in_the_other_dialect(task_name):
    if task_name != "chronicle":
        pytest.skip("the chronicle")
    lost = [(t, t["sentences"][place]) for t in chronicle.texts() for place in t["gaps"]]
    assert len(lost) == chronicle.ITEMS["gaps"]
    for text, sentence in lost:
        copies = [t for t in chronicle.texts() if sentence in t["sentences"] and t is not text]
        assert len(copies) == 1
        assert copies[0]["dialect"] != text["dialect"]
        assert copies[0]["sentences"].index(sentence) not in copies[0]["gaps"]


def test_changes_of_sounds_are_attested_alone_and_together(task_name):
    if task_name != "chronicle":
        pytest.skip("the chronicle")
    given, asked = chronicle.cognates()
    assert (len(given), len(asked)) == (chronicle.COGNATES, chronicle.ITEMS["cognates"])
    counts = collections.Counter(rule for _, _, rules in given for rule in rules)
    assert all(counts[rule] >= 4 for rule in sounds.RULES)
    for north, south, rules in asked:
        assert north != south
        for pair in chronicle.together(rules):
            assert sum(set(pair) <= set(found) for _, _, found in given) >= 2


def test_mistakes_of_the_glossary_are_contradicted(task_name):
    if task_name != "chronicle":
        pytest.skip("the chronicle")
    entries, mistakes = chronicle.glossary()
    given = {parts[0]: word for parts, word in entries}
    assert len(mistakes) == 12
    for form, word in mistakes.items():
        assert given[form] != word
        assert chronicle.counted_words()[word] >= 3
    assert sorted(given.values()) == sorted(chronicle.lexicon())
