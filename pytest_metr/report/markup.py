"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_metr.texts import escape_markdown


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table with its first column to the left and all others, which are numbers, to the right."""
    lines = [["---", *("---:" for _ in titles[1:])], *([escape_markdown(cell) for cell in row] for row in rows)]
    head = [escape_markdown(title) for title in titles]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, *lines])
