"""Task names that had to be asked of a family, kept until the family changes."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_metr.collect.family import Family
from pytest_metr.errors import TaskError

_VERSION = 1


class TaskNameCache:
    """Keeps what ``get_tasks`` answered, one small file for each family.

    :param cache_dir: made where it is missing. Where it cannot be written, nothing is kept.
    :param key: whatever else the names depend on, for example a hash of the secrets that the family gets.
    """

    def __init__(self, cache_dir: Path, key: str = "") -> None:
        self._dir = cache_dir
        self._key = key

    def get(self, family: Family, compute: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
        """Return the family's task names, sorted, asking *compute* only where they are not known yet.

        However many processes ask at once, one computes and the others wait for it. Where *compute* raises,
        the error goes on and nothing is kept, but those who were waiting meanwhile get a :class:`TaskError`
        again without asking: a family that hangs must not cost its time once for each worker. An answer without
        names is not kept either: a family may give it while its secrets are missing.
        """
        asked = time.time()
        identity = json.dumps([_VERSION, family.name, family.hash, self._key])
        file = self._dir / f"{family.name}-{hashlib.sha256(identity.encode()).hexdigest()[:32]}.json"
        known = _read(file, identity)
        if known is not None:
            return known
        with _locked(file) as writable:
            known = _read(file, identity) if writable else None
            if known is not None:
                return known
            if writable:
                _raise_what_others_met(file.with_suffix(".failed"), asked)
            try:
                names = tuple(sorted(set(compute())))
            except TaskError as error:
                if writable:
                    failed = {"at": time.time(), "message": str(error), "cause": error.cause}
                    _write(file.with_suffix(".failed"), failed)
                raise
            if names and writable:
                _write(file, {"identity": identity, "names": names})
            return names


def _raise_what_others_met(file: Path, asked: float) -> None:
    """Raise the error that another process met after the moment *asked*, while this one waited."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        failed = json.loads(file.read_bytes())
        if failed["at"] >= asked:
            error = TaskError(str(failed["message"]), cause=str(failed["cause"]))
            raise error


def _read(file: Path, identity: str) -> tuple[str, ...] | None:
    """Return the names in a cache file, or None where it is missing or is not one of ours."""
    try:
        data = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict) or data.get("identity") != identity:
        return None
    names = data.get("names")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        return None
    return tuple(names)


@contextmanager
def _locked(file: Path) -> Iterator[bool]:
    """Hold the lock of a cache file; yields False, unlocked, where the folder allows no lock."""
    from filelock import FileLock

    lock = FileLock(f"{file}.lock")
    # A file system without locks is a NotImplementedError.
    with suppress(OSError, NotImplementedError):
        file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield lock.is_locked
    finally:
        lock.release()


def _write(file: Path, data: dict[str, object]) -> None:
    """Write a cache file in one step. A disk that is full costs the cache, not the session."""
    with suppress(OSError):
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(data, stream)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
