"""Telling the folders of families from all others, cheaply and without importing anything of theirs."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Any

from pytest_metr.collect.manifest import FILE_NAME, TASK_KEYS, TOP_KEYS
from pytest_metr.collect.source import CLASS_NAME, defines_task_family
from pytest_metr.errors import UsageMistake
from pytest_metr.yaml_text import load_yaml

# Larger manifests are judged by their text alone: a folder is looked at on the way to something else.
_MOST_BYTES = 1_000_000
_TOP_KEY = re.compile(rb"^([\"']?)(\w[^\s:\"'#]*)\1[ \t]*:(?=\s|$)", re.MULTILINE)


def looks_like_family(folder: Path) -> bool:
    """Return whether *folder* holds a task family, well made or not. Never raises.

    It does where ``<folder name>.py`` defines ``TaskFamily``. It also does, so that a broken family ends in
    an error instead of vanishing, where there is a ``manifest.yaml`` and ``<folder name>.py`` at least
    mentions the class, or where that manifest has only the keys of the Task Standard and either
    ``<folder name>.py`` stands beside it or it names tasks. A ``manifest.yaml`` of another program
    (Kubernetes, an add-on of an editor) makes no family.
    """
    name = folder.name if folder.is_absolute() else folder.absolute().name
    source = _content(folder / f"{name}.py") if name else None
    if source is not None and defines_task_family(source):
        return True
    manifest = _content(folder / FILE_NAME)
    if manifest is None:
        return False
    return _speaks_of_tasks(manifest, source)


def _content(file: Path) -> bytes | None:
    """Return the content of a regular file that can be read, else None; a fifo is not waited for."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return None
        return file.read_bytes()
    except (OSError, ValueError):
        return None


def _speaks_of_tasks(manifest: bytes, source: bytes | None) -> bool:
    if source is not None and CLASS_NAME.lower().encode() in source.lower():
        return True
    try:
        if len(manifest) > _MOST_BYTES:
            raise UsageMistake("too large to be parsed on the way")
        document = load_yaml(manifest, Path(FILE_NAME))
    except UsageMistake:
        return _text_speaks_of_tasks(manifest, source)
    if document is None:
        return source is not None
    if not isinstance(document, dict) or not document.keys() <= TOP_KEYS:
        return False
    tasks = document.get("tasks")
    return source is not None or (isinstance(tasks, dict) and any(map(_is_task, tasks.values())))


def _is_task(entry: Any) -> bool:
    return entry is None or (isinstance(entry, dict) and (not entry or not TASK_KEYS.isdisjoint(entry)))


def _text_speaks_of_tasks(manifest: bytes, source: bytes | None) -> bool:
    keys = {match.group(2).decode("utf-8", "replace") for match in _TOP_KEY.finditer(manifest)}
    return keys <= TOP_KEYS and ("tasks" in keys or source is not None)
