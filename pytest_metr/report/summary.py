"""What the terminal shows at the end of a session, as plain lines."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_metr.report.controls import control_lines
from pytest_metr.report.guided import guided_lines
from pytest_metr.report.layout import format_score, format_table, shorten
from pytest_metr.report.results.numbers import format_horizon
from pytest_metr.report.results.numbers import format_score as format_estimate
from pytest_metr.report.results.remarks import protocol_line
from pytest_metr.report.used import used_sentences
from pytest_metr.texts import printable
from pytest_metr.types import AgentResult, EvaluationProtocol

Columns = Sequence[tuple[str, str]]
Report = Mapping[str, Any]

_BRACKET_COLUMNS: Columns = (
    ("bracket", "bracket"),
    ("tasks", "tasks"),
    ("runs", "runs"),
    ("passed", "passed"),
    ("score", "score"),
    ("interval", "interval"),
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

    For each agent a table by bracket, the overall score, the time horizon, and what its models were used for; below
    them whatever else a reader must know before trusting them: coverage, decisions, checks, broken families, notes; at
    the end the paths of the files.

    :param report: the document that :func:`~pytest_metr.report.build_report` returned.
    :param width: columns of the terminal; text is wrapped to it. Tables fit into 80 and paths are never broken.
    :param verbose: whether to show each agent's tasks as well.
    """
    lines: list[str] = []
    for agent in report["agents"]:
        runs = [run for run in report["runs"] if run["agent"] == agent["name"]]
        controls = control_lines(runs, verbose=verbose)
        lines += controls or guided_lines(runs) or _agent_lines(agent, width, verbose)
        for sentence in used_sentences(runs):
            lines += _wrap(sentence, width)
        lines.append("")
    for remark in _remarks(report, verbose):
        lines += _wrap(remark, width)
    lines += ["", *_files(report["files"])]
    return _tidy(lines)


def _tidy(lines: Sequence[str]) -> list[str]:
    """Return the lines without empty ones at the end, or two in a row."""
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return kept[:-1] if kept and not kept[-1] else kept


def _agent_lines(agent: Report, width: int, verbose: bool) -> list[str]:
    lines = [_agent_title(agent)]
    result = None if agent["result"] is None else AgentResult.from_json(agent["result"])
    if agent["brackets"]:
        lines += ["", *_bracket_table(agent["brackets"], result)]
    if verbose and agent["tasks"]:
        lines += ["", *_task_table(agent["tasks"], width)]
    if result is None:
        sentences = [f"no overall score: {agent['problem'] or 'no run has a score'}"]
    else:
        sentences = _numbers(result)
    return [*lines, "", *(line for sentence in sentences for line in _wrap(sentence, width))]


def _agent_title(agent: Report) -> str:
    known = [f"{key} {agent[key]}" for key in ("model", "scaffold") if agent[key] is not None]
    return printable(f"agent {agent['name']}" + (f" ({', '.join(known)})" if known else ""))


def _bracket_table(rows: Sequence[Report], result: AgentResult | None) -> list[str]:
    scores = {} if result is None else {row.name: format_estimate(row.score) for row in result.brackets}
    full = []
    for row in rows:
        score, interval = scores.get(row["bracket"], ("-", ""))
        full.append({**row, "score": score, "interval": interval})
    columns = [*_BRACKET_COLUMNS, *(column for column in _RARE_COLUMNS if any(row[column[1]] for row in rows))]
    cells = [[_cell(row, key) for _, key in columns] for row in full]
    if len(rows) > 1:
        # A score over brackets would compete with the overall score below the table, so there is none.
        sums = {key: sum(row[key] for row in rows) for _, key in columns if key in rows[0] and key != "bracket"}
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


def _numbers(result: AgentResult) -> list[str]:
    """Return the overall score and the time horizons as sentences."""
    if not result.runs:
        return ["no overall score: no run has a score"]
    return [_overall(result), *_horizons(result)]


