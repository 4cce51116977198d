"""A comparison of two agents as plain text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    points_text,
    range_text,
    short_name,
    shown_range,
    wrapped_sentence,
)
from pytest_metr.report.layout import format_table, shorten
from pytest_metr.report.markup import markdown_table
from pytest_metr.report.results.numbers import format_horizon, format_score, three_digits
from pytest_metr.report.results.remarks import protocol_line
from pytest_metr.texts import escape_markdown, printable
from pytest_metr.types import Change, Comparison

#: Narrower than this, nothing is squeezed any further.
_NARROWEST = 40
_LONGEST_NAME = 40
_TITLES = ("", "tasks", "before", "after", "change", "after is\nhigher")


class _Line(NamedTuple):
    """A number as the comparison shows it; *higher* is the share of draws in which *after* is the higher one."""

    title: str
    tasks: str
    before: str
    after: str
    change: str
    higher: str


def comparison_lines(comparison: Comparison, *, width: int, verbose: bool = False) -> list[str]:
    """Return a comparison as lines, without colours or control characters.

    The numbers before and after with what has changed; then what a reader must know before trusting it: tasks that
    are not compared, runs without a score, warnings; at the end the protocol.

    :param width: columns of the terminal; where a table does not fit, each number has lines of its own.
    :param verbose: whether to show the intervals before and after, scores as ratios and horizons in doublings as well,
        and to name all tasks that are not compared.
    """
    room = max(width, _NARROWEST)
    lines = wrapped_sentence(_heading(comparison), room)
    lines += ["", *_numbers(_lines_of(comparison, verbose), room), ""]
    for remark in _remarks(comparison, verbose):
        lines += wrapped_sentence(remark, room)
    return lines


def comparison_markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown for the page of a CI job: the table, the remarks, the protocol.

    Names and sentences are escaped, so that no text of an agent or a task can make markup, links or mentions.
    """
    remarks = "\n".join(f"- {escape_markdown(remark)}" for remark in _remarks(comparison, verbose=False))
    table = markdown_table(_TITLES, _lines_of(comparison, verbose=False))
    return "\n\n".join((escape_markdown(_heading(comparison)), table, remarks)) + "\n"


def _heading(comparison: Comparison) -> str:
    before, after = comparison.before, comparison.after
    tasks = f"{count_of(comparison.tasks, 'task')} of {count_of(comparison.families, 'family', 'families')}"
    names = f"before: {short_name(before.agent)}, after: {short_name(after.agent)}"
    return f"{names}; {tasks} that both have, {before.runs} and {after.runs} runs"


def _lines_of(comparison: Comparison, verbose: bool) -> list[_Line]:
    return [_line(change, verbose) for change in comparison.changes if _is_there(change)]


def _is_there(change: Change) -> bool:
    """Whether a number is shown: brackets that have no compared tasks are not."""
    return not (is_bracket(change.metric) and change.before.value is None and change.after.value is None)


def _line(change: Change, verbose: bool) -> _Line:
    write = format_horizon if change.kind == "horizon" else format_score
    before, after = (" ".join(write(number)[: 2 if verbose else 1]).strip() for number in (change.before, change.after))
    factor, apart = factor_text(change), difference_text(change)
    first, second = (factor, apart) if change.kind == "horizon" else (apart, factor)
    return _Line(
        title=metric_title(change.metric),
        tasks=str(change.tasks),
        before=before,
        after=after,
        change=f"{first}; {second}" if verbose else first,
        higher=percent_text(change.improved),
    )


def _numbers(lines: Sequence[_Line], width: int) -> list[str]:
    table = format_table(_TITLES, [[shorten(printable(line.title), _LONGEST_NAME), *line[1:]] for line in lines])
    if max(map(len, table)) <= width:
        return table
    narrow = []
    for line in lines:
        higher = "" if line.higher == "-" else f", after is higher in {line.higher} of the draws"
        narrow += wrapped_sentence(
            f"{line.title} ({line.tasks} tasks): {line.before} -> {line.after}: {line.change}{higher}", width
        )
    return narrow


def _remarks(comparison: Comparison, verbose: bool) -> Iterator[str]:
    """Yield what a reader must know beside the numbers, as sentences."""
    yield from _coverage(comparison)
    yield from _left_out(comparison, verbose)
    yield from (f"warning: {warning}" for warning in comparison.warnings)
    yield from _wider_bounds(comparison)
    yield "weights are taken anew over the compared tasks; both agents are drawn on the same tasks in every draw"
    yield protocol_line(comparison.protocol)


def _coverage(comparison: Comparison) -> Iterator[str]:
    for side, agent in (("before", comparison.before), ("after", comparison.after)):
        yield from coverage_sentences(side, agent.missing, agent.zeros_by_rule)


def _left_out(comparison: Comparison, verbose: bool) -> Iterator[str]:
    left_out = comparison.left_out
    reasons = [
        ("only before", left_out.only_before),
        ("only after", left_out.only_after),
        ("without a score on one side", left_out.without_score),
    ]
    if comparison.same_versions_only:
        reasons.append(("other versions", left_out.other_versions))
    for reason, tasks in reasons:
        if tasks:
            yield f"not compared: {count_of(len(tasks), 'task')}, {reason}: {few_names(tasks, verbose)}"
    if left_out.other_versions and not comparison.same_versions_only:
        yield f"compared, although of other versions: {few_names(left_out.other_versions, verbose)}"


def _wider_bounds(comparison: Comparison) -> Iterator[str]:
    """Say where conditions go by more than the interval that is shown."""
    for change in comparison.changes:
        estimate, write = (change.ratio, three_digits) if change.kind == "horizon" else (change.difference, points_text)
        bounds = estimate.bounds
        if estimate.value is not None and bounds is not None and bounds != shown_range(estimate):
            yield f"bounds: {metric_title(change.metric)}: conditions go by {range_text(bounds, write)}"
