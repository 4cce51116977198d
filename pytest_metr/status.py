"""How far the session in a folder has come: one that runs, has ended, or has died."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from pytest_metr.errors import UsageMistake
from pytest_metr.ownership import is_held
from pytest_metr.report import journal_of
from pytest_metr.report.progress import Board, SessionView, progress_lines
from pytest_metr.sandbox.owner import life_of

#: Columns to write for where no terminal says how many it has.
WIDTH = 120


def session_view(folder: Path) -> SessionView:
    """Return what the session in *folder* looks like now.

    It runs as long as one of its processes holds the folder. After that it has ended in order if it has left its
    report, and has died if not. Where nobody can tell whether the folder is held, the report alone decides.

    :raises UsageMistake: where the folder is no session's, or what is in it cannot be read.
    """
    journal_of(folder)
    board = Board(folder, life_of=life_of)
    try:
        held = is_held(folder)
        ended = _how_it_ended(folder / "report.json")
        if held or (held is None and ended is None):
            return board.view()
        return board.view("died") if ended is None else board.view("ended", ended=ended)
    except OSError as error:
        raise UsageMistake(f"cannot be read: {error.strerror}", file=folder) from error


def status_lines(view: SessionView) -> list[str]:
    """Return a view in lines as wide as the terminal."""
    width = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    return progress_lines(view, width=width)


def _how_it_ended(report: Path) -> str | None:
    """Return in words how a session ended that has left its report; None where it has left none."""
    try:
        document = json.loads(report.read_bytes())
        return f"ended, {document['session']['exit_status']}"
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return "ended"  # what is wrong with the report, whoever reads it will say
