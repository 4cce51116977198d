"""The marks of a task's items, for ``-m``."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from pytest_metr.marks import KNOWN_MARKS
from pytest_metr.types import TaskSpec

# Words that mean something else in `-m`, and marks that change what pytest or a common plugin does with an item.
_TAKEN = frozenset(
    (
        *("and", "or", "not", "true", "false", "none"),
        *("skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings", "tryfirst", "trylast"),
        *("flaky", "timeout", "order", "dependency", "repeat", "forked", "xdist_group", "asyncio", "anyio", "trio"),
        *("metr_task",),
        *(name for name, _ in KNOWN_MARKS),
    )
)
_NOT_WORD = re.compile(r"\W+")


def mark_name(domain: str) -> str:
    """Return the mark of a domain, the empty string where the domain has neither letter nor digit.

    All but letters, digits and underscores become one underscore (``machine learning`` is
    ``machine_learning``). A name that is taken gets ``domain_`` before it: a domain ``skip`` skips nothing.
    """
    name = _NOT_WORD.sub("_", unicodedata.normalize("NFC", domain)).strip("_")
    return f"domain_{name}" if name.lower() in _TAKEN else name


def marks_of(task: TaskSpec) -> list[tuple[str, dict[str, Any]]]:
    """Return the marks of a task's items as names and keyword arguments, each name once."""
    marks: dict[str, dict[str, Any]] = {}
    if task.bracket is not None:
        marks["difficulty"] = {"minutes": task.human_minutes, "bracket": task.bracket}
        marks[task.bracket] = {}
    for domain in task.domains:
        marks[mark_name(domain)] = {}
    if task.split is not None:
        marks[task.split] = {}
    if task.internet is False:
        marks["no_internet"] = {}
    if task.resources.gpu is not None and task.resources.gpu.count_max != 0:
        marks["gpu"] = {}
    if task.manual_score:
        marks["manual_score"] = {}
    return list(marks.items())
