"""A task family as it lies on the disk: read and checked, never imported."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.collect.hashing import fingerprint
from pytest_metr.collect.manifest import FILE_NAME, Manifest, read_manifest
from pytest_metr.collect.source import check_source
from pytest_metr.errors import UsageMistake
from pytest_metr.types import TaskSpec

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family that can be run, as far as that can be told without running it.

    :param name: the name of the folder.
    :param dir: the folder, absolute, without links.
    :param hash: :func:`~pytest_metr.collect.content_hash` of the folder.
    :param manifest: what ``manifest.yaml`` says; all defaults where there is none.
    """

    name: str
    dir: Path
    hash: str
    manifest: Manifest

    @property
    def manifest_tasks(self) -> tuple[str, ...] | None:
        """The task names that the manifest gives, sorted; None where it gives none and ``get_tasks`` must be asked."""
        return tuple(sorted(self.manifest.tasks)) or None

    def task(self, name: str) -> TaskSpec:
        """Return what is known of the task *name*; a task that the manifest does not name has the family's defaults.

        :raises UsageMistake: where the name is empty.
        """
        if not name:
            raise UsageMistake("expected a task's name, found the empty text", file=self.dir / f"{self.name}.py")
        return TaskSpec(
            family=self.name,
            name=name,
            family_dir=str(self.dir),
            family_hash=self.hash,
            **self.manifest.facts_of(name),
        )


def read_family(folder: Path) -> Family:
    """Read and check a family.

    :raises UsageMistake: with file, key and expectation: a folder name that no driver could use, a Python
        file that is missing, broken or without ``TaskFamily``, any mistake in the manifest, a link that leads
        in a circle, a fifo, or a file that cannot be read.
    """
    given = folder.absolute()
    name = given.name
    if not _NAME.fullmatch(name):
        raise UsageMistake("expected a folder name of ASCII letters, digits, _ and - alone", file=given)
    manifest = Manifest()
    # The manifest first: what it says of a broken family is more than the missing Python file does.
    if os.path.lexists(given / FILE_NAME):
        manifest = read_manifest(_content(given, FILE_NAME), given / FILE_NAME)
    if not os.path.lexists(given / f"{name}.py"):
        raise UsageMistake(f"expected the file {name}.py, which defines class TaskFamily, found none", file=given)
    check_source(_content(given, f"{name}.py"), given / f"{name}.py")
    print_of = fingerprint(given)
    for link in print_of.links:
        _refuse_circle(given, link)
    return Family(name=name, dir=given.resolve(), hash=print_of.hash, manifest=manifest)


def _content(folder: Path, name: str) -> bytes:
    """Return the content of a file that must be a regular one inside the folder."""
    file = folder / name
    try:
        target = Path(os.path.realpath(file, strict=True))
        if not target.is_file():
            raise UsageMistake("expected a regular file", file=file)
        content = target.read_bytes()
    except OSError as error:
        raise UsageMistake(f"cannot be read: {error.strerror}", file=file) from None
    if not target.is_relative_to(folder.resolve()):
        raise UsageMistake("expected a file in the family's folder, found a link out of it", file=file)
    return content


def _refuse_circle(folder: Path, link: str) -> None:
    """Refuse a link that leads to itself, or to a folder that holds it.

    Links are copied as links, so one that leads nowhere here may be good in the sandbox. One that leads in a
    circle is good nowhere, and whatever walks the task's files there would not come to an end.
    """
    path = folder / link
    try:
        target = Path(os.path.realpath(path, strict=True))
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UsageMistake("expected no symbolic link that leads in a circle", file=path) from None
        return
    if path.readlink().is_absolute() and not target.is_relative_to(folder.resolve()):
        return  # an absolute link starts at the sandbox's root, where it leads elsewhere
    if path.parent.resolve().is_relative_to(target):
        raise UsageMistake("expected no symbolic link to a folder that holds the link", file=path)
