"""What was found out about the sheets, as registers and parts of the model's format."""

C = ["ch", 1]
DIGIT = ["<", ["-", C, 35], 8]  # used where a digit or a letter is possible only


def all_of(*terms):
    """Return the conjunction of expressions."""
    return terms[0] if len(terms) == 1 else ["and", terms[0], all_of(*terms[1:])]


def ngram(order, **more):
    """Return a table over the last characters."""
    return {"kind": "table", "key": ["last", order] if order else 0, **more}


ORDINARY = ["<", 34, "kind"]  # the first character of an ordinary line is a digit: its code is 35 to 42

REGISTERS = {
    "pos": ["+", "pos", 1],
    "col": ["if", ["is", C, "\n"], 0, ["+", "col", 1]],
    # 1 head, 2 quote, 3 dots; 35 and more: a digit
    "kind": ["if", ["==", "col", 1], C, ["if", "col", "kind", 0]],
    "old": ["if", ["and", ["==", "col", 2], "ord"], "cur", "old"],
    "cur": ["if", ["and", ["==", "col", 2], "ord"], ["-", ["+", ["*", 8, ["ch", 2]], C], 315], "cur"],
    "ord": ["and", ["<", 34, "kind"], ["<", "kind", 43]],
    "count": ["+", "count", ["and", ["==", "col", 3], "ord"]],
    "letter": ["or", ["and", ["<", 2, C], ["<", C, 29]], ["is", C, "'"]],
    "words": [
        "if",
        "ord",
        ["if", ["==", "col", 3], 0, ["+", "words", ["and", "w", ["not", "letter"]]]],
        "words",
    ],
    "pairs": ["if", "ord", ["if", ["==", "col", 3], 0, ["+", "pairs", ["in", C, ")]>"]]], "pairs"],
    "lastname": ["if", all_of(["not", "letter"], "isname", ["not", ["is", ["ch", "col"], "="]]), "w", "lastname"],
    "isname": ["if", "letter", ["if", "w", "isname", ["is", C, "'"]], 0],
    "w": ["if", "letter", ["+", ["*", 64, "w"], C], 0],
    "verb": ["if", ["is", C, " "], ["in", ["ch", 2], "aeio)]>"], ["if", ["in", C, "([<\n"], 0, "verb"]],
    "subject": [
        "if",
        ["in", C, ")]>"],
        ["%", "stack", 64],
        ["if", ["and", ["is", C, " "], ["in", ["ch", 2], "aeio"]], ["ch", 2], "subject"],
    ],
    "stack": [
        "if",
        ["in", C, "([<"],
        ["+", ["*", 4096, "stack"], ["+", ["*", 64, C], "subject"]],
        ["if", ["in", C, ")]>"], ["//", "stack", 4096], ["if", "col", "stack", 0]],
    ],
    "s3": ["if", ["and", ["==", "col", 3], "ord"], "s2", "s3"],
    "s2": ["if", ["and", ["==", "col", 3], "ord"], "s1", "s2"],
    "s1": ["if", ["and", ["==", "col", 3], "ord"], "pos", "s1"],
    "dist": [
        "if",
        ["and", ["==", "col", 3], ["is", "kind", "="]],
        ["-", "pos", ["if", ["is", ["ch", 2], "1"], "s1", ["if", ["is", ["ch", 2], "2"], "s2", "s3"]]],
        ["if", "col", "dist", 0],
    ],
}
#: Which registers each of the structures needs.
NEEDS = {
    "words": ["letter", "w", "verb"],
    "names": ["col", "letter", "lastname", "isname", "w"],
    "counter": ["col", "kind", "ord", "old", "cur", "count"],
    "agreement": ["letter", "w", "verb", "subject", "stack", "col"],
    "quotes": ["pos", "col", "kind", "ord", "s3", "s2", "s1", "dist"],
    "topics": ["col", "kind", "ord", "cur"],
    "totals": ["col", "kind", "ord", "old", "cur", "letter", "words", "pairs", "w", "verb", "stack", "subject"],
}
NEXT = ["%", ["-", ["*", 2, "cur"], "old"], 64]


def word_key(topics):
    """Return the key of the table of words: their beginning, verb or not, and the topic where there are some."""
    key = ["+", ["*", 2, "w"], "verb"]
    return ["+", ["*", topics, key], ["%", "cur", topics]] if topics > 1 else key


def parts(structures, topics, orders):
    """Return the parts, the general ones first."""
    found = [ngram(order) for order in orders]
    if "counter" in structures:
        known = ["<", 1, "count"]
        found.append({"kind": "say", "value": ["if", ["and", known, ["==", "col", 0]], ["+", 35, ["//", NEXT, 8]], 0]})
        second = all_of(known, ["==", "col", 1], ["<", 34, "kind"])
        found.append({"kind": "say", "value": ["if", second, ["+", 35, ["%", NEXT, 8]], 0]})
    if "agreement" in structures:
        found.append(
            {
                "kind": "say",
                "value": ["if", all_of("verb", "w", ["<", 4096, "w"], ["not", ["in", C, "aeion"]]), "subject", 0],
            }
        )
        ended = ["and", "w", ["is", C, "n"]]
        found.append(
            {
                "kind": "say",
                "value": ["if", all_of("stack", "verb", ended), ["+", 1, ["%", ["//", "stack", 64], 64]], 0],
            }
        )
        ended = all_of("stack", ["not", "verb"], ["is", C, "m"], ["<", 4096, "w"])
        found.append({"kind": "say", "value": ["if", ended, ["+", 1, ["%", ["//", "stack", 64], 64]], 0]})
    if "totals" in structures:
        total = ["%", ["+", ["+", "words", ["*", 2, "pairs"]], "cur"], 6]
        place = all_of(["is", C, " "], ["not", "stack"], ["in", ["ch", 2], "nm"])
        found.append({"kind": "say", "value": ["if", place, ["+", 29, total], 0]})
    if "words" in structures:
        found.append({"kind": "table", "key": word_key(topics if "topics" in structures else 1)})
    if "names" in structures:
        key = ["if", ["is", "w", "'"], ["-", 0, "lastname"], ["if", "isname", "w", 0]]
        found.append({"kind": "recall", "key": key})
    if "totals" in structures:
        found.append({"kind": "say", "value": ["if", ["is", "kind", "."], ["if", ["<", "col", "words"], 50, 1], 0]})
    if "quotes" in structures:
        found.append({"kind": "say", "value": ["if", "dist", ["ch", "dist"], 0]})
    return found


def registers(structures):
    """Return the registers that the structures need, in their order."""
    wanted = {name for structure in structures for name in NEEDS[structure]}
    return [{"name": name, "next": step} for name, step in REGISTERS.items() if name in wanted]
