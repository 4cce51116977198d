"""The tasks of families as a table, from what their manifests say."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_metr.collect import Family, read_family
from pytest_metr.commands.answer import Answer, json_lines
from pytest_metr.commands.families import DEFAULT_FOLDER, add_folders, all_families, needs_of
from pytest_metr.commands.suite import BracketCount, Suite, TaskEntry
from pytest_metr.commands.suite_markdown import BEGIN, END, checked, markdown_lines, updated
from pytest_metr.errors import UsageMistake
from pytest_metr.family_layout import SEED_FILE
from pytest_metr.report.layout import format_table, shorten
from pytest_metr.texts import printable
from pytest_metr.types import BRACKETS, BrokenFamily, TaskSpec

_TITLES = ("task", "minutes", "bracket", "split", "domains", "quality", "version", "needs")
#: All columns but the minutes.
_WORDS = frozenset(range(len(_TITLES))) - {_TITLES.index("minutes")}
_QUALITY_ROOM = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    add_folders(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print the tables of a suite's README")
    form.add_argument(
        "--update", type=Path, metavar="FILE", help=f"put them into a file, between the lines {BEGIN} and {END}"
    )
    form.add_argument("--check", type=Path, metavar="FILE", help="say whether a file has them as they are now")


def run(arguments: argparse.Namespace) -> Answer:
    """List the tasks; the status is 1 where a family is broken.

    :raises UsageMistake: where a folder does not exist.
    """
    suite = read_suite(arguments.folders or [DEFAULT_FOLDER])
    if arguments.update is not None:
        return updated(arguments.update, suite.tasks)
    if arguments.check is not None:
        return checked(arguments.check, suite.tasks)
    if arguments.markdown:
        return Answer(lines=markdown_lines(suite.tasks), status=1 if suite.broken else 0)
    lines = json_lines("tasks", suite.to_json()) if arguments.json else suite_lines(suite)
    return Answer(lines=lines, status=1 if suite.broken else 0)


def read_suite(folders: Sequence[Path]) -> Suite:
    """Return what the manifests of all families in and below *folders* say.

    :raises UsageMistake: where a folder does not exist.
    """
    tasks: list[TaskEntry] = []
    unnamed: list[str] = []
    broken: list[BrokenFamily] = []
    for folder in all_families(folders):
        try:
            family = read_family(folder)
        except UsageMistake as mistake:
            broken.append(BrokenFamily(folder=str(folder), message=str(mistake)))
            continue
        if family.manifest_tasks is None:
            unnamed.append(str(folder))
        tasks += _entries(family, folder)
    return Suite(tasks=tuple(tasks), brackets=_brackets(tasks), unnamed=tuple(unnamed), broken=tuple(broken))


def _entries(family: Family, folder: Path) -> list[TaskEntry]:
    names = family.manifest_tasks or ()
    return [_entry(family.task(name), family.manifest.meta_of(name), folder) for name in names]


def _entry(task: TaskSpec, meta: Mapping[str, Any], folder: Path) -> TaskEntry:
    return TaskEntry(
        task_id=task.id,
        family_dir=str(folder),
        title=_text(meta.get("title")),
        scoring=_text(meta.get("scoring")),
        seeded=(folder / SEED_FILE).is_file(),
        human_minutes=task.human_minutes,
        human_source=task.human_source,
        bracket=task.bracket,
        split=task.split,
        domains=task.domains,
        quality=task.quality,
        version=task.version,
        needs=tuple(needs_of(task)),
        manual_score=task.manual_score,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _brackets(tasks: Iterable[TaskEntry]) -> tuple[BracketCount, ...]:
    found = [task.bracket for task in tasks]
    names: list[str | None] = [*(name for name, _ in BRACKETS), None]
    return tuple(BracketCount(bracket=name, tasks=found.count(name)) for name in names if name in found)


def suite_lines(suite: Suite) -> list[str]:
    """Return the table, the number of tasks by bracket, and the families that are not in it."""
    lines = []
    if suite.tasks:
        lines = [*format_table(_TITLES, [_cells(task) for task in suite.tasks], words=_WORDS), ""]
        counts = [[b.bracket or "unknown", str(b.tasks)] for b in suite.brackets]
        lines += format_table(["bracket", "tasks"], [*counts, ["all", str(len(suite.tasks))]])
    remarks = [f"no named tasks: {folder} (only get_tasks knows them)" for folder in suite.unnamed]
    remarks += [f"broken: {family.message}" for family in suite.broken]
    if not suite.tasks and not remarks:
        return ["no families"]
    return [*lines, *([""] if lines and remarks else []), *map(printable, remarks)]


def _cells(task: TaskEntry) -> list[str]:
    minutes = "-" if task.human_minutes is None else f"{task.human_minutes:.4g}"
    cells = [
        task.task_id,
        minutes,
        task.bracket,
        task.split,
        ", ".join(task.domains),
        _quality(task.quality),
        task.version,
        ", ".join(task.needs),
    ]
    return [printable(cell) if cell else "-" for cell in cells]


def _quality(value: Any) -> str | None:
    """Return what is known of a task's quality as a cell can hold it; all of it is in the JSON."""
    if isinstance(value, (dict, list)):
        return f"{len(value)} {'note' if len(value) == 1 else 'notes'}"
    return None if value is None else shorten(str(value), _QUALITY_ROOM)
