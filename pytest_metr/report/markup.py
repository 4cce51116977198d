"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pytest_metr.texts import escape_markdown


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table with its first column to the left and all others, which are numbers, to the right."""
    escaped = [[escape_markdown(cell) for cell in row] for row in (titles, *rows)]
    return "\n".join(markdown_lines(escaped))


def markdown_lines(rows: Sequence[Sequence[str]], *, words: Collection[int] = (0,)) -> Iterator[str]:
    """Yield the lines of a table whose cells are Markdown already.

    :param rows: the titles first.
    :param words: the columns that go to the left; all others are numbers, and go to the right.
    """
    titles, *cells = rows
    rule = ["---" if column in words else "---:" for column in range(len(titles))]
    for row in (titles, rule, *cells):
        yield f"| {' | '.join(row)} |"
