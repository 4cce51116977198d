"""What each step of elicitation was worth: a chain of comparisons on the tasks that all steps have runs of.

Source: METR's guidelines for capability elicitation v0.1, which compare agents before and after a step on the same
tasks, by a bootstrap over families and tasks, in points and as a ratio of time horizons.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from pytest_metr.protocol.common import common_tasks
from pytest_metr.protocol.compare import compare_agents
from pytest_metr.protocol.margins import suggest_margins
from pytest_metr.protocol.rows import counted
from pytest_metr.types import (
    BestOf,
    Comparison,
    EvaluationProtocol,
    Gain,
    Impact,
    ImpactStep,
    MarginEnd,
    RunRow,
    UsagePerRun,
)

#: Below so many families the intervals of any bootstrap are too narrow.
FEW_FAMILIES = 10
_SIDES = ("before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a study.

    :param rows: all rows of one agent, one or more, those that do not count among them.
    :param usage: what each run used, by the row's place; empty where nobody knows.
    """

    name: str
    rows: tuple[RunRow, ...]
    best_of: BestOf | None = None
    usage: Mapping[str, UsagePerRun] = field(default_factory=lambda: MappingProxyType({}))
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginRule:
    """Which gains a safety margin is made of.

    :param counted_from: the name of a step: what each later step has gained on it counts. None: what each step has
        gained on the one before it.
    :param steps: the names of the steps whose gains count; empty for all.
    :param end: where it is taken from the gains.
    """

    counted_from: str | None = None
    steps: tuple[str, ...] = ()
    end: MarginEnd = "bounds"


def measure_impact(
    study: str,
    steps: Sequence[Step],
    protocol: EvaluationProtocol,
    *,
    rule: MarginRule | None = None,
    same_versions_only: bool = True,
) -> Impact:
    """Return what each step was worth, on the tasks that all of them have runs of that count.

    On common tasks the differences of scores from step to step add up to the difference from the first step to the
    last, and the ratios of time horizons multiply. Each pair of steps is compared as
    :func:`~pytest_metr.protocol.compare_agents` does.

    :param study: its name.
    :param steps: two or more, of different names.
    :param rule: of the margin; None for the default one.
    :param same_versions_only: leave out tasks of which not all steps have the same version.
    :raises UsageMistake: see :func:`~pytest_metr.protocol.compare_agents`.
    """
    rule = rule or MarginRule()
    common = common_tasks([(step.name, step.rows) for step in steps], protocol, same_versions_only=same_versions_only)
    pairs = _Pairs(steps, common.rows, protocol, same_versions_only=same_versions_only)
    later = range(1, len(steps) if common.tasks else 1)
    gains = tuple(pairs.gain(place - 1, place) for place in later)
    from_first = tuple(pairs.gain(0, place) for place in later)
    families = {row.family for row in common.rows[0]}
    return Impact(
        study=study,
        protocol=protocol,
        tasks=common.tasks,
        families=len(families),
        steps=tuple(_step(step, rows, protocol) for step, rows in zip(steps, common.rows, strict=True)),
        gains=gains,
        from_first=from_first,
        margin_from=rule.counted_from,
        margin_end=rule.end,
        margins=suggest_margins(_that_count(rule, steps, pairs), rule.end) if common.tasks else (),
        not_compared=common.not_compared,
        same_versions_only=same_versions_only,
        warnings=tuple(_warnings(steps, common.tasks, len(families), pairs)),
    )


class _Pairs:
    """Comparisons of two steps each, made once."""

    def __init__(
        self,
        steps: Sequence[Step],
        rows: Sequence[Sequence[RunRow]],
        protocol: EvaluationProtocol,
        *,
        same_versions_only: bool,
    ) -> None:
        self._names = [step.name for step in steps]
        self._rows = rows
        self._protocol = protocol
        self._same_versions_only = same_versions_only
        self.made: dict[tuple[str, str], Comparison] = {}

    def gain(self, before: int, after: int) -> Gain:
        names = self._names[before], self._names[after]
        if names not in self.made:
            self.made[names] = compare_agents(
                self._rows[before], self._rows[after], self._protocol, same_versions_only=self._same_versions_only
            )
        return Gain(before=names[0], after=names[1], changes=self.made[names].changes)


def _that_count(rule: MarginRule, steps: Sequence[Step], pairs: _Pairs) -> list[Gain]:
    names = [step.name for step in steps]
    first = 0 if rule.counted_from is None else names.index(rule.counted_from)
    return [
        pairs.gain(place - 1 if rule.counted_from is None else first, place)
        for place in range(first + 1, len(steps))
        if not rule.steps or names[place] in rule.steps
    ]


def _step(step: Step, rows: Sequence[RunRow], protocol: EvaluationProtocol) -> ImpactStep:
    own = [rows[place] for place in counted(rows, protocol)]
    return ImpactStep(
        name=step.name,
        agent=step.rows[0].agent,
        runs=len(own),
        zeros_by_rule=sum(row.zero_by_rule for row in own),
        missing=sum(row.missing and protocol.counts(row.split) for row in step.rows),
        best_of=step.best_of,
        usage=_mean_usage([row for row in own if not row.zero_by_rule], step.usage),
        sources=step.sources,
    )


def _mean_usage(rows: Sequence[RunRow], usage: Mapping[str, UsagePerRun]) -> UsagePerRun | None:
    used = [usage[row.place] for row in rows if row.place is not None and row.place in usage]
    if not used or len(used) < len(rows):
        return None
    return UsagePerRun(
        seconds=math.fsum(each.seconds for each in used) / len(used),
        tokens=_mean([each.tokens for each in used]),
        cost=_mean([each.cost for each in used]),
    )


def _mean(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return math.fsum(known) / len(known) if len(known) == len(numbers) else None


def _warnings(steps: Sequence[Step], tasks: int, families: int, pairs: _Pairs) -> Iterator[str]:
    if not tasks:
        yield "no task has runs that count in every step"
    elif families < FEW_FAMILIES:
        word = "1 family" if families == 1 else f"{families} families"
        yield f"all tasks are of {word}: the intervals are too narrow, and so are margins made of them"
    for step in steps:
        if step.best_of is not None and step.best_of.without_log:
            best = step.best_of
            yield (
                f"{step.name}: in {best.without_log} of {best.groups} groups no run has a score log to choose by, "
                f"so that the first one counts as if it were alone"
            )
    yield from _of_comparisons(pairs.made)


def _of_comparisons(made: Mapping[tuple[str, str], Comparison]) -> Iterator[str]:
    """Yield the warnings of the comparisons, each sentence once with the steps that it is about."""
    about: dict[str, dict[str, None]] = {}
    for names, comparison in made.items():
        for warning in comparison.warnings:
            side, _, sentence = warning.partition(": ")
            if side in (*_SIDES, "both"):
                of = [name for word, name in zip(_SIDES, names, strict=True) if side in (word, "both")]
            else:
                of, sentence = [f"{names[0]} to {names[1]}"], warning
            about.setdefault(sentence, {}).update(dict.fromkeys(of))
    yield from (f"{', '.join(of)}: {sentence}" for sentence, of in about.items())
