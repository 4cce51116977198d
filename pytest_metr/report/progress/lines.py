"""A view of a session in plain lines, for a terminal and for the log of a CI job alike."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime

from pytest_metr.report.layout import short_count, shorten
from pytest_metr.report.progress.view import InHand, SessionView
from pytest_metr.texts import clock, printable

_INDENT = "  "
#: A space at which a line is not broken.
_TIED = "\u00a0"
#: The most columns that the name of a run gets.
_NAME_ROOM = 44


def progress_lines(view: SessionView, *, width: int) -> list[str]:
    """Return the lines: how far the session is, and one line for each run that is being made.

    :param width: in columns, at least 40; the lines on runs are cut to it, the first is wrapped.
    """
    width = max(width, 40)
    head = textwrap.wrap(_head(view), width, subsequent_indent=" " * 4, break_long_words=False, break_on_hyphens=False)
    head = [line.replace(_TIED, " ") for line in head]
    several = len({each.run.agent for each in view.in_hand}) > 1
    rows = [_cells(each, view, several_agents=several) for each in view.in_hand]
    return [*head, *(_cut(line, width) for line in _aligned(rows))]


def _head(view: SessionView) -> str:
    begin = f"metr {_hours(view.started_at, view.at)}  "
    if view.state != "running":
        begin += f"{printable(view.ended) or view.state}: "
    if not view.planned:
        return f"{begin}{'no plan of runs yet' if view.state == 'running' else 'it came to no plan of runs'}"
    parts = [f"{view.done} of {view.planned} done{_ends(view)}"]
    if view.state == "running":
        parts += [f"{view.running} running", f"{view.waiting} waiting"]
    elif view.waiting:
        parts.append(f"{view.waiting} not made")
    if view.retried:
        parts.append(f"{view.retried} retried")
    parts = [part if "(" in part else part.replace(" ", _TIED) for part in parts]
    spent = ", ".join(text.replace(" ", _TIED) for text in _spent(view.tokens, view.cost))
    return f"{begin}{', '.join(parts)}{f'; {spent}' if spent else ''}"


def _ends(view: SessionView) -> str:
    """Return in brackets how those that are done came to their end."""
    counts = [
        (view.passed, "passed"),
        (view.failed, "failed"),
        (view.needs_score, "to be scored"),
        (view.infra_errors, "infra error" if view.infra_errors == 1 else "infra errors"),
        (view.left_out, "left out"),
    ]
    told = ", ".join(f"{count} {word}".replace(" ", _TIED) for count, word in counts if count)
    if view.kept:
        told += f"; {view.kept} kept from before"
    return f" ({told})" if told else ""


def _spent(tokens: int | None, cost: float | None) -> Iterator[str]:
    if tokens is not None:
        yield f"{short_count(tokens)} tokens"
    if cost is not None:
        yield f"${cost:.2f}"


def _cells(each: InHand, view: SessionView, *, several_agents: bool) -> list[str]:
    """Return what a line says of a run, by column; the last column takes what room there is."""
    run = each.run
    dead = each.life == "dead"
    name = shorten(printable(f"{run.task_id}[{f'{run.agent}-' if several_agents else ''}run{run.run}]"), _NAME_ROOM)
    died = f"{each.process} died in phase {run.phase}" if dead else ""
    return [
        _clock(run.started_at, each.last_seen if dead else view.at),
        "died" if dead else run.phase,
        f"{name} try {run.number}" if run.number > 1 else name,
        "" if run.tokens is None else f"{short_count(run.tokens)} tokens",
        "" if run.cost is None else f"${run.cost:.2f}",
        f"{run.actions} action{'' if run.actions == 1 else 's'}" if run.actions else "",
        "" if run.last_action_at is None or dead else f"{_clock(run.last_action_at, view.at)} ago",
        printable("; ".join(filter(None, (died, run.last_action)))),
    ]


#: The columns with numbers, which stand to the right.
_NUMBERS = frozenset({0, 3, 4, 5, 6})


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the rows as lines, without the columns in which nothing stands."""
    if not rows:
        return
    widths = [max(columns(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            " " * (width - columns(cell)) + cell if column in _NUMBERS else cell + " " * (width - columns(cell))
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            if width
        ]
        yield (_INDENT + "  ".join(cells)).rstrip()


def _hours(begin: str, end: str) -> str:
    """Return the time between two instants in hours, minutes and seconds; dots where it is not known."""
    try:
        return clock(max(0.0, (_instant(end) - _instant(begin)).total_seconds()))
    except ValueError:
        return ".:..:.."


def _clock(begin: str, end: str) -> str:
    """Return the same without the hours where there are none."""
    text = _hours(begin, end)
    return text[2:].removeprefix("0") if text.startswith(("0:", ".:")) else text


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut(line: str, width: int) -> str:
    """Return as much of a line as fits, and three dots where something is missing."""
    if columns(line) <= width:
        return line
    room, kept = width - 3, 0
    for char in line:
        room -= _columns(char)
        if room < 0:
            break
        kept += 1
    return f"{line[:kept].rstrip()}..."
