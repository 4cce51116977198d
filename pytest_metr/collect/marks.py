"""The marks of a task's items, for ``-m``."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from pytest_metr.types import BRACKETS, TaskSpec


def _brackets() -> tuple[tuple[str, str], ...]:
    lower = 0.0
    marks = []
    for name, upper in BRACKETS:
        above = f"more than {lower:g}" if lower else ""
        most = f"at most {upper:g}" if upper < float("inf") else ""
        span = " and ".join(part for part in (above, most) if part)
        marks.append((name, f"a qualified person takes {span} minutes for the task"))
        lower = upper
    return tuple(marks)


#: Every mark that the plugin sets by itself, with a line of help; domains come on top, as manifests name them.
KNOWN_MARKS: tuple[tuple[str, str], ...] = (
    *_brackets(),
    ("dev", "the task is for development: agents may be tuned on it"),
    ("test", "the task is held out: agents are not tuned on it"),
    ("no_internet", "the manifest says that the task has no internet"),
    ("gpu", "the task asks for a GPU"),
    ("manual_score", "a person must score the task"),
    ("difficulty", "human minutes of the task and the bracket that they fall in, as minutes=... and bracket=..."),
)

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
