"""A result as lines of a terminal."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.report import result_lines
from pytest_metr.types import AgentResult, Bracket, Estimate, HorizonResult, Interval, ScoreResult

from .records import properties, texts
from .results import HOSTILE_NAMES, check, degenerate, estimate, make_agent, make_result

NARROW = 80


def shown(result: ScoreResult, *, width: int = NARROW, verbose: bool = False) -> str:
    return "\n".join(result_lines(result, width=width, verbose=verbose)) + "\n"


def numbered(name: str = "gpt", **more: Any) -> AgentResult:
    """Return an agent whose every number is round."""
    horizon = HorizonResult(
        intercept=1.0, slope=-0.5, at={"50": estimate(3.4, 0.272, 13.8), "80": estimate(0.5, 0.02, 240)}
    )
    score, rate = estimate(0.25, 0.2, 0.3), estimate(0.2, 0.1, 0.35)
    return make_agent(name, overall_score=score, success_rate=rate, horizon=horizon, **more)


def test_agents_stand_side_by_side_with_their_numbers_and_all_that_these_depend_on() -> None:
    result = make_result(numbered("GPT-4 Turbo"), numbered("o1", tasks=7, runs=1234))
    assert shown(result, width=140) == (
        "agent        tasks  runs         overall score          success rate"
        "           50 % horizon       80 % horizon\n"
        "GPT-4 Turbo     13    52  0.250 [0.200, 0.300]  0.200 [0.100, 0.350]"
        "  3.4 min [0.272, 13.8]  30 s [1.2 s, 4 h]\n"
        "o1               7  1234  0.250 [0.200, 0.300]  0.200 [0.100, 0.350]"
        "  3.4 min [0.272, 13.8]  30 s [1.2 s, 4 h]\n"
        "\n"
        "                      few  several  under an    few\n"
        "score by bracket  minutes  minutes      hour  hours  day long\n"
        "GPT-4 Turbo         0.750    0.667     0.417  0.167     0.125\n"
        "o1                  0.750    0.667     0.417  0.167     0.125\n"
        "tasks                   2        3         3      3         2\n"
        "\n"
        "protocol plain 1: weights invsqrt_family, success above each task's own threshold,"
        " horizon fitted to successes with penalty 0.1, 95 %\n"
        "  intervals from 1000 draws, seed 0, all splits, sha256:0123456789ab\n"
        "runs from runs.jsonl\n"
    )


def test_a_table_that_is_too_wide_goes_on_below_with_the_horizons_together() -> None:
    lines = result_lines(make_result(numbered()), width=NARROW)
    assert lines[:5] == [
        "agent  tasks  runs         overall score          success rate",
        "gpt       13    52  0.250 [0.200, 0.300]  0.200 [0.100, 0.350]",
        "",
        "agent           50 % horizon       80 % horizon",
        "gpt    3.4 min [0.272, 13.8]  30 s [1.2 s, 4 h]",
    ]


def test_horizons_that_do_not_exist_say_why() -> None:
    text = shown(make_result(*degenerate()), width=140)
    for words in ("0 [0, 30 min]", "> 3.33 h (all succeed)", "none (not falling)", "none (no human minutes)"):
        assert text.count(words) == 2, words


def test_brackets_without_any_task_are_left_out_and_tasks_are_counted() -> None:
    lines = result_lines(make_result(make_agent("one"), *degenerate()), width=120)
    start = next(number for number, line in enumerate(lines) if line.startswith("score by bracket"))
    assert "month" not in "".join(lines[start - 2 : start + 1])
    assert lines[start + 6].split() == ["absent", "-", "-", "-", "-", "-"]
    assert lines[start + 7].split() == ["tasks", "0-2", "0-3", "0-3", "0-3", "0-2"]


def test_runs_that_are_missing_or_zero_by_rule_are_told() -> None:
    text = shown(make_result(make_agent("one", missing=1, floor=0.4), make_agent("two", zeros_by_rule=12)), width=140)
    assert (
        "coverage: one: 1 run without a score, in no number here; the overall score is 0.400 where each counts 0\n"
        in text
    )
    assert "coverage: two: 12 runs left out by staging, each a failure with score 0 by rule\n" in text


def test_the_same_warning_of_several_agents_is_told_once() -> None:
    agents = [make_agent(name, warnings=("one family only",)) for name in ("a", "b", "c", "d")]
    agents[3] = replace(agents[3], warnings=("one family only", "no minutes"))
    text = shown(make_result(*agents))
    assert text.count("one family only") == 1
    assert "warning: all agents: one family only\n" in text
    assert "warning: d: no minutes\n" in text
    assert "warning: a, b: one family only\n" in shown(make_result(*agents[:2], make_agent("e")))
    assert "warning: 4 agents: one family only\n" in shown(make_result(*agents, make_agent("e")))


def test_a_warning_of_the_horizon_is_told_once_even_where_the_agent_repeats_it() -> None:
    horizon = replace(make_agent().horizon, warnings=("rising",))
    assert shown(make_result(make_agent(horizon=horizon, warnings=("rising",)))).count("rising") == 1


def test_checks_that_do_not_pass_are_told_and_all_of_them_with_their_reasons_where_asked() -> None:
    checks = (
        check("coverage", "failed", "3 of 55 runs are missing"),
        check("canary", "unknown", "no transcript"),
        check("runs_per_task", "passed", "4 runs of every task"),
    )
    result = make_result(make_agent(checks=checks))
    text = shown(result)
    assert "check failed: gpt: coverage: 3 of 55 runs are missing\n" in text
    assert "checks unknown: gpt: canary\n" in text
    assert "checks: 1 of 3 passed, 1 failed, 1 unknown\n" in text
    assert "runs_per_task" not in text
    text = shown(result, verbose=True)
    assert "check failed: gpt: coverage: 3 of 55 runs are missing\n" in text
    assert "check unknown: gpt: canary: no transcript\n" in text
    assert "check passed: gpt: runs_per_task: 4 runs of every task\n" in text


def test_a_check_of_several_agents_is_one_line_unless_all_is_asked_for() -> None:
    def checks(number: int) -> Any:
        failed = check("at_limit", "failed", f"a limit ended {number} runs")
        return (failed, check("canary", "unknown", f"{number}"), check("noop_fails", "unknown", "no such run"))

    result = make_result(*(make_agent(f"a{number}", checks=checks(number)) for number in (5, 7)))
    text = shown(result)
    assert "check failed: all agents: at_limit: a5: a limit ended 5 runs\n" in text
    assert "checks unknown: all agents: canary, noop_fails\n" in text
    assert "ended 7" not in text
    text = shown(result, verbose=True)
    assert "check failed: a7: at_limit: a limit ended 7 runs\n" in text
    assert "check unknown: all agents: noop_fails: no such run\n" in text


def test_draws_that_the_interval_leaves_out_are_told_with_the_bounds() -> None:
    point = Estimate(value=2.0, interval=Interval(low=1, high=4), bounds=Interval(low=0, high=math.inf), left_out=132)
    horizon = HorizonResult(intercept=1, slope=-1, at={"50": point})
    assert ("bounds: gpt: 132 of 1000 draws have no horizon; with them the bounds at 50 % are [0, inf]\n") in shown(
        make_result(make_agent(horizon=horizon)), width=120
    )


def test_verbose_lists_the_tasks_of_each_agent() -> None:
    lines = result_lines(make_result(make_agent("one"), make_agent("two")), width=NARROW, verbose=True)
    assert lines.index("task of one    minutes  runs     rate  score  weight") < lines.index(
        "task of two    minutes  runs     rate  score  weight"
    )
    assert "family0/main       1.5     4    0.750  0.750  0.0769" in lines


@pytest.mark.parametrize("width", [40, 80, 100, 132, 200])
def test_hostile_names_neither_break_lines_nor_leave_the_width(width: int) -> None:
    brackets = tuple(Bracket(name=name or "empty", upper=2.0**number) for number, name in enumerate(HOSTILE_NAMES))
    result = make_result(*map(make_agent, HOSTILE_NAMES), brackets=brackets)
    lines = result_lines(result, width=width, verbose=True)
    assert all(line.isprintable() and len(line) <= max(width, 48) for line in lines)
    assert not any("\x1b" in line for line in lines)


numbers = st.one_of(st.none(), st.floats(allow_nan=False), st.floats(0, 1), st.sampled_from([0.0, math.inf]))
problems = st.sampled_from([None, "all_failures", "all_successes", "not_falling", "no_runs", "no_human_minutes"])


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    low, high = sorted([draw(st.floats(0, allow_nan=False)), draw(st.floats(0, allow_nan=False))])
    interval = draw(st.sampled_from([None, Interval(low=low, high=high)]))
    bounds = draw(st.sampled_from([None, interval, Interval(low=0, high=high), Interval(low=low, high=math.inf)]))
    return Estimate(
        value=draw(numbers), interval=interval, bounds=bounds, problem=draw(problems), left_out=draw(st.integers(0, 9))
    )


@properties
@given(texts, estimates(), estimates(), st.integers(20, 160), st.booleans())
def test_any_result_is_lines_that_a_terminal_can_show(
    text: str, score: Estimate, point: Estimate, width: int, verbose: bool
) -> None:
    horizon = HorizonResult(intercept=None, slope=None, at={"50": point, "9": point}, warnings=(text,))
    agent = make_agent(text, overall_score=score, success_rate=score, horizon=horizon, warnings=(text,))
    lines = result_lines(replace(make_result(agent), sources=(text,)), width=width, verbose=verbose)
    assert all(line.isprintable() and line == line.rstrip() for line in lines)
    assert lines[-1]
    assert ("", "") not in itertools.pairwise(lines)
