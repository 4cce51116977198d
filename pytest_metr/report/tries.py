"""The transcripts of a run that was tried several times, and what those say of processes that were killed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

from pytest_metr.types import FailedTry

_FOLDER = "transcripts"
_KILLED = "the process that made it was killed, or died, and left nothing but this transcript"


def names_of(session_dir: Path, run_id: str) -> tuple[list[str], str]:
    """Return what the tries at a run were named for their files, and the name for the next one.

    The first is named by the run's id, the others ``<run id>.try2`` and so on. A name is taken when there is a
    transcript of it.
    """
    taken: list[str] = []
    for number in itertools.count(1):
        name = run_id if number == 1 else f"{run_id}.try{number}"
        if not (session_dir / transcript_of(name)).exists():
            return taken, name
        taken.append(name)
    raise AssertionError("unreachable: there is always a next number")


def transcript_of(name: str) -> str:
    """Return the path of a try's transcript inside the session's folder."""
    return f"{_FOLDER}/{name}.jsonl"


def killed_tries(session_dir: Path, run_id: str, known: Sequence[FailedTry]) -> list[FailedTry]:
    """Return the tries at a run that left nothing but a transcript.

    :param known: the tries that are on record.
    """
    recorded = {failed.transcript for failed in known}
    paths = (transcript_of(name) for name in names_of(session_dir, run_id)[0])
    return [_killed(session_dir, path) for path in paths if path not in recorded]


def _killed(session_dir: Path, transcript: str) -> FailedTry:
    begin, end = _instants(session_dir / transcript)
    return FailedTry(
        cause="killed", message=_KILLED, started_at=begin, completed_at=end, transcript=transcript, seconds=None
    )


def _instants(transcript: Path) -> tuple[str, str]:
    """Return when the first and the last event of a transcript were; empty texts where it has none."""
    found = ""
    first = ""
    with transcript.open("rb") as file:
        for raw in file:
            found = _instant(raw) or found
            first = first or found
    return first, found


def _instant(raw: bytes) -> str:
    try:
        at = json.loads(raw)["at"]
    except (ValueError, KeyError, TypeError):
        return ""  # the line that was being written
    return at if isinstance(at, str) else ""
