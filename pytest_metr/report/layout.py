"""Text in columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def format_table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, words: Collection[int] = (0,)) -> list[str]:
    """Return the lines of a table.

    :param titles: the heads of the columns; a newline in one makes the head two lines high.
    :param words: the columns that go to the left; all others are numbers, and go to the right.
    """
    heads = [title.split("\n") for title in titles]
    height = max(len(head) for head in heads)
    top = [[*[""] * (height - len(head)), *head] for head in heads]
    grid = [[head[level] for head in top] for level in range(height)]
    grid += [list(row) for row in rows]
    widths = [max(len(row[column]) for row in grid) for column in range(len(titles))]
    aligned = [str.ljust if column in words else str.rjust for column in range(len(titles))]
    return ["  ".join(map(lambda align, *cell: align(*cell), aligned, row, widths)).rstrip() for row in grid]


def format_score(score: float | str | None) -> str:
    """Return a score with three decimals, a very large one with three digits, ``-`` for none.

    A score that is not finite is a word in a report, and stays one.
    """
    if score is None:
        return "-"
    if isinstance(score, str):
        return score
    return f"{score:.3f}" if abs(score) < 1e6 else f"{score:.3g}"


def short_count(number: int) -> str:
    """Return a number in three digits and a unit: 950, 1.21k, 88.4k, 121M."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if number >= 0.9995 * size:
            return f"{number / size:.3g}{unit}"
    return str(number)


def shorten(text: str, room: int) -> str:
    """Return *text* with its middle left out where it is longer than *room* characters."""
    if len(text) <= room:
        return text
    tail = (room - 3) // 2
    return f"{text[: room - 3 - tail]}...{text[len(text) - tail :]}"
