"""A folder of the host as a stream that is unpacked inside a sandbox."""

from __future__ import annotations

import marshal
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

_CHUNK = 1 << 20


def pack(source: Path, exclude: Sequence[str] = (), skip: Sequence[str] = ()) -> Iterator[bytes]:
    """Yield what *source* holds: marshalled (kind, relative path, mode, mtime in ns, size or target), then content.

    Folders come before what they hold, names are sorted, links are links; None ends the stream. Nobody but the
    owner may write what comes out of it.

    :param exclude: names of entries at the top that are left out.
    :param skip: names of entries that are left out wherever they are.
    :raises FileNotFoundError: where *source* does not exist.
    :raises NotADirectoryError: where it is no folder.
    :raises ValueError: where it holds something that is neither file, folder nor link.
    """
    for entry in sorted(source.iterdir()):
        if entry.name not in exclude:
            yield from _pack(source, entry.name, skip)
    yield marshal.dumps(None)


def _pack(top: Path, relative: str, skip: Sequence[str]) -> Iterator[bytes]:
    path = top / relative
    if path.name in skip:
        return
    status = path.lstat()
    mode = stat.S_IMODE(status.st_mode) & ~0o022
    if stat.S_ISLNK(status.st_mode):
        yield marshal.dumps(("link", relative, mode, status.st_mtime_ns, str(path.readlink())))
    elif stat.S_ISDIR(status.st_mode):
        yield marshal.dumps(("dir", relative, mode, status.st_mtime_ns, 0))
        for entry in sorted(path.iterdir()):
            yield from _pack(top, f"{relative}/{entry.name}", skip)
    elif stat.S_ISREG(status.st_mode):
        yield from _pack_file(path, relative, mode)
    else:
        raise ValueError(f"{path}: expected a file, a folder or a link")


def _pack_file(path: Path, relative: str, mode: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        yield marshal.dumps(("file", relative, mode, status.st_mtime_ns, status.st_size))
        left = status.st_size
        while left:
            data = file.read(min(_CHUNK, left))
            if not data:
                raise ValueError(f"{path}: it became shorter while it was read")
            left -= len(data)
            yield data
