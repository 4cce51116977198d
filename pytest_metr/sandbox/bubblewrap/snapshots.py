"""Layers that have been built, kept on disk between sessions and shared by the processes of one user."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.bubblewrap.machine import LAYOUT_VERSION
from pytest_metr.sandbox.bubblewrap.python import HostPython
from pytest_metr.sandbox.bubblewrap.state import remove

_LAYER, _MODES = "layer", "modes.json"


class Snapshots:
    """A folder of snapshots, one folder each, named by the hash of all that a layer depends on."""

    def __init__(self, folder: Path, python: HostPython, uid: int) -> None:
        self._folder = folder
        self._facts = f"{LAYOUT_VERSION} {python.version} {python.mount} {python.program} {python.pip} {uid}"

    def identify(self, key: str) -> str:
        """Return the id of snapshot *key*, whether it is there or not."""
        return hashlib.sha256(f"{self._facts}\0{key}".encode()).hexdigest()[:32]

    def get(self, key: str, build: Callable[[], Path]) -> str:
        """Return the id of snapshot *key*, building it where it is not there yet.

        :param build: returns a finished layer, which is copied; called by one process at a time.
        """
        digest = self.identify(key)
        target = self._folder / digest
        if target.is_dir():
            return digest
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self._folder / f"{digest}.lock"):
            if not target.is_dir():
                self._keep(build(), target)
        return digest

    def copy(self, snapshot: str, layer: Path) -> None:
        """Copy the layer of a snapshot to *layer*, which is made.

        :raises SandboxError: where there is no such snapshot or it cannot be copied.
        """
        source = self._folder / snapshot
        if not (source / _LAYER).is_dir():
            raise SandboxError(f"there is no snapshot {snapshot!r} in {self._folder}")
        _copy(source / _LAYER, layer)
        for relative, mode in json.loads((source / _MODES).read_text(encoding="utf-8")):
            (layer / relative).chmod(mode)

    def _keep(self, layer: Path, target: Path) -> None:
        partial = target.with_suffix(".partial")
        remove(partial)  # what a process left that died while it held the lock
        partial.mkdir()
        try:
            # Without these rights its owner could not copy it, now or from the cache.
            modes = _opened_up(layer)
            _copy(layer, partial / _LAYER)
            (partial / _MODES).write_text(json.dumps(modes), encoding="utf-8")
            partial.rename(target)
        except BaseException:
            remove(partial)
            raise


def _opened_up(layer: Path) -> list[tuple[str, int]]:
    """Give the owner the right to read everything, and return what was changed: relative path and former mode.

    Innermost first, so that restoring in this order does not close the way to what is still to be restored.
    """
    changed = []
    todo = [layer]
    while todo:
        path = todo.pop()
        mode = path.lstat().st_mode
        folder = stat.S_ISDIR(mode)
        needed = stat.S_IRWXU if folder else stat.S_IRUSR
        if (folder or stat.S_ISREG(mode)) and mode & needed != needed:
            path.chmod(stat.S_IMODE(mode) | needed)
            changed.append((str(path.relative_to(layer)), stat.S_IMODE(mode)))
        if folder:
            todo += path.iterdir()
    return changed[::-1]


def _copy(source: Path, target: Path) -> None:
    # cp keeps modes, times, links and owners and takes no hard links to the source; it beats a loop in Python.
    program = shutil.which("cp") or "/bin/cp"
    done = subprocess.run(
        [program, "-a", f"{source}", f"{target}"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise SandboxError(f"a snapshot could not be copied: {' '.join(done.stderr.split())[:1000]}")
