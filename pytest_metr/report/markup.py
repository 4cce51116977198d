"""Text as Markdown shows it, whatever it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_metr.report.layout import printable

#: Whatever GitHub's Markdown could act on inside a line. As a character reference it is only ever itself.
_ACTIVE = re.compile(r"[\\`*\[\]<>#|~&@$]|_(?![^\W_])|(?<![^\W_])_|:(?=\S)|(?<=www)\.", re.IGNORECASE)


def escape_markdown(text: str) -> str:
    """Return *text* on one line, such that it can make no markup, link or mention."""
    return _ACTIVE.sub(lambda found: f"&#{ord(found.group())};", printable(text))


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table with its first column to the left and all others, which are numbers, to the right."""
    lines = [["---", *("---:" for _ in titles[1:])], *([escape_markdown(cell) for cell in row] for row in rows)]
    head = [escape_markdown(title) for title in titles]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, *lines])
