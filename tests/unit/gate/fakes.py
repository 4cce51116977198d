"""Rows of runs, gates, and a protocol whose arithmetic can be done in one's head."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

from hypothesis import HealthCheck, settings

from pytest_metr.gate import Gate, Rule, judge
from pytest_metr.types import (
    AgentResult,
    Bracket,
    BracketResult,
    CheckResult,
    CheckRule,
    Estimate,
    EvaluationProtocol,
    HorizonResult,
    Interval,
    RunRow,
    TaskResult,
    Verdict,
)

properties = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PROTOCOL = EvaluationProtocol(
    name="fake",
    version="1",
    brackets=(Bracket(name="under_an_hour", upper=60), Bracket(name="few_hours", upper=240)),
    checks=(CheckRule(name="canary"), CheckRule(name="same_versions")),
)
#: The distance of the ends of every interval of :func:`evaluate` from its middle.
REACH = 0.1


def row(task: str = "f/t", *, run: int = 1, score: float | None = 0.0, agent: str = "a", **more: Any) -> RunRow:
    values: dict[str, Any] = {
        "run_id": f"{agent}-{task}-{run}",
        "agent": agent,
        "task_id": task,
        "family": task.partition("/")[0],
        "status": "scored" if score is not None else "infra_error",
        "score": score,
        "success": None if score is None else score > 0.9,
        "human_minutes": 10.0,
        "run": run,
        "cause": None if score is not None else "sandbox",
    }
    return RunRow(**{**values, **more})


def staged_out(task: str, **more: Any) -> RunRow:
    return row(task, score=None, status="not_run", cause="staging", **more)


def estimate(
    value: float | None, low: float = math.nan, high: float = math.nan, problem: str | None = None
) -> Estimate:
    """Return an estimate with these bounds, and none without; its *interval* is a point, which no gate may go by."""
    if math.isnan(low) and math.isnan(high):
        return Estimate(value=value, problem=problem)
    point = Interval(low=value or 0.0, high=value or 0.0)
    return Estimate(value=value, interval=point, bounds=Interval(low=low, high=high), problem=problem)


def result(
    agent: str = "a",
    *,
    overall: Estimate | None = None,
    horizon: Estimate | None = None,
    bracket: Estimate | None = None,
    tasks: Mapping[str, int] | None = None,
) -> AgentResult:
    nothing = estimate(None, problem="no_runs")
    overall = overall or nothing
    return AgentResult(
        agent=agent,
        runs=sum((tasks or {}).values()),
        tasks=len(tasks or {}),
        families=1,
        zeros_by_rule=0,
        missing=0,
        overall_score=overall,
        success_rate=overall,
        horizon=HorizonResult(intercept=None, slope=None, at={"50": horizon or nothing, "80": nothing}),
        brackets=(
            BracketResult(name="under_an_hour", tasks=1, runs=1, score=bracket or nothing, success_rate=nothing),
        ),
        task_results=tuple(
            TaskResult(
                task_id=task,
                family="f",
                human_minutes=None,
                bracket=None,
                runs=runs,
                score=0,
                success_rate=0,
                weight=1,
            )
            for task, runs in (tasks or {}).items()
        ),
    )


def evaluate(rows: Sequence[RunRow], protocol: EvaluationProtocol) -> AgentResult:
    """The plain mean of all scores, give or take :data:`REACH`; a horizon of as many hours as the mean success."""
    counted = [r for r in rows if (r.has_score or r.zero_by_rule) and protocol.counts(r.split)]
    if not counted:
        return result(rows[0].agent)
    mean = fmean(r.score or 0.0 for r in counted)
    rate = fmean(float(r.success or False) for r in counted)
    return result(
        rows[0].agent,
        overall=estimate(mean, mean - REACH, mean + REACH),
        horizon=estimate(rate * 60, max(rate - REACH, 0) * 60, (rate + REACH) * 60),
    )


def no_checks(rows: Sequence[RunRow], of: AgentResult, protocol: EvaluationProtocol) -> tuple[CheckResult, ...]:
    return ()


@dataclass
class FakeChecks:
    """Checks whose answers are known, which remembers what it was asked about."""

    verdicts: Mapping[str, Literal["passed", "failed", "unknown"]]
    asked: list[str] = field(default_factory=list)

    def __call__(
        self, rows: Sequence[RunRow], of: AgentResult, protocol: EvaluationProtocol
    ) -> tuple[CheckResult, ...]:
        self.asked.append(of.agent)
        return tuple(
            CheckResult(name=name, figure=None, bound=None, verdict=verdict, sentence=f"this is {verdict}")
            for name, verdict in self.verdicts.items()
        )


def rule(
    metric: str = "overall_score",
    must_stay: Literal["below", "above"] = "below",
    threshold: float = 0.5,
    margin: float | None = None,
) -> Rule:
    none = 1.0 if metric.startswith("time_horizon") else 0.0
    return Rule(
        name="rule",
        metric=metric,
        must_stay=must_stay,
        threshold=threshold,
        margin=none if margin is None else margin,
    )


BELOW, ABOVE = rule(), rule(must_stay="above")


def gate(*rules: Rule, **more: Any) -> Gate:
    return replace(Gate(name="g", file="gate.yaml", rules=rules or (BELOW,)), **more)


def judged(given: Gate, rows: Sequence[RunRow], **more: Any) -> Verdict:
    """Return the verdict over rows of any number of agents, by the fake protocol unless *more* says otherwise."""
    by_agent: dict[str, list[RunRow]] = {}
    for each in rows:
        by_agent.setdefault(each.agent, []).append(each)
    arguments: dict[str, Any] = {"protocol": PROTOCOL, "evaluate": evaluate, "check": no_checks, **more}
    return judge(given, by_agent, **arguments)


def write(folder: Path, text: str, name: str = "gate.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
