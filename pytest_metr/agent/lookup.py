"""Finding the file of an agent by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_metr.errors import UsageMistake
from pytest_metr.fields import suggestion

_OPTION = "--agent"
_SUFFIXES = (".yaml", ".yml")
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


def find_agent_file(name: str, *, search: Sequence[Path], built_in: Iterable[str]) -> Path | None:
    """Return the file of the agent *name*, absolute, or None where it is one that needs none.

    :param name: a name, or the path of a YAML file (it has a separator, or ends in ``.yaml`` or ``.yml``).
    :param search: the folders that hold agent files; the first with such a file wins.
    :param built_in: the names of agents that need no file.
    :raises UsageMistake: where there is no such agent; it lists those that there are.
    """
    try:
        return _find(name, search, sorted(built_in))
    except OSError as error:
        raise UsageMistake(f"cannot look for {name!r}: {error.strerror}: {error.filename}", key=_OPTION) from error


def _find(name: str, search: Sequence[Path], built_in: list[str]) -> Path | None:
    if "/" in name or name.endswith(_SUFFIXES):
        path = Path(name)
        if not path.is_file():
            raise UsageMistake(f"expected the path of an agent file, found no file {name!r}", key=_OPTION)
        return path.absolute()
    check_name(name)
    for folder in search:
        found = [folder / (name + suffix) for suffix in _SUFFIXES if (folder / (name + suffix)).is_file()]
        if len(found) > 1:
            raise UsageMistake(f"{found[0]} and {found[1]} are both there; keep one", key=_OPTION)
        if found:
            return found[0].absolute()
    if name in built_in:
        return None
    raise UsageMistake(_unknown(name, search, built_in), key=_OPTION)


def check_name(name: str, *, file: Path | None = None) -> None:
    """Refuse a name that is not safe in file names and node ids.

    :raises UsageMistake: where it has other characters, or begins with a dot or a hyphen.
    """
    if not _SAFE_NAME.fullmatch(name):
        raise UsageMistake(
            f"expected a name of at most 100 letters, digits, '.', '_' and '-', '.' and '-' not first, found {name!r}",
            file=file,
            key=None if file else _OPTION,
        )


def _unknown(name: str, search: Sequence[Path], built_in: list[str]) -> str:
    places, known = [], list(built_in)
    for folder in search:
        names = sorted({p.stem for p in folder.glob("*.y*ml") if p.suffix in _SUFFIXES and p.is_file()})
        known += names
        state = ", ".join(names) or ("no agent files" if folder.is_dir() else "no such folder")
        places.append(f"in {folder}: {state}")
    places.append(f"built in: {', '.join(built_in)}")
    return f"unknown agent {name!r}; there are {'; '.join(places)}{suggestion(name, known)}"
