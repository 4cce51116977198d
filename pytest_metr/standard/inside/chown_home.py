"""Gives the agent its home after ``start``: run inside the sandbox, as root.

Everything below the home and the home itself becomes the agent's, links themselves and not their targets, except

* entries whose group is ``protected``, and
* directories at the top whose names begin with a dot, with all below them; ``.ssh`` is not spared.
"""

from __future__ import annotations

import argparse
import errno
import grp
import os
import pwd
import stat
import sys


def group_id(name: str) -> int | None:
    """Return the id of a group, or None where the machine has no such group."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


class Chown:
    """One walk over a home. It stays within the home whatever runs beside it: every step is relative to an open folder.

    :param protected: id of the group whose entries are left alone, or None.
    """

    def __init__(self, uid: int, gid: int, protected: int | None) -> None:
        self.uid = uid
        self.gid = gid
        self.protected = protected
        self.failures: list[str] = []

    def run(self, home: str) -> None:
        """Walk *home*; what could not be changed is in ``failures``."""
        for folder, folders, files, fd in os.fwalk(home, onerror=self._note, follow_symlinks=False):
            if folder == home:
                self._change(".", fd, folder)
                folders[:] = [name for name in folders if not self._spared(name, fd)]
            for name in folders + files:
                self._change(name, fd, folder)

    @staticmethod
    def _spared(name: str, fd: int) -> bool:
        if not name.startswith(".") or name == ".ssh":
            return False
        # fwalk counts a link to a folder among the folders; the link itself is not one.
        try:
            return stat.S_ISDIR(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode)
        except OSError:
            return False

    def _change(self, name: str, fd: int, folder: str) -> None:
        try:
            if os.stat(name, dir_fd=fd, follow_symlinks=False).st_gid != self.protected:
                os.chown(name, self.uid, self.gid, dir_fd=fd, follow_symlinks=False)
        except OSError as error:
            error.filename = os.path.join(folder, name)  # noqa: PTH118 - the name is relative to an open folder
            self._note(error)

    def _note(self, error: OSError) -> None:
        # ENOENT: a service of the task removed the entry meanwhile. EINVAL: a machine that has no second user.
        if error.errno not in (errno.ENOENT, errno.EINVAL):
            self.failures.append(f"{error.filename!r}: {error.strerror}")


def main() -> int:
    """Run the walk; the exit status is 1 where an entry could not be changed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", default="/home/agent")
    parser.add_argument("--user", default="agent")
    options = parser.parse_args()
    user = pwd.getpwnam(options.user)
    # A deep tree is walked by recursion.
    sys.setrecursionlimit(100_000)
    walk = Chown(user.pw_uid, user.pw_gid, group_id("protected"))
    walk.run(options.home)
    for failure in walk.failures:
        sys.stderr.write(f"chown: {failure}\n")
    return 1 if walk.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
