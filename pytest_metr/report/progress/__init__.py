"""How far a session has come, while it runs: what each process has in hand, and what all of it looks like."""

from pytest_metr.report.progress.board import Board
from pytest_metr.report.progress.lines import progress_lines
from pytest_metr.report.progress.state import STATUS_DIR, ProcessState, RunInHand
from pytest_metr.report.progress.status_file import StatusFile
from pytest_metr.report.progress.view import InHand, SessionView

__all__ = [
    "STATUS_DIR",
    "Board",
    "InHand",
    "ProcessState",
    "RunInHand",
    "SessionView",
    "StatusFile",
    "progress_lines",
]
