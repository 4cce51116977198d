"""What dead sessions have left behind, wherever a provider leaves things."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox import bubblewrap


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What was removed, a line each, and what could not be seen to, in one line, or None."""

    removed: tuple[str, ...]
    trouble: str | None = None


def folders() -> list[Path]:
    """Return the folders for temporary files in which providers may have left theirs."""
    # Where other users may not enter the folder for temporary files, sandboxes of root are in /tmp.
    return list(dict.fromkeys([Path(tempfile.gettempdir()), Path("/tmp")]))


def clear_away(*, containers: bool) -> Cleared:
    """Remove what dead sessions have left; what a living process owns, or nobody of ours has made, is never touched.

    Never raises for an engine that does not answer: it is told of, and what it holds is left for the next time.

    :param containers: whether to look for containers too, which an engine is asked for.
    """
    removed = [path for folder in folders() for path in bubblewrap.reap(folder)]
    if not containers:
        return Cleared(removed=tuple(removed))
    from pytest_metr.sandbox.docker.engine import connect
    from pytest_metr.sandbox.docker.reaper import reap

    try:
        engine = connect()
        try:
            removed += reap(engine)
        finally:
            engine.close()
    except SandboxError as error:
        return Cleared(removed=tuple(removed), trouble=f"containers may be left behind: {error}")
    return Cleared(removed=tuple(removed))
