"""The parts of a protocol file that are more than one value: brackets, runs, checks, percents."""

from __future__ import annotations

import math
import re

from pytest_metr.fields import Fields, describe, suggestion
from pytest_metr.protocol.checks import CHECKS
from pytest_metr.types import Bracket, CheckRule, RunsRule

#: What a file writes for a part that it does without.
NONE = "none"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_MOST_RUNS = 10_000


def read_brackets(fields: Fields) -> tuple[float, tuple[Bracket, ...]] | None:
    """Return the human minutes at which the first bracket begins, and all brackets; None where none are given."""
    sections = fields.mapping("brackets")
    if "brackets" not in fields:
        return None
    names = sections.names()
    if not names:
        fields.wrong("brackets", "expected at least one bracket, found an empty mapping")
    lowest, last = 0.0, 0.0
    brackets = []
    for name in names:
        if not _NAME.fullmatch(name):
            sections.wrong(name, "expected a name of at most 60 letters, digits and _ . -")
        section = sections.mapping(name)
        if name == names[0]:
            lowest = last = section.number("from", "of at least 0", lambda n: n >= 0) or 0.0
        bracket = _bracket(name, section, above=last, is_last=name == names[-1])
        section.finish()
        brackets.append(bracket)
        last = bracket.upper
    return lowest, tuple(brackets)


def _bracket(name: str, section: Fields, *, above: float, is_last: bool) -> Bracket:
    among = f"of minutes above {above:g}, so that the brackets rise"
    up_to = section.number("up_to", among, lambda n: n > above)
    below = section.number("below", among, lambda n: n > above)
    if up_to is not None and below is not None:
        section.wrong("below", "expected either up_to or below, found both")
    if up_to is not None:
        return Bracket(name=name, upper=up_to)
    if below is not None:
        return Bracket(name=name, upper=below, inclusive=False)
    if not is_last:
        section.wrong("up_to", "missing; expected up_to or below: the last bracket alone may have no upper end")
    return Bracket(name=name, upper=math.inf)


def read_threshold(success: Fields, otherwise: float | None) -> float | None:
    """Return the score above which a run is a success, None for each task's own."""
    given = success.value("threshold")
    if "threshold" not in success:
        return otherwise
    if given == "task":
        return None
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        success.wrong("threshold", f"expected task or a number, found {describe(given)}")
    return success.number("threshold", "of at least 0 and below 1, or task", lambda n: 0 <= n < 1)


def read_percents(horizon: Fields) -> tuple[int, ...]:
    """Return the chances of success in percent; the empty tuple where none are given."""
    percents = horizon.items("percents")
    for number, percent in enumerate(percents):
        if isinstance(percent, bool) or not isinstance(percent, int) or not 0 < percent < 100:
            horizon.wrong(f"percents[{number}]", f"expected a whole number from 1 to 99, found {describe(percent)}")
        if percent in percents[:number]:
            horizon.wrong(f"percents[{number}]", f"expected each percent once, found {percent} again")
    if "percents" in horizon and not percents:
        horizon.wrong("percents", "expected at least one percent, found an empty list")
    return tuple(percents)


def read_runs(fields: Fields, otherwise: RunsRule) -> RunsRule:
    """Return how often tasks are run; *most* is asked for exactly where rounds go on until it is decided."""
    runs = fields.mapping("runs")
    first = runs.whole("first", f"from 1 to {_MOST_RUNS}", lambda n: 1 <= n <= _MOST_RUNS) or otherwise.first
    until = runs.choice("until", ("first", "decided"))
    most = runs.whole("most", f"from {first} (first) to {_MOST_RUNS}", lambda n: first <= n <= _MOST_RUNS)
    runs.finish()
    if until == "decided" and most is None:
        runs.wrong("most", "missing; expected the number of runs of each task at which the rounds end")
    if until != "decided" and most is not None:
        runs.wrong("most", "expected until: decided beside it; without rounds every task is run `first` times")
    return RunsRule(first=first, adaptive=until == "decided", most=most or first)


def read_checks(fields: Fields, otherwise: tuple[CheckRule, ...]) -> tuple[CheckRule, ...]:
    """Return the checks in the order of :data:`CHECKS`; ``none`` leaves a check out."""
    asked = {rule.name: rule for rule in otherwise}
    given = fields.mapping("checks")
    for name in given.names():
        if name not in CHECKS:
            given.wrong(name, f"unknown check; expected one of {', '.join(CHECKS)}{suggestion(name, CHECKS)}")
        if given.value(name) == NONE:
            asked.pop(name, None)
        else:
            asked[name] = CheckRule(name=name, bound=_bound(given, name))
    return tuple(asked[name] for name in CHECKS if name in asked)


def _bound(given: Fields, name: str) -> float | None:
    check, value = CHECKS[name], given.value(name)
    if check.direction == "holds":
        if value is not True:
            given.wrong(name, f"expected true, or none to leave the check out, found {describe(value)}")
        return None
    if value is None or isinstance(value, (str, bool)):
        given.wrong(name, f"expected a number {check.among}, or none to leave the check out, found {describe(value)}")
    return given.number(name, check.among, check.good)
