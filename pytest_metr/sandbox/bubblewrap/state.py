"""The folder of one provider, the mark of its owner, and the removal of folders whose owner is dead."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pytest_metr.sandbox.owner import is_dead, mark

#: Beginning of the name of every folder, in the folder for temporary files.
PREFIX = "pytest-metr-"
#: The unprivileged host user and group behind a sandbox that root starts (often called ``nobody``'s neighbour).
UNPRIVILEGED = 65532
_MARK = "owner"


def make_folder(uid: int) -> Path:
    """Make a provider's folder, closed to other users, and write who owns it.

    :param uid: the host user behind the sandboxes, who must be able to reach into the folder.
    """
    base = Path(tempfile.gettempdir())
    if uid != os.geteuid() and not reachable(base):
        base = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
    (folder / _MARK).write_text(mark(os.getpid()), encoding="ascii")
    give(folder, uid)
    return folder


def give(path: Path, uid: int) -> None:
    """Give *path* to the host user *uid*; nothing is done where that is who this process is."""
    if uid != os.geteuid():
        os.chown(path, uid, uid, follow_symlinks=False)


def give_tree(top: Path, uid: int) -> None:
    """Give everything below *top*, and *top*, to the host user *uid*."""
    if uid == os.geteuid():
        return
    give(top, uid)
    for folder, names, files in os.walk(top):
        for name in (*names, *files):
            give(Path(folder, name), uid)


def reachable(path: Path) -> bool:
    """Whether a user without rights of its own may enter *path* and every folder above it."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def remove(folder: Path) -> None:
    """Remove a folder that sandboxes have written to, whatever its modes and however deep it is.

    :raises OSError: where something is left of it.
    """
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except (OSError, RecursionError):
        script = 'chmod -R u+rwX -- "$0" 2>/dev/null; rm -rf -- "$0"'
        done = subprocess.run(
            ["/bin/sh", "-c", script, str(folder)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if folder.exists():
            raise OSError(f"{folder} could not be removed: {done.stderr.strip()[:500]}") from None


def left_behind(base: Path) -> list[Path]:
    """Return the folders that dead providers have left in *base*, sorted.

    Only folders with our mark, of this user, whose owner was a process of this boot and pid namespace that is
    dead, or of an earlier boot.
    """
    found = []
    users = {os.geteuid(), UNPRIVILEGED} if os.geteuid() == 0 else {os.geteuid()}
    for folder in sorted(base.glob(f"{PREFIX}*")):
        try:
            mine = not folder.is_symlink() and folder.is_dir() and folder.stat().st_uid in users
            if mine and is_dead((folder / _MARK).read_text(encoding="ascii")):
                found.append(folder)
        except (OSError, ValueError):
            continue  # no mark of ours, or it is just being removed by somebody else
    return found


def reap(base: Path) -> list[str]:
    """Remove what dead providers have left in *base*, and return the paths that were removed.

    See :func:`left_behind`. Everything else is not touched, and what cannot be removed is left.
    """
    removed = []
    for folder in left_behind(base):
        try:
            remove(folder)
        except OSError:
            continue
        removed.append(str(folder))
    return removed
