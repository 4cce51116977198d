"""What each step of elicitation was worth, as plain text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from pytest_metr.report.changed import (
    count_of,
    coverage_sentences,
    difference_text,
    factor_text,
    few_names,
    is_bracket,
    metric_title,
    percent_text,
    short_name,
    shown_range,
    wrapped_sentence,
)
from pytest_metr.report.layout import format_table, short_count, shorten
from pytest_metr.report.margins import margin_lines, margin_remarks
from pytest_metr.report.markup import markdown_table
from pytest_metr.report.results.numbers import format_horizon, format_score, three_digits
from pytest_metr.report.results.remarks import protocol_line
from pytest_metr.texts import escape_markdown, printable
from pytest_metr.types import Change, Gain, Impact, ImpactStep, UsagePerRun

_NARROWEST = 40
#: How much of a step's name is shown in a table, at least and at most.
_SHORTEST_NAME, _LONGEST_NAME = 9, 32
_REASONS = {"no_runs": "no runs in", "no_score": "no score in", "other_versions": "of several versions"}
_STEP_TITLES = ("", "agent", "runs", "time\na run", "tokens\na run", "cost\na run")
_WITHOUT_USAGE = 3


class ImpactTable(NamedTuple):
    """One metric at each step.

    :param titles: the metric; its value; what the step before and the first one are compared with.
    :param rows: a row for each step, in their order.
    """

    titles: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def impact_lines(impact: Impact, *, width: int, verbose: bool = False) -> list[str]:
    """Return what each step was worth as lines, without colours or control characters.

    The steps; for each metric its value at each step, with what has changed from the step before and from the first;
    the margins as lines of a gate file; then what a reader must know before trusting any of it; at the end the
    protocol.

    :param width: columns of the terminal; where a table does not fit, each step has lines of its own.
    :param verbose: whether to show the brackets and the intervals of the values as well, and to name all tasks that
        are not compared.
    """
    room = max(width, _NARROWEST)
    lines = wrapped_sentence(_heading(impact), room)
    lines += ["", *_steps(impact, room)]
    for table in impact_tables(impact, verbose=verbose):
        lines += ["", *_laid_out(table, room)]
    margins = margin_lines(impact, verbose=verbose)
    if margins:
        lines += ["", *wrapped_sentence("suggested margins, for the rules of a gate file:", room), *margins]
    lines.append("")
    for remark in impact_remarks(impact, verbose=verbose):
        lines += wrapped_sentence(remark, room)
    return lines


def impact_markdown(impact: Impact) -> str:
    """Return what each step was worth as Markdown for the page of a CI job.

    Names and sentences are escaped, so that no text of an agent or a task can make markup, links or mentions.
    """
    titles, rows = _step_table(impact)
    parts = [escape_markdown(_heading(impact)), markdown_table(_one_line(titles), rows)]
    parts += [markdown_table(_one_line(table.titles), table.rows) for table in impact_tables(impact, verbose=False)]
    margins = margin_lines(impact, verbose=False)
    if margins:
        parts.append("Suggested margins, for the rules of a gate file:")
        parts.append("\n".join(["```yaml", *margins, "```"]))
    parts.append("\n".join(f"- {escape_markdown(remark)}" for remark in impact_remarks(impact, verbose=False)))
    return "\n\n".join(parts) + "\n"


def impact_tables(impact: Impact, *, verbose: bool) -> list[ImpactTable]:
    """Return a table for each metric: brackets only where asked for, and nothing without compared tasks."""
    if not impact.gains:
        return []
    shown = [
        change for change in impact.gains[0].changes if change.tasks and (verbose or not is_bracket(change.metric))
    ]
    return [_table(impact, change, verbose) for change in shown]


def impact_remarks(impact: Impact, *, verbose: bool) -> Iterator[str]:
    """Yield what a reader must know beside the numbers, as sentences."""
    if impact.gains:
        yield "*: the interval leaves out that nothing has changed"
        yield "higher: the share of draws in which the step is above the one before"
    yield from margin_remarks(impact, verbose=verbose)
    for step in impact.steps:
        yield from _about(step)
    yield from _left_out(impact, verbose)
    yield from (f"warning: {warning}" for warning in impact.warnings)
    yield "weights are taken anew over the compared tasks; two steps are drawn on the same tasks in every draw"
    yield protocol_line(impact.protocol)


def _heading(impact: Impact) -> str:
    tasks = f"{count_of(impact.tasks, 'task')} of {count_of(impact.families, 'family', 'families')}"
    steps = count_of(len(impact.steps), "step")
    return f"{shorten(printable(impact.study), 100)}: {steps} on the {tasks} that all have"


def _step_table(impact: Impact) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """Return the titles and the rows of the steps; what runs used is left out where nobody knows."""
    columns = len(_STEP_TITLES) if any(step.usage for step in impact.steps) else _WITHOUT_USAGE
    rows = [
        (f"{number} {printable(step.name)}", printable(step.agent), str(step.runs), *_usage(step.usage))[:columns]
        for number, step in enumerate(impact.steps, start=1)
    ]
    return _STEP_TITLES[:columns], rows


def _usage(usage: UsagePerRun | None) -> tuple[str, str, str]:
    if usage is None:
        return "-", "-", "-"
    tokens = "-" if usage.tokens is None else short_count(round(usage.tokens))
    cost = "-" if usage.cost is None else f"${three_digits(usage.cost)}"
    return f"{three_digits(usage.seconds)} s", tokens, cost


def _steps(impact: Impact, width: int) -> list[str]:
    titles, found = _step_table(impact)
    rows = [[shorten(row[0], _LONGEST_NAME), shorten(row[1], _LONGEST_NAME), *row[2:]] for row in found]
    table = format_table(titles, rows, words=(0, 1))
    if max(map(len, table)) <= width:
        return table
    lines = []
    for row in rows:
        used = f"; a run: {', '.join(row[3:])}" if row[3:] else ""
        lines += wrapped_sentence(f"{row[0]}: {row[1]}, {row[2]} runs{used}", width)
    return lines


def _table(impact: Impact, like: Change, verbose: bool) -> ImpactTable:
    against = "points on" if like.kind == "score" else "times"
    titles = (metric_title(like.metric), "", f"{against} the\nstep before", "higher", f"{against} the\nfirst step")
    values = [_change(impact.from_first[0], like.metric).before]
    values += [_change(gain, like.metric).after for gain in impact.gains]
    write = format_horizon if like.kind == "horizon" else format_score
    rows = []
    for number, (step, value) in enumerate(zip(impact.steps, values, strict=True), start=1):
        shown = " ".join(write(value)[: 2 if verbose else 1]).strip()
        rows.append((f"{number} {printable(step.name)}", shown, *_changes(impact, number - 1, like.metric)))
    return ImpactTable(titles, rows)


def _changes(impact: Impact, place: int, metric: str) -> tuple[str, str, str]:
    """Return the cells that say how a step differs from the one before it and from the first, which has none."""
    if place == 0:
        return "", "", ""
    before = _change(impact.gains[place - 1], metric)
    first = "" if place == 1 else _cell(_change(impact.from_first[place - 1], metric))
    return _cell(before), percent_text(before.improved), first


def _change(gain: Gain, metric: str) -> Change:
    found = gain.change(metric)
    assert found is not None  # all gains of a study are by one protocol
    return found


def _cell(change: Change) -> str:
    text = difference_text(change, unit=False) if change.kind == "score" else factor_text(change)
    return f"{text} {'*' if leaves_out_no_change(change) else ' '}"


def leaves_out_no_change(change: Change) -> bool:
    """Whether the range that is shown of a change leaves out that there is none: 0 points, or 1 time."""
    estimate, none = (change.difference, 0.0) if change.kind == "score" else (change.ratio, 1.0)
    shown = shown_range(estimate)
    return estimate.value is not None and shown is not None and not shown.low <= none <= shown.high


def _laid_out(table: ImpactTable, width: int) -> list[str]:
    """Return a table whose names are as long as there is room for; where there is none, lines for each step."""
    longest = max(len(row[0]) for row in table.rows)
    for name in range(min(longest, _LONGEST_NAME), _SHORTEST_NAME - 1, -1):
        lines = format_table(table.titles, [(shorten(row[0], name), *row[1:]) for row in table.rows])
        if max(map(len, lines)) <= width:
            return lines
    lines = [table.titles[0]]
    before, first = (title.replace("\n", " ") for title in (table.titles[2], table.titles[4]))
    for row in table.rows:
        parts = [f"{shorten(row[0], _LONGEST_NAME)}: {row[1]}"]
        parts += [f"{before}: {row[2].strip()} (higher in {row[3]})"] if row[2] else []
        parts += [f"{first}: {row[4].strip()}"] if row[4] else []
        lines += wrapped_sentence("; ".join(parts), width)
    return lines


def _about(step: ImpactStep) -> Iterator[str]:
    name, best = short_name(step.name), step.best_of
    if best is not None:
        one_by_one = [
            (best.by_log, "by the log alone"),
            (best.tied, "the first of equal logs"),
            (best.without_log, "the first, without any log"),
        ]
        told = ", ".join(f"{number} {how}" for number, how in one_by_one if number)
        yield (
            f"{name}: {count_of(best.groups, 'run')} chosen of {best.n} each of {short_name(best.step)}: {told}; "
            f"{count_of(best.left_over, 'run')} left over"
        )
    yield from coverage_sentences(name, step.missing, step.zeros_by_rule)


def _left_out(impact: Impact, verbose: bool) -> Iterator[str]:
    def kind(place: int) -> tuple[str, tuple[str, ...]]:
        return impact.not_compared[place].reason, impact.not_compared[place].steps

    for (reason, steps), places in groupby(sorted(range(len(impact.not_compared)), key=kind), key=kind):
        tasks = [impact.not_compared[place].task_id for place in places]
        where, number = f"{_REASONS[reason]} {', '.join(map(short_name, steps))}".strip(), count_of(len(tasks), "task")
        kept = reason == "other_versions" and not impact.same_versions_only
        told = f"compared, although {where}: {number}" if kept else f"not compared: {number}, {where}"
        yield f"{told}: {few_names(tasks, verbose)}"


def _one_line(titles: Sequence[str]) -> list[str]:
    return [title.replace("\n", " ") for title in titles]
