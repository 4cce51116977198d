"""What dead sessions have left, found and removed: folders for temporary files, containers, and on demand images."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_metr.commands.answer import Answer, json_lines
from pytest_metr.errors import SandboxError
from pytest_metr.sandbox import left_behind, reap
from pytest_metr.sandbox.reaping import folders
from pytest_metr.texts import printable
from pytest_metr.types import Record

if TYPE_CHECKING:
    from pytest_metr.sandbox.docker.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning(Record):
    """What was found of dead sessions, and what became of it.

    :param dry_run: whether nothing was to be removed.
    :param found: folders, containers, networks and images; with *dry_run* they are all still there.
    :param removed: those of them that are gone now.
    :param left: those that could not be removed.
    :param engine: why nothing was looked for with Docker's engine; None where it was asked.
    """

    dry_run: bool
    found: tuple[str, ...]
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    engine: str | None = None

    def __add__(self, other: Cleaning) -> Cleaning:
        """Return both together."""
        return Cleaning(
            dry_run=self.dry_run,
            found=self.found + other.found,
            removed=self.removed + other.removed,
            left=self.left + other.left,
            engine=self.engine or other.engine,
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    parser.add_argument(
        "--images", action="store_true", help="remove the images of families and machines that no container uses too"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Clean up; the status is 1 where something could not be removed."""
    cleaning = clean(folders(), dry_run=arguments.dry_run)
    cleaning += clean_engine(dry_run=arguments.dry_run, images=arguments.images)
    lines = json_lines("clean", cleaning.to_json()) if arguments.json else _lines(cleaning)
    remarks = [] if cleaning.engine is None else [f"containers were not looked for: {cleaning.engine}"]
    return Answer(lines=lines, remarks=remarks, status=1 if cleaning.left else 0)


def clean(folders: Sequence[Path], *, dry_run: bool) -> Cleaning:
    """Remove what dead sessions have left in *folders*; what a living process owns is never touched."""
    found = [str(path) for folder in folders for path in left_behind(folder)]
    if dry_run:
        return Cleaning(dry_run=True, found=tuple(found))
    removed = [path for folder in folders for path in reap(folder)]
    left = [str(path) for folder in folders for path in left_behind(folder)]
    return _cleaned(found, removed, left)


def clean_engine(*, dry_run: bool, images: bool) -> Cleaning:
    """Remove what dead sessions have left with Docker's engine, if one answers.

    :param images: whether to remove images too.
    """
    from pytest_metr.sandbox.docker.engine import connect

    try:
        with closing(connect()) as engine:
            return _clean(engine, dry_run=dry_run, images=images)
    except SandboxError as error:
        return Cleaning(dry_run=dry_run, found=(), engine=str(error))


def _clean(engine: Engine, *, dry_run: bool, images: bool) -> Cleaning:
    from pytest_metr.sandbox.docker import reaper
    from pytest_metr.sandbox.docker.images import remove_images, unused_images

    found = reaper.would_reap(engine)
    if dry_run:
        return Cleaning(dry_run=True, found=(*found, *(unused_images(engine) if images else ())))
    removed = reaper.reap(engine)
    if images:
        # Only now: a container that was left behind uses its image.
        found += unused_images(engine)
        removed += remove_images(engine)
    left = [*reaper.would_reap(engine), *(unused_images(engine) if images else ())]
    return _cleaned(found, removed, left)


def _cleaned(found: Sequence[str], removed: Sequence[str], left: Sequence[str]) -> Cleaning:
    """Return what came of it. What has died only meanwhile is there afterwards, and nobody has tried to remove it."""
    tried = dict.fromkeys([*found, *removed])
    return Cleaning(
        dry_run=False, found=tuple(tried), removed=tuple(removed), left=tuple(thing for thing in left if thing in tried)
    )


def _lines(cleaning: Cleaning) -> list[str]:
    if not cleaning.found:
        return ["nothing is left of dead sessions"]
    if cleaning.dry_run:
        return [f"would remove {printable(thing)}" for thing in cleaning.found]
    lines = [f"removed {printable(thing)}" for thing in cleaning.removed]
    return [*lines, *(f"could not remove {printable(thing)}" for thing in cleaning.left)]
