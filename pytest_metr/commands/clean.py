"""What dead sessions have left in the folder for temporary files: found, and removed."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.commands.answer import Answer, json_lines
from pytest_metr.sandbox import left_behind, reap
from pytest_metr.texts import printable
from pytest_metr.types import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning(Record):
    """What was found of dead sessions, and what became of it.

    :param dry_run: whether nothing was to be removed.
    :param found: folders of sandboxes whose owner is dead; with *dry_run* they are all still there.
    :param removed: those of them that are gone now.
    :param left: those that could not be removed.
    """

    dry_run: bool
    found: tuple[str, ...]
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Clean up; the status is 1 where something could not be removed."""
    # Where other users may not enter the folder for temporary files, sandboxes of root are in /tmp.
    cleaning = clean(list(dict.fromkeys([Path(tempfile.gettempdir()), Path("/tmp")])), dry_run=arguments.dry_run)
    lines = json_lines("clean", cleaning.to_json()) if arguments.json else _lines(cleaning)
    return Answer(lines=lines, status=1 if cleaning.left else 0)


def clean(folders: Sequence[Path], *, dry_run: bool) -> Cleaning:
    """Remove what dead sessions have left in *folders*; what a living process owns is never touched."""
    found = [str(path) for folder in folders for path in left_behind(folder)]
    if dry_run:
        return Cleaning(dry_run=True, found=tuple(found))
    removed = [path for folder in folders for path in reap(folder)]
    left = [str(path) for folder in folders for path in left_behind(folder)]
    return Cleaning(
        dry_run=False,
        found=tuple(dict.fromkeys([*found, *removed])),
        removed=tuple(removed),
        left=tuple(left),
    )


def _lines(cleaning: Cleaning) -> list[str]:
    if not cleaning.found:
        return ["nothing is left of dead sessions"]
    if cleaning.dry_run:
        return [f"would remove {printable(path)}" for path in cleaning.found]
    lines = [f"removed {printable(path)}" for path in cleaning.removed]
    return [*lines, *(f"could not remove {printable(path)}" for path in cleaning.left)]
