"""Suggested safety margins, as a gate file has them and in sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pytest_metr.report.changed import is_bracket, metric_title, short_name
from pytest_metr.types import Impact, SuggestedMargin

#: What YAML reads as text without quotes.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/.-]*")
_ENDS = {
    "bounds": "the upper end of the bounds",
    "interval": "the upper end of the interval",
    "estimate": "the estimate alone, which the true gain is above as often as below,",
}


def margin_lines(impact: Impact, *, verbose: bool) -> list[str]:
    """Return the margins as lines of YAML for a gate file: its rules, but for the thresholds; nothing without any.

    :param verbose: whether to return those of the brackets as well.
    """
    shown = [margin for margin in _shown(impact, verbose) if margin.margin is not None]
    lines = ["rules:"] if shown else []
    for margin in shown:
        metric = margin.metric if _PLAIN.fullmatch(margin.metric) else json.dumps(margin.metric)
        lines += [f"  - metric: {metric}", "    must_stay: below", f"    margin: {margin.margin}"]
    return lines


def margin_remarks(impact: Impact, *, verbose: bool) -> Iterator[str]:
    """Yield what the margins are made of, what they assume, and what is wrong with them."""
    if not impact.margins:
        return
    on = "the step before" if impact.margin_from is None else short_name(impact.margin_from)
    yield (
        f"margin: {_ENDS[impact.margin_end]} of the largest gain on {on}; it assumes that what is added before the "
        "next evaluation is worth no more than the largest gain seen here, and tasks like these"
    )
    for margin in _shown(impact, verbose):
        told = metric_title(margin.metric)
        if margin.margin is not None and margin.after is not None and margin.before is not None:
            yield f"margin: {told}: {margin.margin}, by {short_name(margin.after)} on {short_name(margin.before)}"
        yield from (f"margin: {told}: {remark}" for remark in margin.remarks)


def _shown(impact: Impact, verbose: bool) -> Iterator[SuggestedMargin]:
    return (margin for margin in impact.margins if verbose or not is_bracket(margin.metric))
