"""The numbers of an agent, as the metrics of an evaluation of Inspect."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inspect_ai.log import EvalMetric, EvalResults, EvalSampleReductions, EvalSampleScore, EvalScore

from pytest_metr.inspect_log.clean import clean, number
from pytest_metr.inspect_log.sample import Run
from pytest_metr.inspect_log.scores import PASSED, SCORE


def eval_results(runs: Sequence[Run], said: Mapping[str, Any], problem: str | None, planned: int) -> EvalResults:
    """Return the results: what the session's protocol says, and plain means beside it.

    :param runs: those that are samples.
    :param said: the agent's result as the report has it; empty where there is none, for the reason in *problem*.
    :param planned: how many runs there were to be, those that were not run too.
    """
    scored = [run for run in runs if run.record.score is not None]
    values = [run.record.score for run in scored if run.record.score is not None]
    successes = [float(bool(run.record.passed)) for run in scored]
    horizons = said.get("horizon") or {}
    at = {f"horizon_p{percent}_minutes": estimate for percent, estimate in (horizons.get("at") or {}).items()}
    about = {key: value for key, value in said.items() if key not in ("overall_score", "success_rate", "task_results")}
    unscored = len(runs) - len(scored)
    return EvalResults(
        total_samples=planned,
        completed_samples=sum(run.record.settled for run in runs),
        scores=[
            EvalScore(
                name=SCORE,
                scorer=SCORE,
                metrics=_metrics({"overall_score": said.get("overall_score")}, values),
                metadata=clean({"problem": problem, **about}),
                scored_samples=len(scored),
                unscored_samples=unscored,
            ),
            EvalScore(
                name=PASSED,
                scorer=PASSED,
                metrics=_metrics({"success_rate": said.get("success_rate"), **at}, successes),
                scored_samples=len(scored),
                unscored_samples=unscored,
            ),
        ],
    )


def reductions(runs: Iterable[Run]) -> list[EvalSampleReductions]:
    """Return the mean of each task over its runs."""
    scores: dict[str, list[float]] = {}
    successes: dict[str, list[float]] = {}
    for run in runs:
        if run.record.score is not None:
            scores.setdefault(run.id, []).append(run.record.score)
            successes.setdefault(run.id, []).append(float(bool(run.record.passed)))
    return [
        EvalSampleReductions(
            scorer=name,
            reducer="mean",
            samples=[EvalSampleScore(value=_mean(each), sample_id=id) for id, each in values.items()],
        )
        for name, values in ((SCORE, scores), (PASSED, successes))
    ]


def _metrics(estimates: Mapping[str, Any], values: Sequence[float]) -> dict[str, EvalMetric]:
    """Return the metrics of one score. A number that does not exist is none; the report says why."""
    metrics = {}
    for name, estimate in estimates.items():
        value = number(estimate.get("value")) if isinstance(estimate, Mapping) else None
        if value is not None:
            metrics[name] = EvalMetric(name=name, value=value, metadata=clean(dict(estimate)))
    finite = [value for value in values if math.isfinite(value)]
    if finite:
        metrics["mean"] = EvalMetric(name="mean", value=_mean(finite), metadata={"runs": len(finite)})
    return metrics


def _mean(values: Sequence[float]) -> float:
    return math.fsum(value / len(values) for value in values)  # which the greatest floats do not overflow
