"""What the terminal shows at the end of a session, as plain lines."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_metr.report.layout import format_score, format_table, printable, shorten

Columns = Sequence[tuple[str, str]]
Report = Mapping[str, Any]

_BRACKET_COLUMNS: Columns = (
    ("bracket", "bracket"),
    ("tasks", "tasks"),
    ("runs", "runs"),
    ("passed", "passed"),
    ("mean\nscore", "mean_score"),
    ("infra\nerrors", "infra_error"),
)
#: Shown only where there is something to show.
_RARE_COLUMNS: Columns = (("needs\nscore", "needs_score"), ("not\nrun", "not_run"))
_TASK_COLUMNS: Columns = (
    ("task", "task_id"),
    ("minutes", "human_minutes"),
    ("runs", "runs"),
    ("passed", "passed"),
    ("mean\nscore", "mean_score"),
)
_STATUS_WORDS = {
    "infra_error": ("infrastructure error", "infrastructure errors"),
    "needs_score": ("needs a score", "need a score"),
    "not_run": ("not run", "not run"),
}


def summary_lines(report: Report, *, width: int, verbose: bool = False) -> list[str]:
    """Return the summary of a report, line by line, without colours or control characters.

    For each agent a table by bracket and the overall score; below them whatever else a reader must know before
    trusting it: coverage, broken families, notes; at the end the paths of the files.

    :param report: the document that :func:`~pytest_metr.report.build_report` returned.
    :param width: columns of the terminal; text is wrapped to it. Tables fit into 80 and paths are never broken.
    :param verbose: whether to show each agent's tasks as well.
    """
    lines: list[str] = []
    for agent in report["agents"]:
        lines += [*_agent_lines(agent, width, verbose), ""]
    for remark in _remarks(report):
        lines += _wrap(remark, width)
    lines += ["", *_files(report["files"])]
    return _tidy(lines)


def _tidy(lines: Sequence[str]) -> list[str]:
    """Return the lines without empty ones at the end, or two in a row."""
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return kept[:-1] if kept and not kept[-1] else kept


def _agent_lines(agent: Report, width: int, verbose: bool) -> list[str]:
    lines = [_agent_title(agent)]
    if agent["brackets"]:
        lines += ["", *_bracket_table(agent["brackets"])]
    if verbose and agent["tasks"]:
        lines += ["", *_task_table(agent["tasks"], width)]
    return [*lines, "", *_wrap(_overall(agent), width)]


def _agent_title(agent: Report) -> str:
    known = [f"{key} {agent[key]}" for key in ("model", "scaffold") if agent[key] is not None]
    return printable(f"agent {agent['name']}" + (f" ({', '.join(known)})" if known else ""))


def _bracket_table(rows: Sequence[Report]) -> list[str]:
    columns = [*_BRACKET_COLUMNS, *(column for column in _RARE_COLUMNS if any(row[column[1]] for row in rows))]
    cells = [[_cell(row, key) for _, key in columns] for row in rows]
    if len(rows) > 1:
        # A mean over brackets would compete with the overall score below the table, so there is none.
        sums = {key: sum(row[key] for row in rows) for _, key in columns if key not in ("bracket", "mean_score")}
        cells.append(["all", *(str(sums.get(key, "")) for _, key in columns[1:])])
    return format_table([title for title, _ in columns], cells)


def _task_table(rows: Sequence[Report], width: int) -> list[str]:
    titles = [title for title, _ in _TASK_COLUMNS]
    cells = [[_cell(row, key) for _, key in _TASK_COLUMNS] for row in rows]
    without_ids = format_table(titles[1:], [row[1:] for row in cells])
    room = max(width - max(len(line) for line in without_ids) - 2, 16)
    return format_table(titles, [[shorten(row[0], room), *row[1:]] for row in cells])


def _cell(row: Report, key: str) -> str:
    value = row[key]
    if key == "bracket" and value is None:
        return "unknown"
    if key == "human_minutes" and isinstance(value, (int, float)):
        return f"{value:.4g}"
    if key == "mean_score" or value is None:
        return format_score(value)
    return printable(str(value))


def _overall(agent: Report) -> str:
    overall = agent["overall"]
    if overall["problem"] is not None:
        return f"no overall score: {overall['problem']}"
    if overall["score"] is None:
        return "no overall score: no run has a score"
    behind = f"{_count(overall['runs'], 'run', 'runs')} of {_count(overall['tasks'], 'task', 'tasks')}"
    score = f"overall score {format_score(overall['score'])} ({overall['weighting']}, {behind})"
    without = agent["coverage"]["planned"] + agent["coverage"]["unplanned"] - overall["runs"]
    if not without:
        return score
    missing = f"the {_count(without, 'run', 'runs')} without a score"
    return f"{score}; {format_score(overall['floor'])} if {missing} counted 0"


def _remarks(report: Report) -> list[str]:
    broken = [f"broken family {family['folder']}: {family['message']}" for family in report["broken_families"]]
    return [*_coverage(report["coverage"]), *broken, *(f"note: {note}" for note in report["notes"])]


def _coverage(coverage: Report) -> list[str]:
    total = coverage["planned"] + coverage["unplanned"]
    open_ends = [
        f"{_count(coverage[status], one, many)}{_causes(coverage['causes'].get(status, {}))}"
        for status, (one, many) in _STATUS_WORDS.items()
        if coverage[status]
    ]
    if not open_ends:
        return []
    return [f"coverage: {coverage['finished']} of {_count(total, 'run', 'runs')} finished; {', '.join(open_ends)}"]


def _files(files: Mapping[str, str]) -> list[str]:
    names = [printable(name) for name in files]
    longest = max(map(len, names), default=0)
    return [f"{name:<{longest}}  {printable(path)}" for name, path in zip(names, files.values(), strict=True)]


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(printable(text), max(width, 20), subsequent_indent="  ", break_on_hyphens=False)


def _causes(causes: Mapping[str, int]) -> str:
    return f" ({', '.join(f'{cause} {count}' for cause, count in causes.items())})" if causes else ""


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
