"""A comparison of two agents as plain text and as Markdown."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pytest_metr.report.layout import format_table, shorten
from pytest_metr.report.markup import markdown_table
from pytest_metr.report.results.numbers import format_horizon, format_score, three_digits
from pytest_metr.report.results.remarks import protocol_line
from pytest_metr.texts import escape_markdown, printable
from pytest_metr.types import Change, Comparison, Estimate, Interval

#: Narrower than this, nothing is squeezed any further.
_NARROWEST = 40
_FEW = 3
_LONGEST_NAME = 40
_HORIZON = "time_horizon_p"
_BRACKET = "bracket/"
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
    lines = _wrapped(_heading(comparison), room)
    lines += ["", *_numbers(_lines_of(comparison, verbose), room), ""]
    for remark in _remarks(comparison, verbose):
        lines += _wrapped(remark, room)
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
    tasks = f"{_count(comparison.tasks, 'task')} of {_count(comparison.families, 'family', 'families')}"
    names = f"before: {_name(before.agent)}, after: {_name(after.agent)}"
    return f"{names}; {tasks} that both have, {before.runs} and {after.runs} runs"


def _lines_of(comparison: Comparison, verbose: bool) -> list[_Line]:
    return [_line(change, verbose) for change in comparison.changes if _is_there(change)]


def _is_there(change: Change) -> bool:
    """Whether a number is shown: brackets that have no compared tasks are not."""
    return not (change.metric.startswith(_BRACKET) and change.before.value is None and change.after.value is None)


def _line(change: Change, verbose: bool) -> _Line:
    write = format_horizon if change.kind == "horizon" else format_score
    before, after = (" ".join(write(number)[: 2 if verbose else 1]).strip() for number in (change.before, change.after))
    factor, apart = _estimate(change.ratio, three_digits, unit="x"), _difference(change)
    first, second = (factor, apart) if change.kind == "horizon" else (apart, factor)
    return _Line(
        title=_title(change.metric),
        tasks=str(change.tasks),
        before=before,
        after=after,
        change=f"{first}; {second}" if verbose else first,
        higher="-" if change.improved is None else f"{100 * change.improved:.0f} %",
    )


def _title(metric: str) -> str:
    if metric.startswith(_HORIZON):
        return f"horizon at {metric.removeprefix(_HORIZON)} %"
    return metric.removeprefix(_BRACKET).replace("_", " ")


def _difference(change: Change) -> str:
    if change.kind == "horizon":
        return _estimate(change.difference, _doublings, unit=" doublings")
    return _estimate(change.difference, _points, unit=" points")


def _estimate(estimate: Estimate, write: Callable[[float], str], *, unit: str) -> str:
    """Return a change and how well it is known, for example ``+0.5 points [-8.3, +9.0]`` or ``0.94x [0.05, 6.4]``."""
    if estimate.value is None:
        return f"none ({(estimate.problem or 'unknown').replace('_', ' ')})"
    interval = _shown(estimate)
    number = f"{write(estimate.value)}{unit}"
    if math.isinf(estimate.value):
        number = "infinite" if estimate.value > 0 else "minus infinity"
    return f"{number}{'' if interval is None else ' ' + _range(interval, write)}"


def _shown(estimate: Estimate) -> Interval | None:
    """Return the interval of the draws; the bounds where draws do not differ, or the number is no ordinary one."""
    interval = estimate.interval
    ordinary = estimate.problem is None and interval is not None and interval.low < interval.high
    return interval if ordinary else estimate.bounds


def _range(interval: Interval, write: Callable[[float], str]) -> str:
    return f"[{write(interval.low)}, {write(interval.high)}]"


def _points(share: float) -> str:
    points = 100 * share
    if math.isinf(points):
        return three_digits(points)
    return f"{round(points, 1) + 0.0:+.1f}"  # without the minus of a zero


def _doublings(number: float) -> str:
    return f"{'+' if number > 0 else ''}{three_digits(number + 0.0)}"


def _numbers(lines: Sequence[_Line], width: int) -> list[str]:
    table = format_table(_TITLES, [[shorten(printable(line.title), _LONGEST_NAME), *line[1:]] for line in lines])
    if max(map(len, table)) <= width:
        return table
    narrow = []
    for line in lines:
        higher = "" if line.higher == "-" else f", after is higher in {line.higher} of the draws"
        narrow += _wrapped(
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
        if agent.missing:
            yield f"coverage: {side}: {_count(agent.missing, 'run')} without a score, in no number here"
        if agent.zeros_by_rule:
            runs = _count(agent.zeros_by_rule, "run")
            yield f"coverage: {side}: {runs} left out by staging, each a failure with score 0 by rule"


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
            yield f"not compared: {_count(len(tasks), 'task')}, {reason}: {_few(tasks, verbose)}"
    if left_out.other_versions and not comparison.same_versions_only:
        yield f"compared, although of other versions: {_few(left_out.other_versions, verbose)}"


def _wider_bounds(comparison: Comparison) -> Iterator[str]:
    """Say where conditions go by more than the interval that is shown."""
    for change in comparison.changes:
        estimate, write = (change.ratio, three_digits) if change.kind == "horizon" else (change.difference, _points)
        bounds = estimate.bounds
        if estimate.value is not None and bounds is not None and bounds != _shown(estimate):
            yield f"bounds: {_title(change.metric)}: conditions go by {_range(bounds, write)}"


def _few(tasks: Sequence[str], verbose: bool) -> str:
    shown = tasks if verbose else tasks[:_FEW]
    more = len(tasks) - len(shown)
    return ", ".join(map(_name, shown)) + (f" and {more} more" if more else "")


def _name(text: str) -> str:
    return shorten(printable(text), _LONGEST_NAME)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(printable(text), width, subsequent_indent="  ", break_on_hyphens=False)
