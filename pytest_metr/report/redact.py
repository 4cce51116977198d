"""Keeping secrets out of what is written down."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pytest_metr.report.strict import free_key

#: Shorter values stand in too much ordinary text.
MIN_SECRET = 4
#: As above, for the parts of a base64 text that show a secret amid something longer.
MIN_BASE64_PART = 8


class Redactor:
    """Replaces secrets by ``[secret NAME]``.

    A secret is found as it is (also without white space around it), as JSON and URLs escape it, and in base64
    (both alphabets, also as a part of something longer, such as a Basic authorization header). Longer forms go
    before shorter ones, so a secret inside another leaves nothing of the other behind.

    Limits: a value shorter than 4 characters (white space around it not counted) is **not** redacted, because that
    would destroy the text around it;
    numbers in JSON data are not looked at, only strings and keys; a secret of which only a part is there is not
    recognised, so redact a text before shortening it.

    :param secrets: values by name. Of two names with one value, the first is shown.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        names: dict[str, str] = {}
        for name, value in secrets.items():
            for form in _forms(value):
                names.setdefault(form, name)
        self._forms = sorted(names.items(), key=lambda item: -len(item[0]))

    def text(self, text: str) -> str:
        """Return *text* without the secrets."""
        found = [span for form, name in self._forms for span in _occurrences(text, form, name)]
        if not found:
            return text
        found.sort(key=lambda span: (span[0], -span[1]))
        parts: list[str] = []
        end, last = 0, ""
        for start, stop, name in found:
            if stop <= end:
                continue
            # Secrets that overlap are hidden together, each under its name.
            if start >= end or name != last:
                parts += [text[end:start], f"[secret {name}]"]
            end, last = stop, name
        return "".join([*parts, text[end:]])

    def json(self, value: Any) -> Any:
        """Return JSON data without the secrets in its strings and keys.

        Where two keys of an object become the same, the later one gets an underscore: nothing is lost.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            clean: dict[str, Any] = {}
            for key, item in value.items():
                clean[free_key(self.text(str(key)), clean)] = self.json(item)
            return clean
        if isinstance(value, (list, tuple)):
            return [self.json(item) for item in value]
        return value


def _occurrences(text: str, form: str, name: str) -> Iterator[tuple[int, int, str]]:
    start = text.find(form)
    while start >= 0:
        yield start, start + len(form), name
        start = text.find(form, start + 1)


def _forms(value: str) -> set[str]:
    forms: set[str] = set()
    if len(value.strip()) < MIN_SECRET:
        return forms
    for bare in {value, value.strip()}:
        raw = bare.encode("utf-8", "surrogatepass")
        escaped = {json.dumps(bare)[1:-1], json.dumps(bare, ensure_ascii=False)[1:-1]}
        quoted = {quote(raw), quote(raw, safe=""), quote_plus(raw)}
        lower = {re.sub("%..", lambda code: code[0].lower(), text) for text in quoted}
        forms |= {bare} | escaped | quoted | lower | set(_base64_forms(raw))
    return forms


def _base64_forms(raw: bytes) -> Iterator[str]:
    for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
        whole = encode(raw).decode("ascii")
        yield whole
        yield whole.rstrip("=")
        # Amid longer data a secret begins at one of three places of a group. The characters at its ends depend
        # on the neighbours as well; those between are the same always.
        for offset, shared_before in ((0, 0), (1, 2), (2, 3)):
            text = encode(bytes(offset) + raw).decode("ascii")
            shared_after = (0, 3, 2)[(offset + len(raw)) % 3]
            part = text[shared_before : len(text) - shared_after]
            if len(part) >= MIN_BASE64_PART:
                yield part
