"""Results to show, by hand: no arithmetic of the protocol stands behind them, only its shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pytest_metr.types import (
    AgentResult,
    Bracket,
    BracketResult,
    CheckResult,
    Estimate,
    EvaluationProtocol,
    HorizonResult,
    Interval,
    ScoreResult,
    TaskResult,
)

BRACKETS = (
    Bracket(name="few_minutes", upper=4),
    Bracket(name="several_minutes", upper=15),
    Bracket(name="under_an_hour", upper=60),
    Bracket(name="few_hours", upper=240),
    Bracket(name="day_long", upper=960),
    Bracket(name="month_long", upper=math.inf),
)
PROTOCOL = EvaluationProtocol(name="plain", version="1", brackets=BRACKETS, sha256="0123456789abcdef" * 4)
MINUTES = (1.5, 3, 5, 8, 12, 20, 30, 50, 90, 150, 200, 400, 800)
#: What agents are called by people who do not mean well, and by people who do.
HOSTILE_NAMES = (
    "$\\frac{1}{0}$ $",
    "two\nlines\x1b[31m\x00",
    "a_name_of_an_agent_that_is_far_too_long_to_stand_beside_any_number_at_all_" * 2,
    "<script>alert('&')</script> | `x` --> @all",
    "通义千问 агент וכן",
    "\ud800 lone surrogate",
    "",
    "   ",
    "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMM",
    "_nolegend_",
    "e\u0301\u0301\u0301 \u202egnp.exe \U0001f916",
)


def estimate(value: float | None, low: float | None = None, high: float | None = None, **more: Any) -> Estimate:
    interval = None if low is None or high is None else Interval(low=low, high=high)
    return Estimate(**{"value": value, "interval": interval, "bounds": interval, **more})


def make_tasks(rates: Sequence[float], minutes: Sequence[float | None] = MINUTES) -> tuple[TaskResult, ...]:
    """Return tasks of these human minutes and success rates, four runs each, weights that sum to 1."""
    return tuple(
        TaskResult(
            task_id=f"family{number}/main",
            family=f"family{number}",
            human_minutes=length,
            bracket=PROTOCOL.bracket_of(length),
            runs=4,
            score=rate,
            success_rate=rate,
            weight=1 / len(rates),
        )
        for number, (length, rate) in enumerate(zip(minutes, rates, strict=True))
    )


def make_brackets(tasks: Sequence[TaskResult]) -> tuple[BracketResult, ...]:
    """Return what the brackets of such tasks would be, with an interval that is wide enough to be seen."""
    found = []
    for bracket in BRACKETS:
        rates = [task.success_rate for task in tasks if task.bracket == bracket.name]
        number = Estimate(value=None, problem="no_runs")
        if rates:
            mean = math.fsum(rates) / len(rates)
            number = estimate(mean, max(mean - 0.15, 0.0), min(mean + 0.2, 1.0))
        found.append(
            BracketResult(name=bracket.name, tasks=len(rates), runs=4 * len(rates), score=number, success_rate=number)
        )
    return tuple(found)


def make_agent(name: str = "gpt", *, p50: float = 20.0, slope: float = -0.5, **more: Any) -> AgentResult:
    """Return an agent whose curve has the horizon *p50*, and whose tasks lie close to it."""
    intercept = -slope * math.log2(p50)
    wobble = [0.12 * math.sin(3 * number) for number in range(len(MINUTES))]
    curve = [1 / (1 + math.exp(-(intercept + slope * math.log2(length)))) for length in MINUTES]
    tasks = make_tasks([round(4 * min(max(c + w, 0), 1)) / 4 for c, w in zip(curve, wobble, strict=True)])
    mean = math.fsum(task.success_rate for task in tasks) / len(tasks)
    p80 = 2 ** ((math.log(4) - intercept) / slope)
    horizon = HorizonResult(
        intercept=intercept,
        slope=slope,
        at={"50": estimate(p50, p50 / 4, p50 * 4), "80": estimate(p80, p80 / 20, p80 * 6)},
    )
    score = estimate(mean, mean - 0.1, mean + 0.1)
    fields: dict[str, Any] = {
        "agent": name,
        "runs": 4 * len(tasks),
        "tasks": len(tasks),
        "families": len(tasks),
        "zeros_by_rule": 0,
        "missing": 0,
        "overall_score": score,
        "success_rate": score,
        "horizon": horizon,
        "brackets": make_brackets(tasks),
        "task_results": tasks,
    }
    return AgentResult(**{**fields, **more})


def without_a_curve(name: str, rates: Sequence[float], problem: str, at: Estimate, **curve: Any) -> AgentResult:
    """Return an agent of degenerate data: *at* is its horizon at every percent."""
    tasks = make_tasks(rates)
    mean = math.fsum(rates) / len(rates)
    score = estimate(mean, mean, mean, bounds=Interval(low=max(mean - 0.2, 0), high=min(mean + 0.2, 1)))
    fields: dict[str, Any] = {"intercept": None, "slope": None, "problem": problem, **curve}
    horizon = HorizonResult(at={"50": replace(at, problem=problem), "80": replace(at, problem=problem)}, **fields)
    return make_agent(
        name,
        horizon=horizon,
        task_results=tasks,
        brackets=make_brackets(tasks),
        overall_score=score,
        success_rate=score,
    )


def all_failures(name: str = "fails") -> AgentResult:
    number = estimate(0.0, bounds=Interval(low=0, high=30), left_out=1000)
    return without_a_curve(name, [0.0] * len(MINUTES), "all_failures", number, intercept=0.0, slope=-math.inf)


def all_successes(name: str = "solves") -> AgentResult:
    number = estimate(math.inf, bounds=Interval(low=200, high=math.inf), left_out=1000)
    return without_a_curve(name, [1.0] * len(MINUTES), "all_successes", number)


def not_falling(name: str = "rises") -> AgentResult:
    rates = [0.25, 0.0, 0.25, 0.5, 0.25, 0.5, 0.25, 0.5, 0.5, 0.75, 0.5, 0.75, 0.75]
    return without_a_curve(name, rates, "not_falling", estimate(None), intercept=-1.0, slope=0.2)


def no_minutes(name: str = "timeless") -> AgentResult:
    tasks = make_tasks([0.0, 0.5, 1.0], [None, None, None])
    missing = Estimate(value=None, problem="no_human_minutes")
    horizon = HorizonResult(intercept=None, slope=None, at={"50": missing, "80": missing}, problem="no_human_minutes")
    return make_agent(name, tasks=3, runs=12, horizon=horizon, task_results=tasks, brackets=make_brackets(tasks))


def no_runs(name: str = "absent") -> AgentResult:
    missing = Estimate(value=None, problem="no_runs")
    horizon = HorizonResult(intercept=None, slope=None, at={"50": missing, "80": missing}, problem="no_runs")
    return make_agent(
        name,
        runs=0,
        tasks=0,
        families=0,
        missing=7,
        overall_score=missing,
        success_rate=missing,
        horizon=horizon,
        task_results=(),
        brackets=make_brackets(()),
    )


def degenerate() -> list[AgentResult]:
    """Return an agent of every kind that has no ordinary horizon."""
    return [all_failures(), all_successes(), not_falling(), no_minutes(), no_runs()]


def check(name: str, verdict: Any, sentence: str) -> CheckResult:
    return CheckResult(name=name, figure=None, bound=None, verdict=verdict, sentence=sentence)


def make_result(*agents: AgentResult, **protocol: Any) -> ScoreResult:
    return ScoreResult(protocol=replace(PROTOCOL, **protocol), agents=agents, sources=("runs.jsonl",))
