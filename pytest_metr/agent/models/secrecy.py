"""What a server says, fit for an error's message: on one line, not too long, and without the key."""

from __future__ import annotations

import json
from urllib.parse import quote

from pytest_metr.texts import printable

_WORDS = 400
_HIDDEN = "[key]"


class Secrecy:
    """Keeps a key out of messages, in whatever form a server may echo it.

    :param key: None where there is none.
    """

    def __init__(self, key: str | None) -> None:
        forms = {key, json.dumps(key)[1:-1], quote(key, safe="")} if key else set()
        self._forms = sorted(forms, key=len, reverse=True)

    def line(self, text: str) -> str:
        """Return *text* on one line, its end cut off where it is long. The key goes first: half of one would stay."""
        for form in self._forms:
            text = text.replace(form, _HIDDEN)
        line = printable(text)
        return line if len(line) <= _WORDS else f"{line[:_WORDS]}..."
