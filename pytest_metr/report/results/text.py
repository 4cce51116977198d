"""A result as plain text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from pytest_metr.report.layout import format_table, shorten
from pytest_metr.report.results.remarks import about, checks_line, protocol_line, remarks
from pytest_metr.report.results.tables import Column, Table, agent_table, bracket_table, task_table
from pytest_metr.texts import printable
from pytest_metr.types import ScoreResult

#: Narrower than this, tables are not squeezed any further.
_NARROWEST = 40
#: Columns of a name that are kept before a table is told to go on below itself.
NAME_ROOM = 22
#: A name is never shorter than this.
_SHORTEST_NAME = 12


def result_lines(result: ScoreResult, *, width: int, verbose: bool = False) -> list[str]:
    """Return a result as lines, without colours or control characters.

    The agents stand side by side, one a line: counts, scores, success rates and time horizons with their intervals;
    then the scores by bracket; then what a reader must know before trusting them: gaps, warnings, failed and unknown
    checks; at the end the protocol. A table that is wider than *width* goes on below itself.

    :param width: columns of the terminal; text is wrapped to it.
    :param verbose: whether to list each agent's tasks and the checks that passed as well.
    """
    room = max(width, _NARROWEST)
    lines = table_lines(agent_table(result), room)
    brackets = bracket_table(result)
    if brackets is not None:
        lines += ["", *table_lines(brackets, room)]
    if verbose:
        for agent in result.agents:
            if agent.task_results:
                lines += ["", *table_lines(task_table(agent), room)]
    for block in (_remark_lines(result, room, verbose), _origin_lines(result, room)):
        lines += ["", *block] if block else []
    return lines


def _remark_lines(result: ScoreResult, width: int, verbose: bool) -> list[str]:
    lines = []
    for remark in remarks(result, verbose=verbose):
        lines += wrap(f"{remark.kind}: {about(remark, len(result.agents))}: {remark.sentence}", width)
    summary = checks_line(result)
    return lines if summary is None else lines + wrap(summary, width)


def _origin_lines(result: ScoreResult, width: int) -> list[str]:
    lines = wrap(protocol_line(result.protocol), width)
    if result.sources:
        lines += wrap(f"runs from {', '.join(result.sources)}", width)
    return lines


def wrap(text: str, width: int) -> list[str]:
    """Return a sentence on lines of *width* columns, whatever could control a terminal shown as ``?``."""
    return textwrap.wrap(printable(text), width, subsequent_indent="  ", break_on_hyphens=False)


def table_lines(table: Table, width: int, most: int = NAME_ROOM) -> list[str]:
    """Return the lines of a table, as several tables below each other where the width asks for it.

    :param most: columns of a name that are kept before the table goes on below itself.
    """
    columns = []
    for column in table.columns:
        cells = _aligned(column)
        columns.append((_head(column.title, max(map(len, cells), default=0)), cells))
    widths = [max(map(len, [*head.split("\n"), *cells])) for head, cells in columns]
    names = [printable(name) for name in table.names]
    title = printable(table.title)
    longest = max(map(len, [title, *names]))
    parts = _parts([column.group for column in table.columns], widths, width - min(longest, most))
    # The names get what the widest part leaves.
    room = max(width - max(sum(widths[start:end]) + 2 * (end - start) for start, end in parts), _SHORTEST_NAME)
    title, names = shorten(title, room), [shorten(name, room) for name in names]
    lines: list[str] = []
    for start, end in parts:
        part = columns[start:end]
        rows = [[name.ljust(min(longest, room)), *(cells[row] for _, cells in part)] for row, name in enumerate(names)]
        lines += [*([""] if lines else []), *format_table([title, *(head for head, _ in part)], rows)]
    return lines


def _parts(groups: Sequence[str], widths: Sequence[int], room: int) -> list[tuple[int, int]]:
    """Return the ranges of columns that fit beside names: all, else each group, else as much of it as there is room.

    A column that is too wide stands alone.
    """
    if sum(widths) + 2 * len(widths) <= room:
        return [(0, len(widths))]
    parts, start, used = [], 0, 0
    for column, wide in enumerate(widths):
        if column > start and (used + 2 + wide > room or groups[column] != groups[column - 1]):
            parts.append((start, column))
            start, used = column, 0
        used += 2 + wide
    return [*parts, (start, len(widths))]


def _aligned(column: Column) -> list[str]:
    """Return the cells with numbers below numbers and intervals below intervals."""
    left = max((len(number) for number, beside in column.cells if beside), default=0)
    right = max((len(beside) for _, beside in column.cells), default=0)
    if not right:
        return [number for number, _ in column.cells]
    return [
        f"{number.rjust(left)} {beside.ljust(right)}" if beside else number.rjust(left).ljust(left + 1 + right)
        for number, beside in column.cells
    ]


def _head(title: str, width: int) -> str:
    """Return a title in lines that are not much wider than the cells below it."""
    room = max(width, min(max(map(len, title.split()), default=0), 14), 8)
    return "\n".join(shorten(line, room) for line in textwrap.wrap(printable(title), room)[:3])
