"""What each step of elicitation was worth: by hand, as a chain, and what it may not depend on."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings

from benchmarks.impact import covered
from pytest_metr.protocol import compare_agents
from pytest_metr.protocol.impact import MarginRule, Step, measure_impact
from pytest_metr.types import BestOf, NotCompared, UsagePerRun

from .compare_rows import negated, runs_of
from .impact_steps import change_of, step, three_steps, value
from .runs import PROTOCOL, make_row, properties

FEW_DRAWS = replace(PROTOCOL, draws=30)
few = settings(properties, max_examples=12)

BASE = step("base", {"f/a": [0.0, 0.0], "f/b": [0.0], "g/c": [1.0]})
TUNED = step("tuned", {"f/a": [1.0, 0.0], "f/b": [0.0], "g/c": [1.0]})
SCAFFOLD = step("scaffold", {"f/a": [1.0, 1.0], "f/b": [1.0, 0.0], "g/c": [1.0]})


def test_the_differences_are_those_that_a_person_computes() -> None:
    impact = measure_impact("by hand", [BASE, TUNED, SCAFFOLD], PROTOCOL)
    # invsqrt_family: a task of f weighs 1/sqrt(2), that of g 1; together 2/sqrt(2) + 1 = sqrt(2) + 1.
    of_f, of_g = (1 / math.sqrt(2)) / (math.sqrt(2) + 1), 1 / (math.sqrt(2) + 1)
    # base: a 0, b 0, c 1; tuned: a 1/2, b 0, c 1; scaffold: a 1, b 1/2, c 1.
    assert [change_of(gain).before.value for gain in impact.gains] == pytest.approx([of_g, of_f / 2 + of_g])
    assert [value(gain) for gain in impact.gains] == pytest.approx([of_f / 2, of_f])
    assert [value(gain) for gain in impact.from_first] == pytest.approx([of_f / 2, 1.5 * of_f])
    assert (impact.tasks, impact.families) == (3, 2)
    assert [(found.name, found.runs, found.missing) for found in impact.steps] == [
        ("base", 4, 0),
        ("tuned", 4, 0),
        ("scaffold", 5, 0),
    ]


def test_the_gains_are_those_of_two_agents_compared() -> None:
    impact = measure_impact("pairs", [BASE, TUNED, SCAFFOLD], PROTOCOL)
    assert impact.gains[1].changes == compare_agents(TUNED.rows, SCAFFOLD.rows, PROTOCOL).changes
    assert impact.from_first[1].changes == compare_agents(BASE.rows, SCAFFOLD.rows, PROTOCOL).changes
    assert impact.gains[0] == impact.from_first[0]


def test_only_tasks_of_all_steps_are_compared_and_the_others_are_named_by_the_reason() -> None:
    unscored = (make_row("g/d", agent="tuned", score=None, status="infra_error"),)
    steps = [
        step("base", {"f/a": [0.0], "f/b": [0.0], "g/d": [1.0]}),
        replace(TUNED, rows=(*TUNED.rows, *unscored)),
        step("scaffold", {"f/a": [1.0], "f/b": [1.0], "g/d": [0.0], "h/e": [1.0]}),
    ]
    impact = measure_impact("gaps", steps, PROTOCOL)
    assert (impact.tasks, impact.families) == (2, 1)
    assert impact.not_compared == (
        NotCompared(task_id="g/c", reason="no_runs", steps=("base", "scaffold")),
        NotCompared(task_id="g/d", reason="no_score", steps=("tuned",)),
        NotCompared(task_id="h/e", reason="no_runs", steps=("base", "tuned")),
    )
    assert [found.missing for found in impact.steps] == [0, 1, 0]
    assert value(impact.gains[0]) == pytest.approx(0.25)  # a: 0 to 1/2, b: 0 to 0, of the same weight


def test_a_task_must_be_the_same_in_all_steps_not_only_in_neighbours() -> None:
    def of_version(found: Step, version: str | None) -> Step:
        return replace(found, rows=tuple(replace(row, task_version=version) for row in found.rows))

    # The middle one does not say its version, and so agrees with both of the others, which are not the same.
    steps = [of_version(BASE, "1"), of_version(TUNED, None), of_version(SCAFFOLD, "2")]
    strict = measure_impact("versions", steps, PROTOCOL)
    assert (strict.tasks, strict.gains, strict.margins) == (0, (), ())
    assert {found.reason for found in strict.not_compared} == {"other_versions"}
    assert strict.warnings == ("no task has runs that count in every step",)
    asked = measure_impact("versions", steps, PROTOCOL, same_versions_only=False)
    assert (asked.tasks, len(asked.not_compared)) == (3, 3)


def test_a_split_that_does_not_count_is_neither_compared_nor_named() -> None:
    rows = [(make_row("f/d", agent=name, split="dev"), make_row("f/t", agent=name, split="test")) for name in "ab"]
    steps = [Step(name=own[0].agent, rows=own) for own in rows]
    impact = measure_impact("split", steps, replace(PROTOCOL, split="test"))
    assert (impact.tasks, impact.not_compared) == (1, ())


def test_a_step_compared_with_itself_has_gained_nothing() -> None:
    scores = {"f/a": [1.0, 0.0], "f/b": [0.0, 1.0], "g/c": [1.0, 0.0]}
    once, again = (Step(name=name, rows=tuple(runs_of("agent", scores))) for name in ("once", "again"))
    impact = measure_impact("itself", [once, again], PROTOCOL)
    for change in impact.gains[0].changes[:2]:
        assert change.difference.value == 0.0
        assert change.ratio.value == 1.0
        assert change.improved == 0.5
        assert change.difference.interval is not None
        assert change.difference.interval.low < 0 < change.difference.interval.high
    assert any("this compares nothing" in warning for warning in impact.warnings)


def test_warnings_are_told_once_with_the_steps_that_they_are_about() -> None:
    steps = [step(name, {"f/a": [score], "f/b": [0.0]}) for name, score in (("x", 0.0), ("y", 1.0), ("z", 1.0))]
    impact = measure_impact("one family", steps, PROTOCOL)
    assert [warning for warning in impact.warnings if "other families" in warning] == [
        "x, y, z: all runs are of one family: the interval does not tell how other families would go"
    ]
    assert impact.warnings[0] == (
        "all tasks are of 1 family: the intervals are too narrow, and so are margins made of them"
    )


def test_groups_without_a_log_are_warned_of() -> None:
    best = BestOf(step="base", n=2, groups=4, by_log=1, tied=0, without_log=3, left_over=0)
    impact = measure_impact("best", [BASE, replace(TUNED, best_of=best)], PROTOCOL)
    assert any(warning.startswith("tuned: in 3 of 4 groups no run has a score log") for warning in impact.warnings)


def test_usage_is_the_mean_over_the_runs_that_are_compared() -> None:
    rows = tuple(replace(row, place=str(place)) for place, row in enumerate(BASE.rows))
    usage = {
        str(place): UsagePerRun(seconds=float(place), tokens=10.0 * place, cost=None) for place in range(len(rows))
    }
    only_f = step("f", {"f/a": [0.0], "f/b": [0.0]})
    impact = measure_impact("usage", [replace(BASE, rows=rows, usage=usage), only_f], PROTOCOL)
    assert impact.steps[0].usage == UsagePerRun(seconds=1.0, tokens=10.0, cost=None)  # of 0, 1, 2: that of g is 3
    assert impact.steps[1].usage is None


def test_a_margin_counts_from_a_step_or_of_some_steps() -> None:
    def margin(rule: MarginRule) -> tuple[object, ...]:
        impact = measure_impact("margin", [BASE, TUNED, SCAFFOLD], PROTOCOL, rule=rule)
        found = next(margin for margin in impact.margins if margin.metric == "overall_score")
        return found.before, found.after, found.end

    of_f = (1 / math.sqrt(2)) / (math.sqrt(2) + 1)
    assert margin(MarginRule(end="estimate")) == ("tuned", "scaffold", pytest.approx(of_f))
    assert margin(MarginRule(end="estimate", steps=("tuned",))) == ("base", "tuned", pytest.approx(of_f / 2))
    assert margin(MarginRule(end="estimate", counted_from="base")) == ("base", "scaffold", pytest.approx(1.5 * of_f))
    assert margin(MarginRule(end="estimate", counted_from="tuned")) == ("tuned", "scaffold", pytest.approx(of_f))


@few
@given(three_steps())
def test_the_chain_adds_up(steps: list[Step]) -> None:
    impact = measure_impact("chain", steps, FEW_DRAWS)
    for metric in ("overall_score", "success_rate"):
        parts = math.fsum(value(gain, metric) for gain in impact.gains)
        assert value(impact.from_first[-1], metric) == pytest.approx(parts, abs=1e-12)
    whole = change_of(impact.from_first[-1], "time_horizon_p50").ratio.value
    ratios = [change_of(gain, "time_horizon_p50").ratio.value for gain in impact.gains]
    known = [ratio for ratio in ratios if ratio is not None and 0 < ratio < math.inf]
    if len(known) == len(ratios):
        assert whole == pytest.approx(math.prod(known), rel=1e-9)


@few
@given(three_steps())
def test_turned_around_every_gain_is_negated_and_every_ratio_inverted(steps: list[Step]) -> None:
    forwards, backwards = measure_impact("f", steps, FEW_DRAWS), measure_impact("b", steps[::-1], FEW_DRAWS)
    assert forwards.not_compared == tuple(
        replace(task, steps=task.steps[::-1]) if len(task.steps) > 1 else task for task in backwards.not_compared
    )
    for gain, turned in zip(forwards.gains, reversed(backwards.gains), strict=True):
        for change, other in zip(gain.changes, turned.changes, strict=True):
            if change.kind == "score" and change.difference.value is not None:
                assert other.difference.value == -change.difference.value
            assert other.difference.interval == negated(change.difference.interval)
            assert other.difference.bounds == negated(change.difference.bounds)
            if change.ratio.value is not None and 0 < change.ratio.value < math.inf:
                assert other.ratio.value == pytest.approx(1 / change.ratio.value)


@few
@given(three_steps())
def test_the_order_of_rows_does_not_matter(steps: list[Step]) -> None:
    chance = random.Random(1)
    mixed = [replace(found, rows=tuple(chance.sample(found.rows, len(found.rows)))) for found in steps]
    assert measure_impact("m", mixed, FEW_DRAWS) == measure_impact("m", steps, FEW_DRAWS)


def test_intervals_hold_the_truth_of_a_population_and_margins_are_no_less() -> None:
    """Few repetitions; benchmarks/impact makes more."""
    rates = covered(repetitions=20, families=20, runs=1, rng=random.Random(5))
    assert min(rates.score, rates.horizon) >= 0.85
    assert min(rates.score_margin, rates.horizon_margin) >= 0.9
