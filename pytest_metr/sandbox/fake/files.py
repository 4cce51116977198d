"""A file system in memory, with as much of one as tests of callers need."""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pytest_metr.types import User

#: What user ``agent`` does not see at all.
HIDDEN = ("/root", "/protected")
#: Where user ``agent`` may write.
AGENTS = ("/home/agent", "/tmp", "/var/tmp")
_MOST_LINKS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An entry: a ``file``, ``dir``, ``link`` or ``fifo``; *data* is the content, or the target of a link."""

    kind: str
    data: bytes = b""
    mode: int = 0o755
    mtime_ns: int = 0


@dataclass(slots=True)
class Files:
    """Entries by absolute path; every error is the OSError that a kernel gives."""

    nodes: dict[str, Node] = field(default_factory=lambda: {"/": Node(kind="dir")})

    def copy(self, *, without: str | None = None) -> Files:
        """Return a copy, without what lies below the folder *without*."""
        return Files({p: n for p, n in self.nodes.items() if without is None or not p.startswith(f"{without}/")})

    def resolve(self, path: str, user: User, *, follow: bool = True) -> str:
        """Return *path* without links, as *user* sees it.

        :raises FileNotFoundError: where a folder on the way is not there for that user.
        """
        todo = [part for part in posixpath.normpath(path).split("/") if part]
        done, links = "/", 0
        while todo:
            done = posixpath.normpath(posixpath.join(done, todo.pop(0)))
            if user == "agent" and done in HIDDEN:
                raise _error(errno.EACCES, path)
            node = self.nodes.get(done)
            if node is not None and node.kind == "link" and (todo or follow):
                links += 1
                if links > _MOST_LINKS:
                    raise _error(errno.ELOOP, path)
                target = posixpath.join(posixpath.dirname(done), node.data.decode())
                todo = [part for part in posixpath.normpath(target).split("/") if part] + todo
                done = "/"
            elif todo and node is None:
                raise _error(errno.ENOENT, path)
            elif todo and node is not None and node.kind != "dir":
                raise _error(errno.ENOTDIR, path)
        return done

    def get(self, path: str, user: User) -> Node:
        """Return what *path* leads to. :raises FileNotFoundError: where that is nothing."""
        try:
            return self.nodes[self.resolve(path, user)]
        except KeyError:
            raise _error(errno.ENOENT, path) from None

    def put(self, path: str, node: Node, user: User) -> None:
        """Put an entry at *path*, replacing what is there (a link itself, not its target).

        :raises OSError: where that user may not write, there is no folder for it, or a folder is there.
        """
        place = self.resolve(path, user, follow=False)
        if user == "agent" and not any(place.startswith(f"{folder}/") for folder in AGENTS):
            raise _error(errno.EROFS, path)
        old = self.nodes.get(place)
        if old is not None and old.kind == "dir":
            if node.kind != "dir":
                raise _error(errno.EISDIR, path)
            node = replace(old, mode=node.mode)
        if self.nodes[posixpath.dirname(place)].kind != "dir":
            raise _error(errno.ENOTDIR, path)
        self.nodes[place] = node

    def make_folders(self, path: str, user: User) -> None:
        """Make the folder *path* and those above it that are missing."""
        parts = [part for part in posixpath.normpath(path).split("/") if part]
        for count in range(1, len(parts) + 1):
            folder = "/" + "/".join(parts[:count])
            if self.resolve(folder, user) not in self.nodes:
                self.put(folder, Node(kind="dir"), user)

    def remove(self, path: str, user: User) -> None:
        """Remove an entry with all below it. :raises FileNotFoundError: where there is none."""
        place = self.resolve(path, user, follow=False)
        if place not in self.nodes:
            raise _error(errno.ENOENT, path)
        for name in [name for name in self.nodes if name == place or name.startswith(f"{place}/")]:
            del self.nodes[name]

    def children(self, path: str, user: User) -> Iterator[str]:
        """Yield the names in a folder, sorted."""
        place = self.resolve(path, user)
        if self.get(path, user).kind != "dir":
            raise _error(errno.ENOTDIR, path)
        yield from sorted(
            posixpath.basename(name) for name in self.nodes if posixpath.dirname(name) == place and name != "/"
        )


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)
