"""What each task delivers, what it tells, and how it is marked."""

import json
from pathlib import Path

import chronicle
import english
import letters
import market
import marks
import world

HERE = Path(__file__).parent
ANSWER = """\
Write /home/agent/answer.json (at most 256 KiB): one JSON object with the name of each item and its answer. Names that
are missing and answers of another form than asked for count as wrong."""
SENTENCE = """\
1 if it is exactly right (spaces at its ends and repeated ones do not matter, all else does). Otherwise, with e the
least number of words to insert, delete or replace and n the number of words of the longer of the two sentences, it
scores 0.5 * (0.3 - e / n) / 0.3, at least 0. An answer is one sentence of at most 600 characters."""


def instructions(name):
    """Return what the agent is told of a task."""
    numbers = {
        "training": letters.TRAINING,
        "read": letters.READ,
        "write": letters.WRITE,
        "both": letters.READ + letters.WRITE,
        "texts": chronicle.TEXTS,
        "undated": chronicle.TEXTS - chronicle.DATED,
        "lines": chronicle.SENTENCES,
        "parallel": chronicle.PARALLEL,
        "given": chronicle.COGNATES,
        **chronicle.ITEMS,
    }
    return (HERE / f"{name}_task.txt").read_text().format(answer=ANSWER, sentence=SENTENCE, **numbers)


def dump(items):
    return json.dumps(items, indent=1) + "\n"


def english_text(extra=()):
    """Return the description of the controlled English."""
    text = (HERE / "letters_english.md").read_text()
    nouns = sorted(world.HUMANS + world.LIVING + world.THINGS)
    for name, words in (
        ("GO", world.GO),
        ("TAKE", world.TAKE),
        ("GIVE", world.GIVE),
        ("ADJECTIVES", world.ADJECTIVES),
        ("NOUNS", nouns),
    ):
        text = text.replace(f"@{name}@", ", ".join([*words, *extra]))
    return text


def market_files():
    read, write = market.tasks()
    items = {
        "to digits": {f"d{place:02d}": market.words(number) for place, number in enumerate(read, 1)},
        "to words": {f"w{place:02d}": number for place, number in enumerate(write, 1)},
    }
    return {"receipts.txt": market.text(), "items.json": dump(items)}


def mark_market(answer):
    read, write = market.tasks()
    right = {}
    for place, number in enumerate(read, 1):
        found = answer.get(f"d{place:02d}")
        right[f"d{place:02d}"] = isinstance(found, int) and not isinstance(found, bool) and found == number
    for place, number in enumerate(write, 1):
        found = answer.get(f"w{place:02d}")
        right[f"w{place:02d}"] = (
            isinstance(found, str) and len(found) < 600 and found.split() == market.words(number).split()
        )
    return sum(right.values()) / len(right), f"right: {[name for name, good in right.items() if good]}"


def letters_files():
    training, read, write = letters.material()
    items = {
        "to English": {f"e{place:02d}": words for place, (words, _) in enumerate(read, 1)},
        "to the language": {f"l{place:02d}": text for place, (_, text) in enumerate(write, 1)},
    }
    pairs = "".join(f"{words}\t{text}\n" for words, text in training)
    return {"letters.tsv": pairs, "english.md": english_text(), "items.json": dump(items)}


def mark_letters(answer):
    _, read, write = letters.material()
    credit = [marks.sentence(answer.get(f"e{place:02d}"), text) for place, (_, text) in enumerate(read, 1)]
    credit += [marks.sentence(answer.get(f"l{place:02d}"), words) for place, (words, _) in enumerate(write, 1)]
    return sum(credit) / len(credit), f"{credit.count(1.0)} exact of {len(credit)}: {[round(c, 2) for c in credit]}"


WEIGHTS = {
    "english": 0.25,
    "north": 0.15,
    "south": 0.10,
    "sounds": 0.15,
    "cognates": 0.10,
    "gaps": 0.10,
    "periods": 0.10,
    "glossary": 0.05,
}