def _overall(result: AgentResult) -> str:
    behind = f"{_count(result.runs, 'run', 'runs')} of {_count(result.tasks, 'task', 'tasks')}"
    if result.zeros_by_rule:
        behind += f", {result.zeros_by_rule} of them left out by staging as zeros"
    score = f"overall score {' '.join(format_estimate(result.overall_score))} ({behind})"
    if not result.missing:
        return score
    floor = "" if result.floor is None else f"; {format_score(result.floor)} if they counted 0"
    return f"{score}, without the {_count(result.missing, 'run', 'runs')} that should have a score and have none{floor}"


def _horizons(result: AgentResult) -> list[str]:
    shown = {percent: " ".join(filter(None, format_horizon(e))) for percent, e in result.horizon.at.items()}
    if len(set(shown.values())) == 1:  # one curve, or none: whatever the percent
        return [f"time horizon: {next(iter(shown.values()))}"]
    told = [f"{text} at {percent} %" for percent, text in shown.items()]
    return [f"time horizon: {', '.join(told)}"] if told else []


def _remarks(report: Report, verbose: bool) -> list[str]:
    broken = [f"broken family {family['folder']}: {family['message']}" for family in report["broken_families"]]
    return [
        *_coverage(report["coverage"]),
        *_failed_tries(report["runs"]),
        *_resumptions(report["session"]["resumed"]),
        *_decisions(report),
        *_warnings(report, verbose),
        *broken,
        *(f"note: {note}" for note in report["notes"]),
        *([protocol_line(EvaluationProtocol.from_json(report["protocol"]))] if _of_agents(report) else []),
    ]


def _of_agents(report: Report) -> bool:
    """Whether there is anything that a protocol puts into numbers, and not controls alone."""
    controls = [run["control"] is not None for run in report["runs"]]
    return bool(report["agents"]) and not (controls and all(controls))


def _decisions(report: Report) -> list[str]:
    """Say for each agent where staging or the rounds of runs came to an end."""
    ends = {(d["agent"], d["rule"]): d["sentence"] for d in reversed(report["decisions"]) if not d["opened"]}
    several = len(report["agents"]) > 1
    return [f"{rule}: {f'{agent}: ' if several else ''}{text}" for (agent, rule), text in reversed(ends.items())]


def _warnings(report: Report, verbose: bool) -> list[str]:
    """Return warnings about the numbers, and how the checks ended; each agent's by name where there are several."""
    told = []
    for agent in report["agents"]:
        name = f"{agent['name']}: " if len(report["agents"]) > 1 else ""
        result = agent["result"]
        if result is not None:
            told += [f"warning: {name}{text}" for text in (*result["warnings"], *result["horizon"]["warnings"])]
            told += [f"checks: {name}{_checks(result['checks'])}"] if result["checks"] else []
            others = [check for check in result["checks"] if check["verdict"] != "passed"]
            told += [f"check {c['verdict']}: {name}{c['name']}: {c['sentence']}" for c in others if verbose]
    return told


def _checks(checks: Sequence[Report]) -> str:
    names = {
        verdict: [check["name"] for check in checks if check["verdict"] == verdict] for verdict in ("failed", "unknown")
    }
    told = [f"{verdict}: {', '.join(found)}" for verdict, found in names.items() if found]
    passed = sum(check["verdict"] == "passed" for check in checks)
    return "; ".join([f"{passed} of {len(checks)} passed", *told])


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


def _failed_tries(runs: Sequence[Report]) -> list[str]:
    """Say how many tries at runs came to nothing before others, and why."""
    tried = [run["failed_tries"] for run in runs if run["failed_tries"]]
    causes = Counter(failed["cause"] for tries in tried for failed in tries)
    if not causes:
        return []
    total = _count(sum(causes.values()), "more try", "more tries")
    return [
        f"tries: {total} at {_count(len(tried), 'run', 'runs')} came to nothing{_causes(dict(sorted(causes.items())))}"
    ]


def _resumptions(resumed: Sequence[Report]) -> list[str]:
    """Say how often the session was taken up again; what had changed by then is in the notes."""
    if not resumed:
        return []
    kept = resumed[-1]["kept"]
    return [f"resumed: {_count(len(resumed), 'time', 'times')}, the last time with {_count(kept, 'run', 'runs')} kept"]


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
