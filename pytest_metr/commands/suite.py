"""What a suite of task families is, as far as its manifests say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_metr.types import BrokenFamily, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEntry(Record):
    """One task as its manifest has it; null where the manifest does not say.

    :param title: what is to be done, in a few words.
    :param scoring: ``partial``, or ``exact`` for 0 or 1.
    :param seeded: whether other instances of it can be made (``pytest-metr reseed``).
    :param needs: what it cannot do without, the resources that it asks for included.
    """

    task_id: str
    family_dir: str
    title: str | None
    scoring: str | None
    seeded: bool
    human_minutes: float | None
    human_source: str | None
    bracket: str | None
    split: str | None
    domains: tuple[str, ...]
    quality: Any
    version: str | None
    needs: tuple[str, ...]
    manual_score: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BracketCount(Record):
    """How many of the tasks are in a bracket; the bracket is null for those of unknown human minutes."""

    bracket: str | None
    tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite(Record):
    """All families below some folders.

    :param unnamed: the folders of families whose manifest names no tasks: a sandbox would have to ask them.
    """

    tasks: tuple[TaskEntry, ...]
    brackets: tuple[BracketCount, ...]
    unnamed: tuple[str, ...]
    broken: tuple[BrokenFamily, ...]
