"""Anybody's words as they may be shown: names and outputs are hostile until shown otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

#: Whatever GitHub's Markdown could act on inside a line. As a character reference it is only ever itself.
_ACTIVE = re.compile(r"[\\`*\[\]<>#|~&@$]|_(?![^\W_])|(?<![^\W_])_|:(?=\S)|(?<=www)\.", re.IGNORECASE)


def printable(text: str) -> str:
    """Return *text* on one line, what a terminal could act on shown as ``?``."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))


def visible(text: str) -> str:
    """Return *text* on its lines, in which nothing but line ends and tabs controls a terminal; all else is written out.

    Agents and tasks may print anything: what they cannot do is act on whoever reads it.
    """
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def none_of(there: Sequence[str], found: str) -> str:
    """Return what to say of a name that is none of those that there are, with the one that it may have meant."""
    close = get_close_matches(found, there, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"expected one of {', '.join(there)}, found {found!r}{hint}"


def clock(seconds: float) -> str:
    """Return a time in hours, minutes and whole seconds, for example ``1:02:03``."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def escape_markdown(text: str) -> str:
    """Return *text* on one line, such that it can make no markup, link or mention."""
    return _ACTIVE.sub(lambda found: f"&#{ord(found.group())};", printable(text))