def chronicle_items():
    """Return ``(part, name, question, answer)`` of all that is asked by name."""
    for part in ("english", "sounds"):
        for place, (sentence, dialect, year) in enumerate(chronicle.picked(part), 1):
            question = [dialect, chronicle.period_of(year), " ".join(chronicle.write(sentence, dialect, year))]
            said = " ".join(chronicle.say(sentence, dialect, year))
            yield part, f"{part}{place:02d}", question, english.write(sentence) if part == "english" else said
    for part in chronicle.DIALECTS:
        for place, (sentence, dialect, year) in enumerate(chronicle.picked(part), 1):
            question = [chronicle.period_of(year), english.write(sentence)]
            yield part, f"{part}{place:02d}", question, " ".join(chronicle.say(sentence, dialect, year))
    for place, (north, south, _) in enumerate(chronicle.cognates()[1], 1):
        yield "cognates", f"cognate{place:02d}", north, south
    for place, (text, sentence, word) in enumerate(chronicle.gaps(), 1):
        yield "gaps", f"gap{place:02d}", [text, sentence], word
    for number, text in enumerate(chronicle.texts(), 1):
        if not text["dated"]:
            yield "periods", f"period{number:02d}", number, chronicle.period_of(text["year"])


def chronicle_text():
    """Return the texts in the script."""
    lines = []
    for number, text in enumerate(chronicle.texts(), 1):
        period = chronicle.period_of(text["year"]) if text["dated"] else "?"
        lines.append(f"text {number}, {text['dialect']}, period {period}")
        for place, sentence in enumerate(text["sentences"]):
            words = chronicle.write(sentence, text["dialect"], text["year"])
            if place in text["gaps"]:
                words[text["gaps"][place]] = "[...]"
            lines.append(f"{place + 1}. {' '.join(words)}")
        lines.append("")
    return "\n".join(lines)


def chronicle_files():
    rows = [
        (dialect, str(chronicle.period_of(year)), " ".join(chronicle.write(sentence, dialect, year)),
         " ".join(chronicle.say(sentence, dialect, year)), english.write(sentence))
        for sentence, dialect, year in chronicle.parallel()
    ]  # fmt: skip
    items = {}
    for part, name, question, _ in chronicle_items():
        items.setdefault(part, {})[name] = question
    return {
        "chronicle.txt": chronicle_text(),
        "parallel.tsv": "".join("\t".join(row) + "\n" for row in rows),
        "glossary.tsv": "".join(f"{' / '.join(parts)}\t{word}\n" for parts, word in chronicle.glossary()[0]),
        "cognates.tsv": "".join(f"{north}\t{south}\n" for north, south, _ in chronicle.cognates()[0]),
        "english.md": english_text(),
        "items.json": dump(items),
    }


def mark_glossary(found):
    """Return the share of the mistakes that were mended, less what was made worse."""
    mistakes = chronicle.glossary()[1]
    if not isinstance(found, dict) or len(found) > 60:
        return 0.0
    right = sum(found.get(form) == word for form, word in mistakes.items())
    return max(0.0, (2 * right - len(found)) / len(mistakes))


def mark_chronicle(answer):
    credit = {part: [] for part in WEIGHTS}
    for part, name, _, right in chronicle_items():
        found = answer.get(name)
        if part in ("cognates", "gaps"):
            credit[part].append(float(isinstance(found, str) and found == right))
        elif part == "periods":
            credit[part].append(float(isinstance(found, int) and not isinstance(found, bool) and found == right))
        else:
            credit[part].append(marks.sentence(found, right))
    parts = {part: sum(values) / len(values) for part, values in credit.items() if values}
    # One period for all texts is worth nothing.
    parts["periods"] = max(0.0, (parts["periods"] - 0.3) / 0.7)
    parts["glossary"] = mark_glossary(answer.get("glossary"))
    evidence = ", ".join(f"{part} {share:.3f}" for part, share in parts.items())
    return min(1.0, round(sum(WEIGHTS[part] * share for part, share in parts.items()), 9)), evidence


FILES = {"market": market_files, "letters": letters_files, "chronicle": chronicle_files}
MARKS = {"market": mark_market, "letters": mark_letters, "chronicle": mark_chronicle}
