"""``build_steps.json``: read and checked on the host, before anything runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Union

from pytest_metr.errors import TaskError
from pytest_metr.family_layout import not_copied
from pytest_metr.standard.layout import FAMILY_ROOT

FILE_NAME = "build_steps.json"
_KEYS = {"file": {"type", "source", "destination"}, "shell": {"type", "commands"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStep:
    """Copy *source* (a file, or a folder whose content is meant) to *destination*, an absolute path in the sandbox."""

    key: str
    source: Path
    destination: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellStep:
    """Run *commands*, each in a bash of its own."""

    key: str
    commands: tuple[str, ...]


BuildStep = Union[FileStep, ShellStep]


def read_build_steps(family_dir: Path) -> tuple[BuildStep, ...]:
    """Return the family's build steps, none where it has no such file.

    :raises TaskError: (cause ``task_build``) naming file, key and what was expected.
    """
    path = family_dir / FILE_NAME
    if not path.exists():
        return ()
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise TaskError(f"{path}: expected a list of build steps in JSON: {error}", cause="task_build") from error
    if not isinstance(found, list):
        raise _mistake(family_dir, "", f"expected a list of build steps, found {_shown(found)}")
    return tuple(_step(family_dir, f"[{index}]", item) for index, item in enumerate(found))


def _step(family_dir: Path, key: str, item: Any) -> BuildStep:
    if not isinstance(item, Mapping):
        raise _mistake(family_dir, key, f"expected an object with the key 'type', found {_shown(item)}")
    kind = item.get("type")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise _mistake(family_dir, f"{key}.type", f"expected 'file' or 'shell', found {_shown(kind)}")
    for name in sorted(_KEYS[kind] ^ set(item)):
        what = "unknown key" if name in item else "is missing"
        raise _mistake(family_dir, f"{key}.{name}", f"{what}; a {kind} step has {', '.join(sorted(_KEYS[kind]))}")
    if kind == "shell":
        return ShellStep(key=key, commands=_commands(family_dir, f"{key}.commands", item["commands"]))
    destination = _text(family_dir, f"{key}.destination", item["destination"])
    source = _source(family_dir, f"{key}.source", _text(family_dir, f"{key}.source", item["source"]))
    # Where the destination is named as a folder, a file keeps its own name below it.
    name = PurePosixPath(item["source"]).name if destination.endswith("/") and source.is_file() else ""
    return FileStep(key=key, source=source, destination=str(PurePosixPath(FAMILY_ROOT, destination, name)))


def _source(family_dir: Path, key: str, text: str) -> Path:
    base = family_dir.resolve()
    try:
        source = (base / text).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise _mistake(family_dir, key, f"there is no {text!r} in the family folder") from error
    if not source.is_relative_to(base):
        raise _mistake(family_dir, key, f"expected a path inside the family folder, found {text!r}")
    inside = source.relative_to(base).parts
    if inside and inside[0] in not_copied(base):
        raise _mistake(family_dir, key, f"{inside[0]!r} is never copied into a sandbox")
    if not source.is_file() and not source.is_dir():
        raise _mistake(family_dir, key, f"expected a file or a folder, found {text!r}")
    return source


def _commands(family_dir: Path, key: str, found: Any) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise _mistake(family_dir, key, f"expected a list of commands, found {_shown(found)}")
    return tuple(_text(family_dir, f"{key}[{index}]", command) for index, command in enumerate(found))


def _text(family_dir: Path, key: str, found: Any) -> str:
    if not isinstance(found, str) or not found or "\0" in found:
        raise _mistake(family_dir, key, f"expected a text that is not empty, found {_shown(found)}")
    return found


def _shown(value: Any) -> str:
    return f"{json.dumps(value):.100}"


def _mistake(family_dir: Path, key: str, message: str) -> TaskError:
    place = ": ".join(part for part in (str(family_dir / FILE_NAME), key, message) if part)
    return TaskError(place, cause="task_build")
