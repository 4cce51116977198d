"""The folder of a session's files: made at the start, and taken away again where there was nothing to run."""

from __future__ import annotations

import itertools
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

from pytest_metr.errors import UsageMistake
from pytest_metr.ownership import LOCK_FILE
from pytest_metr.settings import Settings


def make_session_dir(settings: Settings) -> tuple[Path, bool]:
    """Make the folder for a new session's files: the one asked for, or one named by time and agents.

    :return: the folder, and whether it was not there before.
    :raises UsageMistake: where the one asked for holds something.
    :raises OSError: where no folder can be made.
    """
    if settings.out is not None:
        there = settings.out.exists()
        if there and any(settings.out.iterdir()):
            expected = "expected a new or empty folder"
            told = f"holds files already; {expected}"
            if (settings.out / "journal.jsonl").exists():
                told = f"holds a session already; {expected}, or --metr-resume to take the session up again"
            raise UsageMistake(told, file=settings.out, key="--metr-out")
        settings.out.mkdir(parents=True, exist_ok=True)
        return settings.out, not there
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    names = "+".join(Path(name).stem for name in settings.agents or (settings.mode,))
    parent = settings.invocation_dir / "metr-runs"
    parent.mkdir(exist_ok=True)
    for number in itertools.count(1):
        folder = parent / (f"{stamp}-{names}" if number == 1 else f"{stamp}-{names}-{number}")
        with suppress(FileExistsError):  # sessions may begin in the same second
            folder.mkdir()
            return folder, True
    raise AssertionError("unreachable: there is always a next number")


def clear_away_empty(folder: Path, settings: Settings, *, made: bool) -> None:
    """Leave nothing of a session in which there was nothing to run.

    :param made: whether the session has made the folder itself.
    """
    for name in ("journal.jsonl", LOCK_FILE):
        (folder / name).unlink(missing_ok=True)
    folders = [folder / "transcripts"]
    if made:
        folders.append(folder)
    if settings.out is None:
        folders.append(folder.parent)
    for empty in folders:
        with suppress(OSError):  # one that holds something else stays
            empty.rmdir()
