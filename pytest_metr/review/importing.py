"""Labels that come from elsewhere: checked, and taken all together or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.fields import describe, suggestion
from pytest_metr.types import CATEGORIES, LABELS, LABELS_OF_FAILURES, LABELS_OF_SUCCESSES, Label, RunRecord, now

_KEYS = ("run_id", "label", "category", "note", "reviewer", "at", "settles", "score", "source")


def import_labels(
    text: str, file: Path, runs: Mapping[str, RunRecord], *, reviewer: str | None, source: str
) -> list[Label]:
    """Return the labels of a file: JSON Lines of labels, a list of them, or the document of ``review --json``.

    :param file: where the text is from, for messages.
    :param runs: those that can be labelled, by id.
    :param reviewer: who gives labels that name no one; None where each must name somebody.
    :param source: what labels that name no source are said to be from.
    :raises UsageMistake: for the first label that cannot be taken, with its place.
    """
    labels = []
    for place, data in _entries(text, file):
        if not isinstance(data, dict):
            raise UsageMistake(f"expected a label, found {describe(data)}", file=Path(place))
        labels.append(_label(data, Path(place), runs, reviewer, source))
    if not labels:
        raise UsageMistake("expected at least one label, found none", file=file)
    return labels


def _entries(text: str, file: Path) -> Iterator[tuple[str, Any]]:
    try:
        whole = json.loads(text)
    except ValueError:
        yield from _lines(text, file)
        return
    if isinstance(whole, dict) and "labels" not in whole:  # one label, however many lines it is written on
        yield from _unless_sample(f"{file}:1", whole)
        return
    entries = whole["labels"] if isinstance(whole, dict) else whole
    if not isinstance(entries, list):
        raise UsageMistake(f"expected labels, found {describe(entries)}", file=file)
    for index, entry in enumerate(entries):
        yield f"{file}: labels[{index}]", entry


def _lines(text: str, file: Path) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise UsageMistake(f"expected JSON: {error}", file=Path(f"{file}:{number}")) from None
        yield from _unless_sample(f"{file}:{number}", entry)


def _unless_sample(place: str, entry: Any) -> Iterator[tuple[str, Any]]:
    """Leave out a sample: the file of another session's labels has some as well, which say nothing of these runs."""
    if not (isinstance(entry, dict) and entry.get("kind") == "sample"):
        yield place, entry


def _label(
    data: Mapping[str, Any], place: Path, runs: Mapping[str, RunRecord], reviewer: str | None, source: str
) -> Label:
    for key in data:
        if key not in (*_KEYS, "kind"):
            raise UsageMistake(
                f"unknown key; expected one of {', '.join(_KEYS)}{suggestion(key, _KEYS)}", file=place, key=key
            )

    def text(key: str, default: str | None) -> str:
        value = data.get(key, default)
        if not isinstance(value, str) or (not value.strip() and (default is None or key == "reviewer")):
            raise UsageMistake(f"expected text, found {describe(value)}", file=place, key=key)
        return value

    run = runs.get(text("run_id", None))
    if run is None:
        raise UsageMistake(f"expected the id of a run with a score, found {data['run_id']!r}", file=place, key="run_id")
    label, category = data.get("label"), data.get("category")
    _one_of("label", label, LABELS, place, missing="label" not in data)
    _one_of("category", category, tuple(CATEGORIES), place)
    problem = unfit(run, label)
    if problem is not None:
        raise UsageMistake(problem, file=place, key="label")
    settles, score = data.get("settles", False), data.get("score", run.score)
    if not isinstance(settles, bool):
        raise UsageMistake(f"expected true or false, found {describe(settles)}", file=place, key="settles")
    if score is not None and score != run.score:
        raise UsageMistake(
            f"expected the score of the run, {run.score:g}, found {describe(score)}", file=place, key="score"
        )
    return Label(
        run_id=run.run_id,
        label=label,
        category=category,
        note=text("note", ""),
        reviewer=text("reviewer", reviewer),
        at=text("at", now()),
        settles=settles,
        score=run.score,
        source=text("source", source),
    )


def unfit(run: RunRecord, label: str | None) -> str | None:
    """Return why a run cannot have a label; None where it can."""
    fitting = LABELS_OF_SUCCESSES if run.success else LABELS_OF_FAILURES
    if label is None or label in fitting:
        return None
    return (
        f"expected one of {', '.join(fitting)} for a run that {'passed' if run.success else 'failed'}, found {label!r}"
    )


def _one_of(key: str, value: object, known: tuple[str, ...], place: Path, *, missing: bool = False) -> None:
    if missing or (value is not None and value not in known):
        found = "nothing" if missing else describe(value)
        hint = suggestion(value, known) if isinstance(value, str) else ""
        raise UsageMistake(f"expected one of {', '.join(known)}, found {found}{hint}", file=place, key=key)
