"""The tables of a suite in Markdown, for its README: how many tasks of which length and domain, and each of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_metr.commands.answer import Answer
from pytest_metr.commands.suite import TaskEntry
from pytest_metr.errors import UsageMistake
from pytest_metr.report import write_bytes
from pytest_metr.report.markup import markdown_lines as table_lines
from pytest_metr.types import BRACKETS

#: The lines of a file between which the tables stand.
BEGIN = "<!-- tasks: made by pytest-metr tasks --update -->"
END = "<!-- /tasks -->"
_NAMES = [name for name, _ in BRACKETS]
_TITLES = ["task", "what is to be done", "minutes", "domain", "split", "score", "instance", "sandbox", "quality"]
#: All columns but the minutes.
_WORDS = frozenset(range(len(_TITLES))) - {_TITLES.index("minutes")}


def updated(file: Path, tasks: Sequence[TaskEntry]) -> Answer:
    """Put the tables into a file.

    :raises UsageMistake: where it has no place for them.
    """
    before, _, after = _parts(file)
    write_bytes(file, "\n".join([*before, *_between(tasks, file.parent), *after, ""]).encode())
    return Answer(lines=[f"{file}: {len(tasks)} tasks"])


def checked(file: Path, tasks: Sequence[TaskEntry]) -> Answer:
    """Say whether a file has the tables as they are now; the status is 1 where it has not.

    :raises UsageMistake: where it has no place for them.
    """
    _, found, _ = _parts(file)
    if found == _between(tasks, file.parent):
        return Answer(lines=[f"{file}: {len(tasks)} tasks, as they are now"])
    remedy = f"pytest-metr tasks --update {file}"
    return Answer(lines=[f"{file}: expected the tasks as they are now ({remedy})"], status=1)


def _parts(file: Path) -> tuple[list[str], list[str], list[str]]:
    """Return the lines up to the first mark, those after it before the last, and the rest; the marks are kept."""
    if not file.is_file():
        raise UsageMistake("expected a file", file=file)
    lines = file.read_text(encoding="utf-8").splitlines()
    if lines.count(BEGIN) != 1 or lines.count(END) != 1 or lines.index(END) < lines.index(BEGIN):
        raise UsageMistake(f"expected the lines {BEGIN} and {END} in it, each once", file=file)
    begin, end = lines.index(BEGIN), lines.index(END)
    return lines[: begin + 1], lines[begin + 1 : end], lines[end:]


def _between(tasks: Sequence[TaskEntry], base: Path) -> list[str]:
    return ["", *markdown_lines(tasks, base=base), ""]


def markdown_lines(tasks: Sequence[TaskEntry], *, base: Path | None = None) -> list[str]:
    """Return the two tables.

    :param base: where the file lies that they are for, so that families can be linked; None for no links.
    """
    ordered = sorted(tasks, key=lambda task: (task.human_minutes or 0, task.task_id))
    rows = [_TITLES, *([_escaped(cell) for cell in _row(task, base)] for task in ordered)]
    return [*_counts(ordered), "", *table_lines(rows, words=_WORDS)]


def _counts(tasks: Sequence[TaskEntry]) -> list[str]:
    """Return how many tasks there are of each bracket and domain."""
    domains = list(dict.fromkeys(domain for task in tasks for domain in task.domains))
    rows: list[list[str]] = [["bracket", *domains, "all"]]
    for bracket in [name for name in _NAMES if any(task.bracket == name for task in tasks)]:
        own = [task for task in tasks if task.bracket == bracket]
        rows.append([bracket, *(_count(own, domain) for domain in domains), str(len(own))])
    rows.append(["all", *(_count(tasks, domain) for domain in domains), str(len(tasks))])
    return list(table_lines(rows))


def _count(tasks: Iterable[TaskEntry], domain: str) -> str:
    return str(sum(domain in task.domains for task in tasks))


def _row(task: TaskEntry, base: Path | None) -> list[str]:
    family, _, name = task.task_id.partition("/")
    if base is not None:
        family = f"[{family}]({os.path.relpath(task.family_dir, base)}/README.md)"
    minutes = "" if task.human_minutes is None else f"{task.human_minutes:.4g}"
    level = task.quality.get("level") if isinstance(task.quality, dict) else task.quality
    return [
        f"{family}/{name}",
        task.title or "",
        minutes,
        ", ".join(task.domains),
        task.split or "",
        task.scoring or "",
        "seeded" if task.seeded else "fixed",
        ", ".join(need for need in task.needs if need != "1 cpus") or "any",
        ", ".join(str(word) for word in (level, task.human_source) if word),
    ]


def _escaped(cell: str) -> str:
    return " ".join(cell.replace("|", r"\|").split())
