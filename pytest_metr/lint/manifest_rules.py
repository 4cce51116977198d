"""Rules about what a manifest says of the tasks, so that a number about them can be defended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_metr.lint.findings import Finding
from pytest_metr.lint.view import FamilyView

#: Keys under ``meta`` that every task has, its own or its family's.
_EXPECTED = {
    "human_minutes": "how long a qualified person takes",
    "human_source": "where that number comes from",
    "human_minutes_reasoning": "what a person does, and how long each part of it takes",
    "domains": "what the task is about",
    "expertise": "what a person must know",
    "split": "whether agents may be tuned on it",
    "title": "what is to be done, in a few words",
    "scoring": "partial, or exact for 0 or 1",
    "contamination": "where the task comes from and where its answers can be read",
    "canary": "what marks its text",
    "internet": "whether the task has the network",
}
#: Keys under ``meta.quality``: what was vetted, and what was not.
_QUALITY = ("level", "reference_solution", "noop", "controls", "junk", "human_baseline", "second_person", "agents")
_LEVELS = ("draft", "checked", "vetted")
_SCORING = ("partial", "exact")


def manifest(view: FamilyView) -> Iterator[Finding]:
    """Find what the manifest should say and does not."""
    found = view.family.manifest
    if view.family.manifest_tasks is None:
        yield _finding(view, "tasks", "expected the names of the tasks, so that they can be listed without a sandbox")
    for key in ("version", "standard_version"):
        if getattr(found, key) is None:
            yield _finding(view, key, "expected a version, found none")
    for task in view.tasks:
        meta = view.meta(task)
        for key, what in _EXPECTED.items():
            if meta.get(key) in (None, "", []):
                yield _finding(view, f"tasks.{task}.meta.{key}", f"expected {what}, found nothing")
        if meta.get("scoring") is not None and meta["scoring"] not in _SCORING:
            yield _finding(view, f"tasks.{task}.meta.scoring", f"expected one of {', '.join(_SCORING)}")
        yield from _source(view, task, meta)


def _source(view: FamilyView, task: str, meta: dict[str, Any]) -> Iterator[Finding]:
    """Find human minutes that are called a baseline although nobody was timed."""
    quality = meta.get("quality")
    timed = quality.get("human_baseline") if isinstance(quality, dict) else None
    if meta.get("human_source") == "baseline" and (timed is None or str(timed).startswith("none")):
        message = "says baseline, but meta.quality.human_baseline names nobody who was timed"
        yield _finding(view, f"tasks.{task}.meta.human_source", message)


def quality(view: FamilyView) -> Iterator[Finding]:
    """Find what is not said of what was vetted."""
    for task in view.tasks:
        said = view.meta(task).get("quality")
        where = f"tasks.{task}.meta.quality"
        if not isinstance(said, dict):
            yield _finding(view, where, f"expected a mapping with {', '.join(_QUALITY)}", rule="quality")
            continue
        missing = [key for key in _QUALITY if said.get(key) in (None, "")]
        if missing:
            yield _finding(view, where, f"expected also {', '.join(missing)}", rule="quality")
        if said.get("level") is not None and said["level"] not in _LEVELS:
            yield _finding(view, f"{where}.level", f"expected one of {', '.join(_LEVELS)}", rule="quality")


def _finding(view: FamilyView, where: str, message: str, *, rule: str = "manifest") -> Finding:
    return Finding(rule=rule, file=str(view.manifest), where=where, message=message)
