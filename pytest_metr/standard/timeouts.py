"""How long each step of a task may take."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_metr.types import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts(Record):
    """Upper bounds in seconds. ``install`` holds for each build step and for ``requirements.txt`` too."""

    install: float = 3600
    list_tasks: float = 60
    task_data: float = 60
    start: float = 600
    score: float = 1800
    intermediate_score: float = 600
    teardown: float = 300
    own_tests: float = 1800
