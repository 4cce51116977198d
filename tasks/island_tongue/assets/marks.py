"""Marks for sentences: exact ones count in full, near ones for less, and what a gloss word by word gets for nothing."""

SENTENCE_CHARACTERS = 600


def distance(first, second):
    """Return the least number of tokens to insert, delete or replace."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def sentence(found, expected):
    """Return 1 for the sentence, up to half for one that has more than 7 in 10 of its tokens in place, else 0."""
    if not isinstance(found, str) or len(found) > SENTENCE_CHARACTERS:
        return 0.0
    tokens, right = found.split(), expected.split()
    if tokens == right:
        return 1.0
    near = 1 - distance(tokens, right) / max(len(tokens), len(right), 1)
    return max(0.0, 0.5 * (near - 0.7) / 0.3)
