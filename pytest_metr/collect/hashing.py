"""The identity of a family: a hash over all that is copied into a sandbox."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.errors import UsageMistake
from pytest_metr.family_layout import not_copied

# By-products of running Python, at any depth; they come and go without the family having changed. A .pyc
# elsewhere is made on purpose (something to be decompiled, say) and counts.
_BY_PRODUCT = "__pycache__"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What a walk over a family's folder found.

    :param hash: SHA-256 in hexadecimal.
    :param links: the symbolic links, by path relative to the folder.
    """

    hash: str
    links: tuple[str, ...]


def content_hash(folder: Path) -> str:
    """Return the SHA-256 over paths, exec bits, link targets and contents of what is copied into a sandbox.

    That is everything but :func:`~pytest_metr.family_layout.not_copied` at the top level and ``__pycache__`` at any
    depth. Times, owners and other permissions do not count. Links are not followed: their target's text counts.

    :raises UsageMistake: where something is neither file, folder nor link, or cannot be read.
    """
    return fingerprint(folder).hash


def fingerprint(folder: Path) -> Fingerprint:
    """Return the hash of :func:`content_hash` and the links that were met on the way."""
    total = hashlib.sha256(b"pytest_metr family 1\n")
    links = []
    try:
        for entry, path in _entries(folder, "", not_copied(folder)):
            kind, content = _describe(entry)
            if kind == b"l":
                links.append(path)
            name = os.fsencode(path)
            total.update(b"%s%d:%s" % (kind, len(name), name) + content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageMistake(f"cannot be read: {reason}", file=error.filename or folder) from None
    return Fingerprint(hash=total.hexdigest(), links=tuple(links))


def _entries(folder: Path | str, prefix: str, left_out: Sequence[str] = ()) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yield what counts, each folder sorted by the bytes of the names, with ``/`` between the parts of a path."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
    for entry in entries:
        if entry.name == _BY_PRODUCT or entry.name in left_out:
            continue
        yield entry, prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(entry.path, f"{prefix}{entry.name}/")


def _describe(entry: os.DirEntry[str]) -> tuple[bytes, bytes]:
    """Return kind and content of an entry; the content is a digest, so its length needs no saying."""
    if entry.is_symlink():
        target = os.readlink(entry.path)  # noqa: PTH115 - Path would make ./x into x
        return b"l", hashlib.sha256(os.fsencode(target)).digest()
    if entry.is_dir(follow_symlinks=False):
        return b"d", b""
    if not entry.is_file(follow_symlinks=False):
        raise UsageMistake("expected a file, a folder or a link, found a fifo, socket or device", file=entry.path)
    runnable = entry.stat(follow_symlinks=False).st_mode & 0o111
    return b"x" if runnable else b"f", _digest(entry.path)


def _digest(path: str) -> bytes:
    digest = hashlib.sha256()
    with Path(path).open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()
