"""Any value in a form that Inspect's models take and its viewer reads."""

from __future__ import annotations

import hashlib
import json
import math
from datetime import datetime, timezone
from typing import Any

from pytest_metr.report.strict import plain

#: Deeper than this a value is shown as the text of its JSON: Inspect writes no more than some 250 levels in all.
_MAX_DEPTH = 100
#: Integers outside of these cannot be read back by every reader of JSON, and become text.
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def clean(value: Any, depth: int = 0) -> Any:
    """Return JSON data without what UTF-8 and JSON cannot hold, for any JSON data.

    Halves of surrogate pairs become ``\\udXXX``, numbers that are not finite ``NaN`` and so on, huge integers and what
    lies too deep become text.
    """
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if _LOWEST <= value <= _HIGHEST else hex(value)
    if isinstance(value, float):
        return plain(value)
    if depth >= _MAX_DEPTH:
        return clean_text(repr(value))
    if isinstance(value, dict):
        return {clean_text(str(key)): clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item, depth + 1) for item in value]
    return clean_text(repr(value))


def clean_text(text: str) -> str:
    """Return a text with ``\\udXXX`` for each half of a surrogate pair."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text


def shown(value: Any) -> str:
    """Return a value as text: texts as they are, all else as JSON."""
    return clean_text(value) if isinstance(value, str) else json.dumps(clean(value), ensure_ascii=False)


def number(value: Any) -> float | None:
    """Return a finite number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        converted = float(value)
    except OverflowError:
        return None
    return converted if math.isfinite(converted) else None


def instant(text: Any) -> datetime | None:
    """Return an instant in ISO 8601 in UTC; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        # Python 3.10 does not read the Z.
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def written(text: Any) -> str | None:
    """Return an instant as Inspect writes it; None for what is none."""
    moment = instant(text)
    return None if moment is None else moment.isoformat()


def stable_id(*parts: object) -> str:
    """Return an id of 22 characters that is always the same for the same parts, so that links to it stay good."""
    text = json.dumps([str(part) for part in parts])
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:22]
