"""A comparison as text and as Markdown."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from pytest_metr.report.comparison import comparison_lines, comparison_markdown
from pytest_metr.types import Change, ComparedAgent, Comparison, Estimate, Interval, LeftOut

from .results import HOSTILE_NAMES, PROTOCOL, estimate

NOTHING = Estimate(value=None, problem="both: no_runs")


def score_change(metric: str, *, tasks: int = 9, **more: Any) -> Change:
    change = Change(
        metric=metric,
        kind="score",
        tasks=tasks,
        before=estimate(0.25, 0.2, 0.3),
        after=estimate(0.3, 0.24, 0.36),
        difference=estimate(0.05, -0.0123, 0.11),
        ratio=estimate(1.2, 0.95, 1.5),
        improved=0.937,
    )
    return replace(change, **more)


def horizon_change(**more: Any) -> Change:
    change = Change(
        metric="time_horizon_p50",
        kind="horizon",
        tasks=8,
        before=estimate(4.0, 1.0, 9.0),
        after=estimate(3.0, 1.0, 9.0),
        difference=estimate(math.log2(0.75), -2.0, 1.0),
        ratio=estimate(0.75, 0.25, 2.0),
        improved=0.4,
    )
    return replace(change, **more)


def make_comparison(*changes: Change, **more: Any) -> Comparison:
    comparison = Comparison(
        before=ComparedAgent(agent="checkpoint-1100", runs=36),
        after=ComparedAgent(agent="checkpoint-1200", runs=27),
        protocol=PROTOCOL,
        tasks=9,
        families=1,
        changes=changes
        or (score_change("overall_score"), horizon_change(), score_change("bracket/few_minutes", tasks=2)),
    )
    return replace(comparison, **more)


def text(comparison: Comparison, *, width: int = 100, verbose: bool = False) -> str:
    return "\n".join(comparison_lines(comparison, width=width, verbose=verbose))


def row_of(comparison: Comparison, title: str, **options: bool) -> str:
    return next(line for line in text(comparison, width=200, **options).split("\n") if line.startswith(title))


def test_each_number_has_a_line_with_what_has_changed() -> None:
    lines = comparison_lines(make_comparison(), width=100)
    assert lines[0] == (
        "before: checkpoint-1100, after: checkpoint-1200; 9 tasks of 1 family that both have, 36 and 27 runs"
    )
    assert lines[2:7] == [
        "                                                                  after is",
        "                 tasks  before  after                     change    higher",
        "overall score        9   0.250  0.300  +5.0 points [-1.2, +11.0]      94 %",
        "horizon at 50 %      8   4 min  3 min            0.75x [0.25, 2]      40 %",
        "few minutes          2   0.250  0.300  +5.0 points [-1.2, +11.0]      94 %",
    ]


def test_a_verbose_line_has_intervals_ratios_and_doublings() -> None:
    line = row_of(make_comparison(), "overall score", verbose=True)
    assert "0.250 [0.200, 0.300]" in line
    assert "+5.0 points [-1.2, +11.0]; 1.2x [0.95, 1.5]" in line
    assert "0.75x [0.25, 2]; -0.415 doublings [-2, +1]" in row_of(make_comparison(), "horizon", verbose=True)


def test_brackets_without_compared_tasks_are_not_shown_but_other_numbers_are() -> None:
    gone: dict[str, Any] = {
        "before": NOTHING,
        "after": NOTHING,
        "difference": NOTHING,
        "ratio": NOTHING,
        "improved": None,
    }
    shown = text(make_comparison(score_change("overall_score", tasks=0, **gone), score_change("bracket/long", **gone)))
    assert "none (both: no runs)" in shown
    assert "long" not in shown


def test_a_change_without_end_is_told_with_what_conditions_go_by() -> None:
    infinite = Estimate(
        value=math.inf, bounds=Interval(low=0.5, high=math.inf), problem="before: all_failures", left_out=1000
    )
    assert "infinite [0.5, inf]" in row_of(make_comparison(horizon_change(ratio=infinite)), "horizon")


def test_a_change_that_no_draw_moves_is_shown_with_its_bounds() -> None:
    still = Estimate(value=0.0, interval=Interval(low=0, high=0), bounds=Interval(low=-0.3, high=0.3))
    assert "+0.0 points [-30.0, +30.0]" in row_of(
        make_comparison(score_change("overall_score", difference=still)), "overall"
    )


def test_bounds_that_are_wider_than_the_interval_are_told() -> None:
    wider = Estimate(
        value=0.05, interval=Interval(low=-0.01, high=0.1), bounds=Interval(low=-0.4, high=0.2), left_out=0
    )
    shown = text(make_comparison(score_change("overall_score", difference=wider)))
    assert "bounds: overall score: conditions go by [-40.0, +20.0]" in shown


def test_what_is_not_compared_is_told_in_full_when_verbose() -> None:
    names = tuple(f"family/task{number}" for number in range(5))
    comparison = make_comparison(
        left_out=LeftOut(only_before=names, only_after=("a/b",), without_score=("c/d",), other_versions=("e/f",)),
        before=ComparedAgent(agent="old", runs=3, missing=1, zeros_by_rule=2),
        warnings=("both: all runs are of one family",),
    )
    shown = text(comparison, width=200)
    assert "not compared: 5 tasks, only before: family/task0, family/task1, family/task2 and 2 more" in shown
    assert "not compared: 1 task, only after: a/b" in shown
    assert "not compared: 1 task, without a score on one side: c/d" in shown
    assert "not compared: 1 task, other versions: e/f" in shown
    assert "coverage: before: 1 run without a score, in no number here" in shown
    assert "coverage: before: 2 runs left out by staging, each a failure with score 0 by rule" in shown
    assert "warning: both: all runs are of one family" in shown
    assert "family/task4" not in shown
    assert "family/task4" in text(comparison, width=200, verbose=True)


def test_tasks_of_other_versions_that_are_compared_are_told_so() -> None:
    shown = text(make_comparison(left_out=LeftOut(other_versions=("e/f",)), same_versions_only=False))
    assert "compared, although of other versions: e/f" in shown
    assert "not compared" not in shown


@pytest.mark.parametrize("width", [1, 40, 60, 79])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_terminal(width: int, verbose: bool) -> None:
    lines = comparison_lines(make_comparison(), width=width, verbose=verbose)
    assert max(map(len, lines)) <= max(width, 40)
    words = " ".join(" ".join(lines).split())
    assert "+5.0 points [-1.2, +11.0]" in words


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_cannot_do_anything(name: str) -> None:
    comparison = make_comparison(
        score_change(f"bracket/{name}"),
        before=ComparedAgent(agent=name, runs=1),
        left_out=LeftOut(only_before=(name,)),
    )
    for line in comparison_lines(comparison, width=100):
        assert line.isprintable()
    markdown = comparison_markdown(comparison)
    assert all(char.isprintable() or char == "\n" for char in markdown)
    assert "<script" not in markdown
    assert "@all" not in markdown
    rows = [line for line in markdown.split("\n") if line.startswith("|")]
    assert {row.count("|") for row in rows} == {7}


def test_markdown_has_the_table_the_remarks_and_the_protocol() -> None:
    markdown = comparison_markdown(make_comparison(warnings=("look here",)))
    assert "|  | tasks | before | after | change | after is higher |\n| --- | ---: |" in markdown
    assert "| horizon at 50 % | 8 | 4 min | 3 min | 0.75x &#91;0.25, 2&#93; | 40 % |" in markdown
    assert "- warning: look here\n" in markdown
    assert "- protocol plain 1: " in markdown
    assert markdown.endswith("\n")
    assert not markdown.endswith("\n\n")
