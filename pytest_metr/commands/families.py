"""Finding the families below folders, without pytest and without running anything of theirs."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_metr.collect import looks_like_family
from pytest_metr.defaults import DOCKER_BASE
from pytest_metr.errors import UsageMistake
from pytest_metr.types import Resources, TaskSpec

#: Where families are looked for unless folders are named.
DEFAULT_FOLDER = Path("tasks")


def add_folders(parser: argparse.ArgumentParser) -> None:
    """Let a command take folders with families."""
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR", help="folders with families (default: tasks)")


def add_docker_base(parser: argparse.ArgumentParser) -> None:
    """Let a command take the image that Docker's sandboxes are made from."""
    parser.add_argument(
        "--metr-docker-base",
        dest="docker_base",
        default=DOCKER_BASE,
        metavar="IMAGE",
        help=f"the image that the machines of Docker's sandboxes are made from (default: {DOCKER_BASE})",
    )


def all_families(folders: Iterable[Path]) -> list[Path]:
    """Return the folders of the families in and below *folders*, each once.

    :raises UsageMistake: where one is no folder that can be read.
    """
    return list(dict.fromkeys(family for folder in folders for family in find_families(folder)))


def find_families(folder: Path) -> Iterator[Path]:
    """Yield the folders of the families in and below *folder*, by name.

    :raises UsageMistake: where it is no folder that can be read.
    """
    if not folder.is_dir():
        raise UsageMistake("expected a folder with task families", file=folder)
    if looks_like_family(folder.resolve()):
        yield folder
        return
    for child in sorted(folder.iterdir()):
        if child.is_dir() and not _leads_back(child):
            yield from [child] if looks_like_family(child) else find_families(child)


def _leads_back(folder: Path) -> bool:
    return folder.is_symlink() and folder.resolve() in folder.absolute().parents


def needs_of(task: TaskSpec) -> Iterator[str]:
    """Yield what a task cannot do without: what its manifest calls needs, and what it asks of the machine."""
    yield from task.needs
    yield from _resources(task.resources)


def _resources(resources: Resources) -> Iterator[str]:
    if resources.cpus is not None:
        yield f"{resources.cpus:g} cpus"
    if resources.memory_gb is not None:
        yield f"{resources.memory_gb:g} GB of memory"
    if resources.storage_gb is not None:
        yield f"{resources.storage_gb:g} GB of storage"
    if resources.gpu is not None:
        yield "a GPU"
