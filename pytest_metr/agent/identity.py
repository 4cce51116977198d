"""The identity of an agent: one hash over all that can change what it does."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.types import AgentSpec

#: Names that are neither part of an agent's code nor copied into a sandbox, wherever they are.
LEFT_OUT = ("__pycache__", ".git")


def identity(spec: AgentSpec, *, paths: Iterable[str] = ()) -> str:
    """Return the SHA-256 over the canonical JSON of kind, settings, model and limits, in hexadecimal.

    The name, the description and where the files are do not count: one agent in two places is one agent.

    :param paths: the settings that name a file or folder; their content counts instead of their name.
    :raises UsageMistake: where such a file or folder cannot be read or holds what is neither file nor folder.
    """
    settings: dict[str, Any] = dict(spec.settings)
    for key in paths:
        if key in settings:
            settings[key] = {"sha256": content_hash(path_setting(spec, key))}
    brackets = {name: limits.to_json() for name, limits in spec.bracket_limits.items()}
    limits = {**spec.limits.to_json(), **({"brackets": brackets} if brackets else {})}
    parts = {"kind": spec.kind, "settings": settings, "model": spec.model, "limits": limits}
    return hashlib.sha256(_canonical(parts)).hexdigest()


def path_setting(spec: AgentSpec, key: str) -> Path:
    """Return the path that a setting names, which is written relative to the agent's file."""
    return Path(spec.file or "").parent / str(spec.settings[key])


def content_hash(path: Path) -> str:
    """Return the SHA-256 over a file, or over a folder: names, contents, executable bits and link targets."""
    digest = hashlib.sha256()
    try:
        for entry in _entries(path):
            digest.update(_canonical(entry) + b"\n")
    except OSError as error:
        raise UsageMistake(f"cannot be read: {error.strerror}", file=error.filename or path) from error
    return digest.hexdigest()


def _entries(root: Path) -> Iterator[list[Any]]:
    pending = [root]
    while pending:
        path = pending.pop()
        name = path.relative_to(root).as_posix()
        # What the setting itself names may be a link to the code; a link inside the code is copied as a link.
        mode = path.stat().st_mode if path == root else path.lstat().st_mode
        if stat.S_ISDIR(mode):
            yield [name, "folder"]
            pending.extend(sorted((p for p in path.iterdir() if p.name not in LEFT_OUT), reverse=True))
        elif stat.S_ISLNK(mode):
            yield [name, "link", str(path.readlink())]
        elif stat.S_ISREG(mode):
            yield [name, "file", bool(mode & stat.S_IXUSR), hashlib.sha256(path.read_bytes()).hexdigest()]
        else:
            raise UsageMistake("expected files, folders and links in an agent's code", file=path)


def _canonical(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")
