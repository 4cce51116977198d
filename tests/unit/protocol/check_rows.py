"""Rows, results and protocols for tests of the checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_metr.protocol import CHECKS, run_checks
from pytest_metr.types import (
    AgentResult,
    CheckResult,
    CheckRule,
    Estimate,
    EvaluationProtocol,
    HorizonResult,
    Interval,
    RunRow,
)


def make_row(task: str = "family/task", score: float | None = 1.0, *, run: int = 1, **fields: Any) -> RunRow:
    """Return a run of an agent; without a score it ended in an infrastructure error, unless *fields* say otherwise."""
    known: dict[str, Any] = {
        "run_id": f"{task}.{run}".replace("/", "."),
        "agent": "agent",
        "task_id": task,
        "family": task.partition("/")[0],
        "status": "infra_error" if score is None else "scored",
        "cause": "sandbox" if score is None else None,
        "score": score,
        "success": None if score is None else score > 0.9,
        "human_minutes": 10.0,
        "run": run,
        "agent_kind": "command",
        "agent_identity": "a" * 64,
        "task_version": "1.0.0",
        "family_hash": "f" * 64,
        "image": "image",
    }
    return RunRow(**{**known, **fields})


def left_out(task: str, *, cause: str = "staging", **fields: Any) -> RunRow:
    """Return a run that a protocol's rule left out."""
    return make_row(task, None, status="not_run", cause=cause, image=None, **fields)


def make_result(low: float | None = 0.2, high: float = 0.6) -> AgentResult:
    """Return a result whose overall score has these bounds, none where *low* is None."""
    bounds = None if low is None else Interval(low=low, high=high)
    return AgentResult(
        agent="agent",
        runs=1,
        tasks=1,
        families=1,
        zeros_by_rule=0,
        missing=0,
        overall_score=Estimate(value=0.4, bounds=bounds),
        success_rate=Estimate(value=0.4),
        horizon=HorizonResult(intercept=None, slope=None),
    )


def check(
    name: str,
    rows: Sequence[RunRow],
    bound: float | None = None,
    *,
    others: Sequence[RunRow] = (),
    broken_families: int = 0,
    result: AgentResult | None = None,
    **protocol: Any,
) -> CheckResult:
    """Return what one check says."""
    asked = EvaluationProtocol(name="p", version="1", checks=(CheckRule(name=name, bound=bound),), **protocol)
    found = run_checks(rows, result or make_result(), asked, others=others, broken_families=broken_families)
    assert [(c.name, c.bound) for c in found] == [(name, bound)]
    assert name in CHECKS
    assert "\n" not in found[0].sentence
    return found[0]


def said(result: CheckResult) -> tuple[str, float | None, str]:
    """Return verdict, figure and sentence."""
    return result.verdict, result.figure, result.sentence
