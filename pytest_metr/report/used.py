"""What the runs of an agent used, and what was seen in them, in a sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_metr.report.layout import short_count
from pytest_metr.texts import printable


def used_sentences(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what to tell of the runs of one agent, as a report has them; nothing where there is nothing."""
    sentences = [_of_model(name, used) for name, used in _by_model(runs).items()]
    observed: Counter[str] = Counter(name for run in runs for name in run["observed"])
    if observed:
        seen = ", ".join(f"{name} in {count}" for name, count in sorted(observed.items()))
        sentences.append(printable(f"seen in runs: {seen} of {len(runs)}"))
    return sentences


def _by_model(runs: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for run in runs:
        for used in run["usage"]["models"]:
            found.setdefault(used["model"], []).append(used)
    return found


def _of_model(name: str, used: Sequence[Mapping[str, Any]]) -> str:
    tokens = {key: sum(each["tokens"][key] for each in used) for key in ("input", "cached", "output", "reasoning")}
    parts = [
        f"{short_count(tokens['input'])} tokens in" + _share(tokens["cached"], "cached"),
        f"{short_count(tokens['output'])} out" + _share(tokens["reasoning"], "reasoning"),
        f"{sum(each['calls'] for each in used)} calls",
    ]
    retries, uncounted = (sum(each[key] for each in used) for key in ("retries", "uncounted"))
    if retries:
        parts.append(f"{retries} made again")
    if uncounted:
        parts.append(f"{uncounted} estimated, as the server told no counts")
    costs = [each["cost"] for each in used]
    if None not in costs:
        parts.append(f"${sum(costs):.2f}")
    return printable(f"used of {name}: {', '.join(parts)}")


def _share(count: int, word: str) -> str:
    return f" ({short_count(count)} {word})" if count else ""
